package dev.espalier.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.engine.Rewind.Target;
import dev.espalier.postgres.RunningServers;
import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.storage.Backend;
import dev.espalier.storage.Space;
import dev.espalier.storage.VolumeName;
import dev.espalier.testing.TestWait;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A disk that is nearly full takes no more copies, and one that fills up meanwhile keeps no half of one. */
@Tag("heavy")
class FullDiskTest {

    private static final VolumeName ORIGINAL = new VolumeName("original");
    private static final VolumeName OTHER = new VolumeName("other");
    private static final int MEBIBYTES = 600;

    private final InterruptedStore faults = new InterruptedStore();

    private TestEngine engine(Backend backend) throws Exception {
        TestDisk disk = backend == Backend.OVERLAY ? TestDisk.xfs(MEBIBYTES) : TestDisk.btrfs(MEBIBYTES);
        TestEngine test = new TestEngine(disk, backend, faults::around);
        test.initialise("original", TestEngine.MAJOR);
        test.start(ORIGINAL, Durability.DISPOSABLE);
        test.execute(ORIGINAL, "CREATE TABLE t AS SELECT 1 AS v");
        return test;
    }

    private static Path ballast(TestEngine test) {
        return test.layout.logs().resolve("ballast");
    }

    /** Writes until it is enough, or nothing fits any more. */
    private static void fill(TestEngine test, BooleanSupplier enough) throws IOException {
        byte[] block = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(ballast(test))) {
            while (!enough.getAsBoolean()) {
                out.write(block);
                out.flush();
                sync(test);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    /** Btrfs counts only what is on the disk. */
    private static void sync(TestEngine test) {
        TestDisk.run(List.of("sync", "--file-system", test.layout.logs().toString()));
    }

    private static void empty(TestEngine test) throws IOException {
        Files.delete(ballast(test));
        sync(test);
        TestWait.until("the room to be given back", () -> test.engine.space().used() < Engine.NEARLY_FULL);
    }

    @Test
    void noCopyIsMadeWhereNineTenthsAreUsed() throws Exception {
        try (TestEngine test = engine(Backend.BTRFS)) {
            VolumeName name = new VolumeName("snapshot");
            Snapshot snapshot = test.engine.snapshot(test.cluster(ORIGINAL), name);
            fill(test, () -> test.engine.space().used() >= Engine.FULL + 0.03);
            Cluster original = test.cluster(ORIGINAL);
            List<Runnable> refused = List.of(
                    () -> test.engine.initialise(OTHER, TestEngine.MAJOR),
                    () -> test.engine.fork(original, TestEngine.MAJOR, OTHER, Optional.empty()),
                    () -> test.engine.replicate(original, OTHER),
                    () -> test.engine.snapshot(original, OTHER),
                    () -> test.engine.rewind(original, snapshot, new Target.Time(snapshot.time()), OTHER));
            for (Runnable work : refused) {
                assertThatThrownBy(work::run)
                        .isInstanceOf(StorageFullException.class)
                        .hasMessageContaining("Delete branches");
            }
            assertThat(test.engine.volumes()).containsExactlyInAnyOrder(ORIGINAL, name);
            assertThat(test.query(ORIGINAL, "SELECT count(*) FROM t")).isEqualTo("1");
        }
    }

    @Test
    void noCopyIsBegunThatWouldLeaveNineTenthsUsed() throws Exception {
        try (TestEngine test = engine(Backend.COPY)) {
            VolumeName name = new VolumeName("snapshot");
            Snapshot snapshot = test.engine.snapshot(test.cluster(ORIGINAL), name);
            fill(test, () -> test.engine.space().used() >= Engine.FULL - 0.04);
            assertThat(test.engine.space().used()).isLessThan(Engine.FULL);
            Cluster original = test.cluster(ORIGINAL);
            faults.before("fork", () -> {
                throw new AssertionError("it has been begun");
            });
            List<Runnable> refused = List.of(
                    () -> test.engine.fork(original, TestEngine.MAJOR, OTHER, Optional.empty()),
                    () -> test.engine.replicate(original, OTHER),
                    () -> test.engine.snapshot(original, OTHER),
                    () -> test.engine.rewind(original, snapshot, new Target.Time(snapshot.time()), OTHER));
            for (Runnable work : refused) {
                assertThatThrownBy(work::run)
                        .isInstanceOf(StorageFullException.class)
                        .hasMessageMatching("a copy of \\w+ takes \\d+ MiB, of \\d+ MiB that are left, .*"
                                + "Delete branches, .* copies share blocks: .*");
            }
            faults.never();
            assertThat(test.engine.volumes()).containsExactlyInAnyOrder(ORIGINAL, name);
            empty(test);
            test.engine.replicate(original, OTHER);
        }
    }

    @Test
    void copiesThatFitOnlyOneByOneAreNotMadeTogether() throws Exception {
        try (TestEngine test = engine(Backend.COPY)) {
            Cluster original = test.cluster(ORIGINAL);
            long size = test.engine.exclusiveBytes(Set.of(ORIGINAL));
            fill(test, () -> {
                Space space = test.engine.space();
                return space.freeBytes() - space.totalBytes() * (1 - Engine.FULL) < 1.6 * size;
            });
            VolumeName second = new VolumeName("second");
            faults.before("fork", () -> {
                faults.never();
                assertThatThrownBy(() -> test.engine.replicate(original, second))
                        .isInstanceOf(StorageFullException.class);
            });
            test.engine.replicate(original, OTHER);
            assertThat(test.engine.volumes()).containsExactlyInAnyOrder(ORIGINAL, OTHER);
        }
    }

    @Test
    void aDiskThatFillsUpUnderACopyCountsAsFull() throws Exception {
        try (TestEngine test = engine(Backend.COPY)) {
            faults.before("fork", () -> fill(test, () -> false));
            assertThatThrownBy(() -> test.engine.snapshot(test.cluster(ORIGINAL), OTHER))
                    .isInstanceOf(StorageFullException.class)
                    .hasMessageContaining("No space left on device. Delete branches");
        }
    }

    @Test
    void aDiskThatFillsUpUnderARewindCountsAsFullWhoeverIsToldOfIt() throws Exception {
        try (TestEngine test = engine(Backend.BTRFS)) {
            VolumeName name = new VolumeName("snapshot");
            Snapshot snapshot = test.engine.snapshot(test.cluster(ORIGINAL), name);
            Cluster original = test.cluster(ORIGINAL);
            faults.before("open", () -> {
                faults.never();
                fill(test, () -> false);
                try {
                    Files.write(ballast(test), new byte[1 << 20], StandardOpenOption.APPEND);
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot write", e);
                }
            });
            assertThatThrownBy(() -> test.engine.rewind(original, snapshot, new Target.Time(snapshot.time()), OTHER))
                    .isInstanceOf(StorageFullException.class)
                    .hasMessageContainingAll("no room for the copy", "No space left on device", "Delete branches");
            assertThat(test.engine.volumes()).containsExactlyInAnyOrder(ORIGINAL, name);
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void aCopyThatFillsTheDiskLeavesNothing(Backend backend) throws Exception {
        try (TestEngine test = engine(backend)) {
            faults.before("fork", () -> fill(test, () -> false));
            assertThatThrownBy(() -> {
                        test.engine.fork(test.cluster(ORIGINAL), TestEngine.MAJOR, OTHER, Optional.empty());
                        test.startCopy(OTHER, Optional.empty());
                    })
                    .isInstanceOf(RuntimeException.class);
            faults.never();
            test.drop(OTHER);
            assertIsAsBefore(test);
        }
    }

    @Test
    void anInitialisationThatFillsTheDiskLeavesNothing() throws Exception {
        try (TestEngine test = engine(Backend.BTRFS)) {
            faults.before("create", () -> fill(test, () -> false));
            assertThatThrownBy(() -> test.engine.initialise(OTHER, TestEngine.MAJOR))
                    .isInstanceOf(RuntimeException.class);
            faults.never();
            assertIsAsBefore(test);
        }
    }

    private static void assertIsAsBefore(TestEngine test) throws Exception {
        assertThat(test.engine.volumes()).containsExactly(ORIGINAL);
        assertThat(Trees.children(test.layout.archives())).containsExactly(test.layout.archive(ORIGINAL));
        assertThat(RunningServers.on(test.layout.volumes())).hasSameSizeAs(test.engine.running());
        empty(test);
        // PostgreSQL itself ends where it cannot write its log.
        test.crash(ORIGINAL);
        test.stop(ORIGINAL);
        test.start(ORIGINAL, Durability.DISPOSABLE);
        test.engine.fork(test.cluster(ORIGINAL), TestEngine.MAJOR, OTHER, Optional.empty());
        test.startCopy(OTHER, Optional.empty());
        assertThat(test.query(OTHER, "SELECT count(*) FROM t")).isEqualTo("1");
    }
}
