package dev.espalier.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.postgres.PostgresException;
import dev.espalier.postgres.RunningServers;
import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.storage.Backend;
import dev.espalier.storage.StorageException;
import dev.espalier.storage.VolumeName;
import dev.espalier.testing.TestWait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What may happen while a copy is made, and what must not come of it. */
class CopyFaultsTest {

    private static final VolumeName COPY = new VolumeName("copy");
    private static final String COUNT = "SELECT count(*) FROM t";

    private final InterruptedStore faults = new InterruptedStore();

    /** An engine with a running cluster that has a table {@code t} of one row. */
    private TestEngine engine(Backend backend) throws SQLException {
        TestEngine test = new TestEngine(TestDisk.of(backend), backend, faults::around);
        try {
            VolumeName original = test.initialise("original", TestEngine.MAJOR);
            test.start(original, Durability.DISPOSABLE);
            test.execute(original, "CREATE TABLE t AS SELECT 1 AS v");
            return test;
        } catch (SQLException | RuntimeException e) {
            test.close();
            throw e;
        }
    }

    private static VolumeName original() {
        return new VolumeName("original");
    }

    private static void fork(TestEngine test) {
        test.engine.fork(test.cluster(original()), TestEngine.MAJOR, COPY, Optional.empty());
    }

    @Test
    void theLogThatACopyNeedsOutlivesTheCheckpointsMeanwhile() throws SQLException {
        try (TestEngine test = engine(Backend.COPY)) {
            faults.before("copyDirectory", () -> {
                for (int i = 0; i < 3; i++) {
                    test.execute(original(), "INSERT INTO t VALUES (2)", "SELECT pg_switch_wal()", "CHECKPOINT");
                }
            });
            fork(test);
            test.startCopy(COPY, Optional.empty());
            assertThat(test.query(COPY, COUNT)).isIn("1", "4");
            assertThat(test.query(original(), "SELECT count(*) FROM pg_replication_slots"))
                    .isEqualTo("0");
        }
    }

    /** Each takes a replication slot for as long as it lasts, of which PostgreSQL has a fixed number. */
    @Test
    void moreCopiesOfOneServerThanItHasSlotsForWaitForEachOther() throws Exception {
        try (TestEngine test = engine(Backend.COPY);
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            int copies = 18;
            List<Future<?>> work = new ArrayList<>();
            for (int i = 0; i < copies; i++) {
                VolumeName copy = new VolumeName("copy-" + i);
                work.add(executor.submit(
                        () -> test.engine.fork(test.cluster(original()), TestEngine.MAJOR, copy, Optional.empty())));
            }
            for (Future<?> each : work) {
                each.get();
            }
            assertThat(test.engine.volumes()).hasSize(1 + copies);
        }
    }

    @Test
    void aChangeIsSeenAlsoWhileItsLogIsBeingRemoved() throws SQLException, IOException {
        try (TestEngine test = engine(Backend.OVERLAY)) {
            fork(test);
            test.drop(COPY);
            Path log = test.store.open(original()).resolve("pg_wal");
            String changed = test.query(original(), "SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
            test.execute(original(), "INSERT INTO t VALUES (2)", "SELECT pg_switch_wal()");
            // Checkpoints remove segments in the order of the directory, so that one in the middle may go first.
            Files.delete(log.resolve(changed));
            fork(test);
            test.startCopy(COPY, Optional.empty());
            assertThat(test.query(COPY, COUNT)).isEqualTo("2");
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void aCommitThatDidNotWaitForTheDiskIsInTheCopyToo(Backend backend) throws SQLException {
        try (TestEngine test = engine(backend)) {
            fork(test);
            test.drop(COPY);
            test.stop(original());
            test.start(new ComputeSpec(
                    "original",
                    original(),
                    TestEngine.MAJOR,
                    Durability.DURABLE,
                    0.5,
                    0.5,
                    Map.of("wal_writer_delay", "10s"),
                    List.of(),
                    Optional.empty()));
            test.execute(original(), "SET synchronous_commit = off", "INSERT INTO t VALUES (2)");
            fork(test);
            test.startCopy(COPY, Optional.empty());
            assertThat(test.query(COPY, COUNT)).isEqualTo("2");
        }
    }

    @Test
    void aBaseIsNotSweptAwayWhileItIsBeingMade() throws SQLException {
        try (TestEngine test = engine(Backend.OVERLAY)) {
            faults.before("freeze", () -> test.engine.sweep());
            fork(test);
            test.startCopy(COPY, Optional.empty());
            assertThat(test.query(COPY, COUNT)).isEqualTo("1");
        }
    }

    @Test
    void aBaseGoesWithItsArchiveOnceNothingNeedsIt() throws SQLException {
        try (TestEngine test = engine(Backend.OVERLAY)) {
            fork(test);
            test.execute(original(), "INSERT INTO t VALUES (2)");
            test.engine.sweep();
            assertThat(test.engine.volumes()).hasSize(3);
            test.engine.delete(COPY);
            fork(test);
            test.engine.sweep();
            assertThat(test.engine.volumes()).hasSize(3);
            assertThat(Trees.children(test.layout.archives())).containsExactly(test.layout.archive(original()));
        }
    }

    @Test
    void whatOthersReadFromGoesAfterThemAlsoWhenEspalierHasStartedAnewMeanwhile() throws SQLException {
        try (TestEngine test = engine(Backend.OVERLAY)) {
            VolumeName snapshot = new VolumeName("snapshot");
            Snapshot taken = test.engine.snapshot(test.cluster(original()), snapshot);
            test.engine.rewind(test.cluster(original()), taken, new Rewind.Target.Time(taken.time()), COPY);
            test.engine.deleteWhenUnused(snapshot);
            assertThat(test.engine.volumes()).contains(snapshot);
            test.crash(original());

            Engine next = test.restarted();
            next.cleanUp(Set.of(original(), COPY), Set.of(original().value()));
            assertThat(next.volumes()).contains(snapshot);
            next.delete(COPY);
            next.sweep();
            assertThat(next.volumes()).containsExactly(original());
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void aCopyThatFailsLeavesNothingAndTheOriginalUnharmed(Backend backend) throws SQLException {
        try (TestEngine test = engine(backend)) {
            faults.before("copyDirectory", () -> {
                throw new StorageException("the disk is gone", "Bring it back");
            });
            assertThatThrownBy(() -> fork(test)).isInstanceOf(StorageException.class);
            assertLeft(test, original());
            faults.never();
            fork(test);
            test.startCopy(COPY, Optional.empty());
            assertThat(test.query(COPY, COUNT)).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void aCopyThatCannotStartSaysWhyAndLeavesNothing(Backend backend) throws SQLException, IOException {
        try (TestEngine test = engine(backend)) {
            test.stop(original());
            // Any byte that the fields before do not use: only the checksum is wrong.
            Path control = test.store.open(original()).resolve("global/pg_control");
            byte[] bytes = Files.readAllBytes(control);
            bytes[100] ^= 1;
            Files.write(control, bytes);
            assertThatThrownBy(() -> {
                        fork(test);
                        test.startCopy(COPY, Optional.empty());
                    })
                    .isInstanceOf(PostgresException.class)
                    .hasMessageContaining("incorrect checksum in control file");
            assertThat(Trees.children(test.layout.runs())).isEmpty();
            test.engine.delete(COPY);
            assertLeft(test, original());
        }
    }

    private static void assertLeft(TestEngine test, VolumeName... volumes) {
        assertThat(test.engine.volumes()).containsExactlyInAnyOrder(volumes);
        assertThat(Trees.children(test.layout.archives())).hasSize(volumes.length);
        for (Path run : Trees.children(test.layout.runs())) {
            assertThat(test.engine.running()).contains(run.getFileName().toString());
        }
        assertThat(RunningServers.on(test.layout.volumes())).hasSameSizeAs(test.engine.running());
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void aReplicaFollowsItsPrimary(Backend backend) throws SQLException {
        try (TestEngine test = engine(backend)) {
            test.engine.replicate(test.cluster(original()), COPY);
            test.start(new ComputeSpec(
                    "copy",
                    COPY,
                    TestEngine.MAJOR,
                    Durability.DISPOSABLE,
                    0.5,
                    0.5,
                    Map.of(),
                    List.of(),
                    Optional.of(new ComputeSpec.Primary("original", original(), 0.5))));
            test.execute(original(), "INSERT INTO t VALUES (2)");
            TestWait.until(
                    "the replica to follow", () -> test.query(COPY, COUNT).equals("2"));
            try (Connection session = test.connect(COPY);
                    var statement = session.createStatement()) {
                assertThatThrownBy(() -> statement.execute("INSERT INTO t VALUES (3)"))
                        .hasMessageContaining("read-only");
            }
        }
    }
}
