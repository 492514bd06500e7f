package dev.espalier.storage;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OverlayStoreTest extends VolumeStoreContract {

    @Override
    TestDisk newDisk() {
        return TestDisk.xfs(1024);
    }

    @Override
    VolumeStore open(Volumes volumes) {
        return new OverlayStore(volumes);
    }

    /**
     * Random changes through the overlay, then its resolved clone must look like the merged view that the kernel shows. The
     * kernel is the oracle for whiteouts, opaque directories and copied-up files.
     */
    @Test
    void forkOfAnOverlayIsWhatTheKernelShows() throws IOException {
        long seed = Long.getLong("espalier.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 12; round++) {
            VolumeName base = new VolumeName("base" + round);
            VolumeName overlay = new VolumeName("overlay" + round);
            VolumeName resolved = new VolumeName("resolved" + round);
            new RandomChanges(random, store.create(base)).make(60);
            store.freeze(base);
            Path merged = store.fork(base, overlay, round % 3 == 0 ? Set.of("a", "b") : Set.of());
            new RandomChanges(random, merged).make(60);

            Path copy = store.fork(overlay, resolved, Set.of());

            assertThat(Tree.describe(copy))
                    .as("-Despalier.seed=%d, round %d", seed, round)
                    .isEqualTo(Tree.describe(merged));
            assertThat(TestDisk.mountsBelow(copy)).isEmpty();
        }
    }

    @Test
    void forkOfAFrozenVolumeIsAMountAndSharesEveryFile() throws IOException {
        fillLikeADataDirectory(store.create(A));
        store.freeze(A);

        Path b = store.fork(A, B, Set.of());

        assertThat(TestDisk.mountsBelow(b)).containsExactly(b);
        assertThat(store.exclusiveBytes(Set.of(B))).isZero();
        try (var file = Files.newByteChannel(b.resolve("base/1/16384"), StandardOpenOption.WRITE)) {
            assertThat(file.size()).isEqualTo(3 * MIB);
        }
        // Opened for writing, so the whole file is now in the upper layer: as a clone.
        assertThat(root.resolve(".layers/b/upper/base/1/16384")).hasSize(3 * MIB);
        assertThat(store.exclusiveBytes(Set.of(B))).isLessThan(MIB / 4);
    }

    @Test
    void mountsAgainAfterAReboot() throws IOException {
        fillLikeADataDirectory(store.create(A));
        store.freeze(A);
        Path b = store.fork(A, B, Set.of());
        Files.writeString(b.resolve("PG_VERSION"), "99");
        Linux.umount2(b, 0);
        assertThat(b).isEmptyDirectory();

        VolumeStore again = reopened();

        assertThat(again.isUsedByForks(A)).isTrue();
        assertThat(again.open(B).resolve("PG_VERSION")).hasContent("99");
        assertThat(again.open(B).resolve("base/1/16384")).hasSize(3 * MIB);
        assertThat(TestDisk.mountsBelow(b)).hasSize(1);
    }

    @Test
    void refusesToDeleteAVolumeThatAForkStillReads() throws IOException {
        Files.writeString(store.create(A).resolve("file"), "a");
        store.freeze(A);
        store.fork(A, B, Set.of());

        assertThat(store.isUsedByForks(A)).isTrue();
        assertThatThrownBy(() -> store.delete(A))
                .isInstanceOf(StorageException.class)
                .hasMessage("the volume a cannot be deleted: forks of it still read its files. Delete its forks first");
        assertThat(store.open(B).resolve("file")).hasContent("a");

        store.delete(B);
        store.delete(A);
        assertThat(store.list()).isEmpty();
    }

    @Test
    void aForkThatACrashHasLeftUnfinishedDoesNotHoldItsSource() throws IOException {
        store.create(A);
        store.freeze(A);
        // Layers of a fork whose mount point a loss of power has taken, and layers that lack their link.
        store.fork(A, B, Set.of());
        Linux.umount2(root.resolve("b"), 0);
        Files.delete(root.resolve("b"));
        Files.createDirectories(root.resolve(".layers/c/upper"));

        VolumeStore again = reopened();

        assertThat(again.list()).containsExactly(A);
        assertThat(again.isUsedByForks(A)).isFalse();
        assertThat(root.resolve(".layers")).isEmptyDirectory();
    }

    @Test
    void refusesLayersOnTwoFileSystems() throws IOException {
        Path a = store.create(A);
        store.freeze(A);
        Command.run("", "mount", "-t", "tmpfs", "tmpfs", a.toString());
        try {
            assertThatThrownBy(() -> store.fork(A, B, Set.of()))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("lie on different file systems")
                    .hasMessageContaining("copied whole");
            assertThat(store.list()).containsExactly(A);
            assertThat(root.resolve(".layers")).isEmptyDirectory();
        } finally {
            Linux.umount2(a, 0);
        }
    }

    @Test
    void copiesADirectoryIntoAnOverlay() throws IOException {
        fillLikeADataDirectory(store.create(A));
        store.freeze(A);
        Path b = store.fork(A, B, Set.of());
        Files.writeString(b.resolve("pg_wal/new"), "b");
        Path c = store.fork(A, C, Set.of());

        store.copyDirectory(B, "pg_wal", C);

        assertThat(Tree.describe(c.resolve("pg_wal"))).isEqualTo(Tree.describe(b.resolve("pg_wal")));
        assertThat(Tree.describe(store.fork(C, new VolumeName("d"), Set.of()))).isEqualTo(Tree.describe(c));
    }

    @Test
    void understandsWhiteoutsThatAreAttributes() throws IOException {
        Files.writeString(store.create(A).resolve("gone"), "a");
        store.freeze(A);
        store.fork(A, B, Set.of());
        Linux.umount2(root.resolve("b"), 0);
        Path upper = root.resolve(".layers/b/upper");
        Path gone = Files.createFile(upper.resolve("gone"));
        NativeCall setxattr = new NativeCall("setxattr", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT);
        assertThat(setxattr.call(Linux.bytes(gone), "trusted.overlay.whiteout", "y", 1L, 0))
                .isZero();
        assertThat(setxattr.call(Linux.bytes(upper), "trusted.overlay.opaque", "x", 1L, 0))
                .isZero();

        assertThat(store.fork(B, C, Set.of())).isEmptyDirectory();
    }
}
