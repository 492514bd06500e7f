package dev.espalier.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.espalier.engine.Rewind.Target;
import dev.espalier.postgres.Lsn;
import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.storage.Backend;
import dev.espalier.storage.VolumeName;
import dev.espalier.testing.TestWait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The edges of what can be reached: the first moment, the last, and all that lies between two records. */
@ParameterizedClass
@EnumSource(
        mode = EnumSource.Mode.INCLUDE,
        names = {"BTRFS", "COPY"})
class RewindTest {

    private static final VolumeName COPY = new VolumeName("copy");
    private static final VolumeName SNAPSHOT = new VolumeName("snapshot");
    private static final String COUNT = "SELECT count(*) FROM t";
    private static final String POSITION = "SELECT pg_current_wal_insert_lsn()::text";

    private final VolumeName original = new VolumeName("original");
    private final TestEngine test;

    RewindTest(Backend backend) {
        test = new TestEngine(backend);
    }

    @BeforeEach
    void start() throws SQLException {
        test.initialise(original.value(), TestEngine.MAJOR);
        test.start(original, Durability.DURABLE);
        test.execute(original, "CREATE TABLE t (v int)");
    }

    @AfterEach
    void close() {
        test.close();
    }

    private Snapshot snapshot() {
        return test.engine.snapshot(test.cluster(original), SNAPSHOT);
    }

    private Lsn insert(String values) throws SQLException {
        test.execute(original, "INSERT INTO t VALUES " + values);
        return position();
    }

    private Lsn position() throws SQLException {
        return Lsn.parse(test.query(original, POSITION));
    }

    /** How many rows there are after a rewind. */
    private String rowsAt(Snapshot snapshot, Target target) throws SQLException {
        Recovery recovery = test.engine.rewind(test.cluster(original), snapshot, target, COPY);
        test.startCopy(COPY, Optional.of(recovery));
        String rows = test.query(COPY, COUNT);
        test.drop(COPY);
        return rows;
    }

    @Test
    void theFirstAndTheLastPositionOfAnIdleClusterCanBeReached() throws SQLException {
        insert("(1)");
        Snapshot snapshot = snapshot();
        assertThat(rowsAt(snapshot, new Target.Position(snapshot.lsn()))).isEqualTo("1");
        assertThat(rowsAt(snapshot, new Target.Time(snapshot.time()))).isEqualTo("1");
        Lsn last = insert("(2)");
        assertThat(rowsAt(snapshot, new Target.Position(last))).isEqualTo("2");
        assertThat(rowsAt(snapshot, new Target.Time(Instant.now()))).isEqualTo("2");
        assertThat(rowsAt(snapshot, new Target.Position(snapshot.lsn()))).isEqualTo("1");
    }

    @Test
    void everyPositionWithinTheLastRecordsCanBeReached() throws SQLException {
        Snapshot snapshot = snapshot();
        Lsn before = position();
        Lsn end = insert("(1)");
        test.stop(original);
        Lsn stopped = test.engine.endOfLog(original);
        assertThat(rowsAt(snapshot, new Target.Position(before))).isEqualTo("0");
        for (Lsn lsn : List.of(end, end.plus(1), stopped.plus(-1), stopped.plus(-8), stopped.plus(-60), stopped)) {
            assertThat(rowsAt(snapshot, new Target.Position(lsn)))
                    .as(lsn.toString())
                    .isEqualTo("1");
        }
    }

    @Test
    void aPositionThatIsNotYetOnTheDiskCanBeReached() throws SQLException {
        Snapshot snapshot = snapshot();
        try (Connection session = test.connect(original);
                var statement = session.createStatement()) {
            session.setAutoCommit(false);
            statement.execute("INSERT INTO t VALUES (1)");
            Lsn lsn = Lsn.parse(TestEngine.query(session, POSITION));
            assertThat(rowsAt(snapshot, new Target.Position(lsn))).isEqualTo("0");
        }
    }

    @Test
    void aPositionThatWasNeverWrittenIsRefusedAndLeavesNothing() throws SQLException {
        Snapshot snapshot = snapshot();
        Lsn far = position().plus(100_000_000);
        assertThatThrownBy(() -> test.engine.rewind(test.cluster(original), snapshot, new Target.Position(far), COPY))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("has not been written yet");
        assertThat(test.engine.volumes()).doesNotContain(COPY);
        assertThat(Trees.children(test.layout.archives()))
                .noneMatch(path -> path.toString().contains("copy"));
    }

    /** PostgreSQL takes a segment that it is not given for the end of the log. */
    @Test
    void aSegmentThatCannotBeCopiedAtTheStartIsNotTakenForTheEndOfTheLog() throws SQLException, IOException {
        Snapshot snapshot = snapshot();
        insert("(1)");
        test.execute(original, "SELECT pg_switch_wal()");
        String last = test.query(original, "SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
        insert("(2)");
        test.execute(original, "SELECT pg_switch_wal()");
        Path archived = test.layout.archive(original).resolve(last);
        TestWait.until("the segment to be archived", () -> Files.exists(archived));
        Recovery recovery = test.engine.rewind(test.cluster(original), snapshot, new Target.Time(Instant.now()), COPY);
        Set<PosixFilePermission> readable = Files.getPosixFilePermissions(archived);
        Files.setPosixFilePermissions(archived, Set.of());
        assertThatThrownBy(() -> test.startCopy(COPY, Optional.of(recovery)))
                .hasMessageContaining("recovery ended before configured recovery target was reached");
        Files.setPosixFilePermissions(archived, readable);
        test.drop(COPY);
        assertThat(rowsAt(snapshot, new Target.Time(Instant.now()))).isEqualTo("2");
    }

    /** Nobody is given an older state for the one that was asked for. */
    @Test
    void whatLiesBeyondAHoleInTheLogIsRefusedWithTheLastMomentBeforeIt() throws SQLException, IOException {
        Snapshot snapshot = snapshot();
        insert("(1)");
        Instant one = Instant.now();
        insert("(2)");
        test.execute(original, "SELECT pg_switch_wal()");
        insert("(3)");
        String hole = test.query(original, "SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
        test.execute(original, "SELECT pg_switch_wal()");
        Lsn beyondIt = insert("(4)");
        test.execute(original, "SELECT pg_switch_wal()", "CHECKPOINT");
        Path archived = test.layout.archive(original).resolve(hole);
        TestWait.until("the segment to be archived", () -> Files.exists(archived));
        Files.delete(archived);
        Files.deleteIfExists(test.store.open(original).resolve("pg_wal").resolve(hole));

        for (boolean runs : List.of(true, false)) {
            if (!runs) {
                test.stop(original);
            }
            assertThat(rowsAt(snapshot, new Target.Time(one))).isEqualTo("1");
            for (Target beyond : List.of(new Target.Time(Instant.now()), new Target.Position(beyondIt))) {
                assertThatThrownBy(() -> test.engine.rewind(test.cluster(original), snapshot, beyond, COPY))
                        .isInstanceOf(EngineException.class)
                        .hasMessageContaining("has a hole at")
                        .hasMessageContaining(
                                "The last moment before it is " + one.toString().substring(0, 13));
                assertThat(test.engine.volumes()).doesNotContain(COPY);
            }
        }
    }

    @Test
    void aStoppedAndACrashedClusterKeepTheirHistory() throws SQLException {
        test.stop(original);
        Snapshot snapshot = snapshot();
        assertThat(rowsAt(snapshot, new Target.Position(snapshot.lsn()))).isEqualTo("0");
        test.start(original, Durability.DURABLE);
        Lsn first = insert("(1)");
        Instant between = Instant.now();
        insert("(2)");
        test.crash(original);
        assertThat(rowsAt(snapshot, new Target.Position(first))).isEqualTo("1");
        assertThat(rowsAt(snapshot, new Target.Time(between))).isEqualTo("1");
        assertThat(rowsAt(snapshot, new Target.Time(Instant.now()))).isEqualTo("2");
        test.start(original, Durability.DURABLE);
        insert("(3)");
        assertThat(rowsAt(snapshot, new Target.Time(between))).isEqualTo("1");
        assertThat(rowsAt(snapshot, new Target.Time(Instant.now()))).isEqualTo("3");
    }

    @Test
    void aRewoundClusterHasAHistoryOfItsOwn() throws SQLException {
        Snapshot snapshot = snapshot();
        insert("(1)");
        Instant one = Instant.now();
        insert("(2)");
        VolumeName again = new VolumeName("again");
        test.startCopy(
                again, Optional.of(test.engine.rewind(test.cluster(original), snapshot, new Target.Time(one), again)));
        Snapshot second = test.engine.snapshot(test.cluster(again), new VolumeName("second"));
        test.execute(again, "INSERT INTO t VALUES (10)", "SELECT pg_switch_wal()", "CHECKPOINT");
        Instant ten = Instant.now();
        test.execute(again, "INSERT INTO t VALUES (11)");
        List<String> found = new ArrayList<>();
        for (Target target :
                List.of(new Target.Position(second.lsn()), new Target.Time(ten), new Target.Time(Instant.now()))) {
            Recovery recovery = test.engine.rewind(test.cluster(again), second, target, COPY);
            test.startCopy(COPY, Optional.of(recovery));
            found.add(test.query(COPY, "SELECT string_agg(v::text, ' ' ORDER BY v) FROM t"));
            test.drop(COPY);
        }
        assertThat(found).containsExactly("1", "1 10", "1 10 11");
        assertThat(test.query(original, COUNT)).isEqualTo("2");
    }

    /** Starts a fork, as branches are started, and returns where its own history begins. */
    private Lsn startFork(VolumeName fork, boolean renewPasswords) {
        ComputeSpec spec = TestEngine.spec(fork, TestEngine.MAJOR, Durability.DURABLE, List.of());
        Lsn detached = test.engine.startCopy(spec, Optional.empty(), List.of(), "app", renewPasswords);
        test.engine.open(spec.id());
        return detached;
    }

    /** Neither what works in its name nor what its users sign in with. */
    @Test
    void nothingOfItsOriginalsIsReachedAtTheBeginningOfAFork() throws SQLException {
        assumeTrue(test.engine.makesOrigins(), "here a fork's first snapshot is taken of the fork itself");
        String passwords = "SELECT string_agg(rolpassword, ' ') FROM pg_authid";
        test.execute(
                original,
                "CREATE ROLE r LOGIN PASSWORD 'secret'",
                "CREATE SUBSCRIPTION s CONNECTION 'host=/nowhere' PUBLICATION p WITH (connect = false)");
        VolumeName origin = new VolumeName("origin");
        VolumeName fork = new VolumeName("again");
        test.engine.fork(test.cluster(original), TestEngine.MAJOR, fork, Optional.of(origin));
        Lsn detached = startFork(fork, true);
        Snapshot beginning = test.engine.origin(origin, fork, Instant.now(), detached);
        test.execute(fork, "CREATE SUBSCRIPTION own CONNECTION 'host=/nowhere' PUBLICATION p WITH (connect = false)");

        for (Target target : List.of(new Target.Position(beginning.lsn()), new Target.Time(beginning.time()))) {
            Recovery recovery = test.engine.rewind(test.cluster(fork), beginning, target, COPY);
            test.engine.startRewound(
                    TestEngine.spec(COPY, TestEngine.MAJOR, Durability.DISPOSABLE, List.of()), Optional.of(recovery));
            assertThat(test.query(COPY, "SELECT count(*) FROM pg_subscription")).isEqualTo("0");
            assertThat(test.query(COPY, passwords))
                    .isEqualTo(test.query(fork, passwords))
                    .isNotEqualTo(test.query(original, passwords));
            test.drop(COPY);
        }
    }

    @Test
    void aForkCanBeRewoundToItsBeginning() throws SQLException {
        VolumeName origin = new VolumeName("origin");
        VolumeName fork = new VolumeName("again");
        insert("(1)");
        try (Connection session = test.connect(original);
                var statement = session.createStatement()) {
            session.setAutoCommit(false);
            statement.execute("INSERT INTO t VALUES (2)");
            test.engine.fork(test.cluster(original), TestEngine.MAJOR, fork, Optional.of(origin));
        }
        assumeTrue(test.engine.makesOrigins(), "here a fork's first snapshot is taken of the fork itself");
        Lsn detached = startFork(fork, false);
        Instant forked = Instant.now();
        Snapshot beginning = test.engine.origin(origin, fork, forked, detached);
        for (int value = 10; value < 14; value++) {
            test.execute(fork, "INSERT INTO t VALUES (" + value + ")", "SELECT pg_switch_wal()", "CHECKPOINT");
        }
        List<String> found = new ArrayList<>();
        for (Target target : List.of(
                new Target.Position(beginning.lsn()), new Target.Time(forked), new Target.Time(Instant.now()))) {
            Recovery recovery = test.engine.rewind(test.cluster(fork), beginning, target, COPY);
            test.startCopy(COPY, Optional.of(recovery));
            found.add(test.query(COPY, "SELECT string_agg(v::text, ' ' ORDER BY v) FROM t"));
            test.drop(COPY);
        }
        assertThat(found).containsExactly("1", "1", "1 10 11 12 13");
    }
}
