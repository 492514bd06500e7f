package dev.espalier.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** On a full disk an operation fails with a clear message and leaves nothing half-made, and deleting still works. */
class FullDiskTest {

    private static final VolumeName A = new VolumeName("a");
    private static final VolumeName B = new VolumeName("b");
    private static final String FULL =
            "No space left on device. Delete branches or snapshots, or give the disk more room";
    private static final int MIB = 1 << 20;

    @Test
    void aCopyThatDoesNotFitLeavesNothing() throws IOException {
        try (TestDisk disk = TestDisk.ext4(32)) {
            VolumeStore store = TreeStore.copying(volumes(disk));
            Path a = store.create(A);
            for (int i = 0; i < 16; i++) {
                Files.write(a.resolve("file" + i), new byte[MIB]);
            }

            refusesForWantOfSpace(() -> store.fork(A, B, Set.of()));

            assertThat(store.list()).containsExactly(A);
            store.delete(A);
            assertThat(store.list()).isEmpty();
        }
    }

    @Test
    void aDirectoryThatDoesNotFitLeavesTheOldOne() throws IOException {
        try (TestDisk disk = TestDisk.ext4(32)) {
            VolumeStore store = TreeStore.copying(volumes(disk));
            Path wal = Files.createDirectory(store.create(A).resolve("pg_wal"));
            Files.write(wal.resolve("segment"), new byte[16 * MIB]);
            Path old = Files.createDirectory(store.create(B).resolve("pg_wal"));
            Files.writeString(old.resolve("old"), "old");
            Map<String, String> before = Tree.describe(old);

            refusesForWantOfSpace(() -> store.copyDirectory(A, "pg_wal", B));

            assertThat(Tree.describe(store.open(B)).keySet()).containsExactly("", "pg_wal", "pg_wal/old");
            assertThat(Tree.describe(old)).isEqualTo(before);
        }
    }

    @Test
    void anOverlayThatDoesNotFitLeavesNothing() throws IOException {
        try (TestDisk disk = TestDisk.xfs(300)) {
            VolumeStore store = new OverlayStore(volumes(disk));
            Path a = store.create(A);
            Files.writeString(a.resolve("file"), "content");
            store.freeze(A);
            fillUp(store.create(B));

            refusesForWantOfSpace(() -> {
                for (int i = 0; i < 10_000; i++) {
                    store.fork(A, new VolumeName("fork" + i), Set.of());
                }
            });

            int mounted = TestDisk.mountsBelow(disk.path()).size() - 1;
            assertThat(store.list()).hasSize(2 + mounted);
            store.list().stream().filter(name -> !name.equals(A)).forEach(store::delete);
            store.delete(A);
            assertThat(store.list()).isEmpty();
        }
    }

    /** Writes until nothing fits any more, not even an inode where inodes are made as needed. */
    private static void fillUp(Path directory) {
        for (int size : new int[] {MIB, 4096, 1}) {
            try {
                for (int i = 0; ; i++) {
                    Files.write(directory.resolve(size + "-" + i), new byte[size]);
                }
            } catch (IOException full) {
                assertThat(full).hasMessageContaining("No space left");
            }
        }
    }

    private static void refusesForWantOfSpace(Runnable operation) {
        assertThatThrownBy(operation::run)
                .isInstanceOf(StorageException.class)
                .hasMessageStartingWith("cannot ")
                .hasMessageEndingWith(FULL);
    }

    private static Volumes volumes(TestDisk disk) {
        return new Volumes(disk.path(), Owner.ofThisProcess(), List.of());
    }
}
