package dev.espalier.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What every backend must do, whatever it stands on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class VolumeStoreContract {

    static final VolumeName A = new VolumeName("a");
    static final VolumeName B = new VolumeName("b");
    static final VolumeName C = new VolumeName("c");
    static final int MIB = 1 << 20;
    private static final Owner OWNER = Owner.ofThisProcess().isRoot() ? new Owner(1234, 2345) : Owner.ofThisProcess();

    private TestDisk disk;
    Path root;
    VolumeStore store;

    abstract TestDisk newDisk();

    abstract VolumeStore open(Volumes volumes);

    @BeforeAll
    void makeDisk() {
        disk = newDisk();
    }

    @AfterAll
    void removeDisk() {
        if (disk != null) {
            disk.close();
        }
    }

    @BeforeEach
    void openStore() {
        root = disk.newRoot();
        store = reopened();
    }

    /** The store as a process finds it that starts now. */
    VolumeStore reopened() {
        return open(new Volumes(root, OWNER, List.of()));
    }

    @Test
    void makesAnEmptyVolumeThatOnlyItsOwnerMayEnter() throws IOException {
        Path a = store.create(A);

        assertThat(a).isEmptyDirectory().isEqualTo(store.open(A));
        Map<String, Object> attributes = Files.readAttributes(a, "unix:uid,gid,permissions");
        assertThat(attributes)
                .containsEntry("uid", OWNER.uid())
                .containsEntry("gid", OWNER.gid())
                .containsEntry("permissions", PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void forkHasContentOwnersPermissionsAndTimesOfItsSource() throws IOException {
        Path a = store.create(A);
        fillLikeADataDirectory(a);

        Path b = store.fork(A, B, Set.of());

        assertThat(Tree.describe(b)).isEqualTo(Tree.describe(a)).hasSizeGreaterThan(10);
    }

    @Test
    void forkOfAFrozenVolumeHasItsContent() throws IOException {
        Path a = store.create(A);
        fillLikeADataDirectory(a);
        store.freeze(A);
        store.freeze(A);

        Path b = store.fork(A, B, Set.of());

        assertThat(Tree.describe(b)).isEqualTo(Tree.describe(a));
        Files.writeString(b.resolve("base/1/16384"), "changed");
        assertThat(a.resolve("base/1/16384")).hasSize(3 * MIB);
    }

    @Test
    void sourceAndForksDoNotSeeEachOthersWrites() throws IOException {
        Path a = store.create(A);
        Files.writeString(a.resolve("file"), "a");
        Path b = store.fork(A, B, Set.of());
        Path c = store.fork(B, C, Set.of());

        Files.writeString(b.resolve("file"), "b");
        Files.writeString(c.resolve("only-c"), "c");

        assertThat(a.resolve("file")).hasContent("a");
        assertThat(b.resolve("file")).hasContent("b");
        assertThat(c.resolve("file")).hasContent("a");
        assertThat(b.resolve("only-c")).doesNotExist();
    }

    @Test
    void leavesOutWhatItIsTold() throws IOException {
        Path a = store.create(A);
        fillLikeADataDirectory(a);
        Set<String> without = Set.of("pg_wal", "backup_label", "not-there");

        if (store.capabilities().atomicFork()) {
            assertThatThrownBy(() -> store.fork(A, B, without)).isInstanceOf(IllegalArgumentException.class);
            assertThat(store.list()).containsExactly(A);
            return;
        }
        Path b = store.fork(A, B, without);
        store.freeze(A);
        Path c = store.fork(A, C, without);

        for (Path fork : List.of(b, c)) {
            assertThat(fork.resolve("pg_wal")).isEmptyDirectory();
            assertThat(Files.getPosixFilePermissions(fork.resolve("pg_wal")))
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
            assertThat(fork.resolve("backup_label")).doesNotExist();
            assertThat(fork.resolve("PG_VERSION")).exists();
        }
    }

    @Test
    void refusesToForkOntoAnExistingVolumeAndLeavesItAlone() throws IOException {
        store.create(A);
        store.freeze(A);
        Files.writeString(store.create(B).resolve("file"), "b");

        assertThatThrownBy(() -> store.fork(A, B, Set.of()))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("/b: File exists");
        assertThatThrownBy(() -> store.create(B)).isInstanceOf(StorageException.class);
        assertThat(store.open(B).resolve("file")).hasContent("b");
    }

    @Test
    void refusesAVolumeThatIsNotThere() {
        String message = "there is no volume a in " + root;
        assertThatThrownBy(() -> store.open(A))
                .isInstanceOf(StorageException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> store.freeze(A))
                .isInstanceOf(StorageException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> store.fork(A, B, Set.of()))
                .isInstanceOf(StorageException.class)
                .hasMessage(message);
        assertThat(store.list()).isEmpty();
    }

    @Test
    void deletesVolumesWholeAndNothingWhereThereIsNone() throws IOException {
        fillLikeADataDirectory(store.create(A));
        store.freeze(A);
        store.fork(A, B, Set.of());
        assertThat(store.list()).containsExactly(A, B);

        store.delete(B);
        store.delete(A);
        store.delete(C);

        assertThat(store.list()).isEmpty();
        assertThat(TestDisk.mountsBelow(root)).isEmpty();
        assertThat(store.create(A)).isEmptyDirectory();
        assertThat(store.isUsedByForks(A)).isFalse();
    }

    @Test
    void deletesAVolumeUnderOpenFiles() throws IOException {
        Path a = store.create(A);
        Files.writeString(a.resolve("file"), "content");
        store.freeze(A);
        Path b = store.fork(A, B, Set.of());

        try (RandomAccessFile file = new RandomAccessFile(b.resolve("file").toFile(), "rw")) {
            store.delete(B);

            assertThat(store.list()).containsExactly(A);
            assertThat(file.readLine()).isEqualTo("content");
        }
        assertThat(store.fork(A, B, Set.of()).resolve("file")).hasContent("content");
    }

    @Test
    void manyThreadsMayForkAndDeleteAtOnce() throws Exception {
        Files.writeString(store.create(A).resolve("file"), "content");
        store.freeze(A);
        List<Callable<String>> lives = IntStream.range(0, 32)
                .<Callable<String>>mapToObj(i -> () -> {
                    VolumeName name = new VolumeName("fork" + i);
                    Path fork = store.fork(A, name, Set.of());
                    String content = Files.readString(fork.resolve("file"));
                    Files.writeString(fork.resolve("file"), "changed");
                    store.exclusiveBytes(Set.of(name));
                    store.delete(name);
                    return content;
                })
                .toList();

        try (ExecutorService executor = Executors.newFixedThreadPool(8)) {
            for (Future<String> life : executor.invokeAll(lives)) {
                assertThat(life.get()).isEqualTo("content");
            }
        }

        assertThat(store.list()).containsExactly(A);
        assertThat(store.isUsedByForks(A)).isFalse();
        store.delete(A);
    }

    @Test
    void replacesOneDirectoryByThatOfAnotherVolume() throws IOException {
        Path a = store.create(A);
        fillLikeADataDirectory(a);
        Path b = store.create(B);
        Files.createDirectories(b.resolve("pg_wal/archive_status"));
        Files.writeString(b.resolve("pg_wal/old"), "old");

        store.copyDirectory(A, "pg_wal", B);

        assertThat(Tree.describe(b.resolve("pg_wal"))).isEqualTo(Tree.describe(a.resolve("pg_wal")));
        assertThat(Tree.describe(b).keySet()).allMatch(name -> name.startsWith("pg_wal") || name.isEmpty());
        assertThatThrownBy(() -> store.copyDirectory(A, "not-there", B))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("no directory not-there");
    }

    @Test
    void findsVolumesAgainInAnotherProcess() throws IOException {
        fillLikeADataDirectory(store.create(A));
        store.freeze(A);
        Path b = store.fork(A, B, Set.of());
        Files.writeString(b.resolve("PG_VERSION"), "99");
        boolean used = store.isUsedByForks(A);

        VolumeStore again = reopened();

        assertThat(again.list()).containsExactly(A, B);
        assertThat(again.isUsedByForks(A)).isEqualTo(used);
        assertThat(again.open(B).resolve("PG_VERSION")).hasContent("99");
        Path c = again.fork(A, C, Set.of());
        assertThat(Tree.describe(c)).isEqualTo(Tree.describe(again.open(A)));
    }

    @Test
    void countsTheBytesThatDeletingAGroupFrees() throws IOException {
        Path a = store.create(A);
        writeRandomBytes(a.resolve("data"), 16 * MIB);
        Path b = store.fork(A, B, Set.of());
        overwriteRandomly(b.resolve("data"), 8 * MIB);
        store.fork(B, C, Set.of());
        Files.writeString(b.resolve("tiny"), "a few bytes, which btrfs keeps beside the file's name");

        long shared = store.capabilities().sharesBlocks() ? 1 : 0;
        long slack = MIB / 4;
        // a: 8 old + 8 shared by all; b and c: 8 of theirs + the same 8
        assertThat(store.exclusiveBytes(Set.of(A))).isBetween(16L * MIB - 8 * shared * MIB, 16L * MIB + slack);
        assertThat(exclusiveMebibytes(Set.of(A))).isEqualTo(shared == 1 ? 8 : 16);
        assertThat(exclusiveMebibytes(Set.of(B))).isEqualTo(shared == 1 ? 0 : 16);
        assertThat(exclusiveMebibytes(Set.of(B, C))).isEqualTo(shared == 1 ? 8 : 32);
        assertThat(exclusiveMebibytes(Set.of(A, B, C))).isEqualTo(shared == 1 ? 24 : 48);
    }

    @Test
    void countsFrozenVolumesAfterTheirForksHaveComeAndGone() throws IOException {
        Path a = store.create(A);
        writeRandomBytes(a.resolve("data"), 8 * MIB);
        store.freeze(A);
        assertThat(exclusiveMebibytes(Set.of(A))).isEqualTo(8);

        Path b = store.fork(A, B, Set.of());
        try (RandomAccessFile file = new RandomAccessFile(b.resolve("data").toFile(), "rw")) {
            file.write(1);
        }
        writeRandomBytes(b.resolve("more"), 8 * MIB);

        boolean shares = store.capabilities().sharesBlocks();
        assertThat(exclusiveMebibytes(Set.of(A))).isEqualTo(shares ? 0 : 8);
        assertThat(exclusiveMebibytes(Set.of(B))).isEqualTo(shares ? 8 : 16);
        assertThat(exclusiveMebibytes(Set.of(A, B))).isEqualTo(shares ? 16 : 16 + 8);
        store.delete(B);
        assertThat(exclusiveMebibytes(Set.of(A))).isEqualTo(8);
    }

    /** Rounded, because file systems hold a little more than the content. */
    private long exclusiveMebibytes(Set<VolumeName> group) {
        return Math.round((double) store.exclusiveBytes(group) / MIB);
    }

    @Test
    void knowsTheSpaceOfItsDisk() {
        Space space = store.space();

        assertThat(space.freeBytes()).isPositive().isLessThan(space.totalBytes());
        assertThat(space.used()).isBetween(0.0, 1.0);
    }

    /** The kinds of entry that a data directory has. */
    static void fillLikeADataDirectory(Path directory) throws IOException {
        Files.writeString(directory.resolve("PG_VERSION"), "18");
        Files.writeString(directory.resolve("backup_label"), "START WAL LOCATION");
        Files.createDirectories(directory.resolve("base/1"));
        Files.createDirectories(directory.resolve("pg_wal/archive_status"));
        Files.createDirectories(directory.resolve("pg_tblspc"));
        Files.createSymbolicLink(directory.resolve("pg_tblspc/16999"), Path.of("/somewhere/else"));
        writeRandomBytes(directory.resolve("base/1/16384"), 3 * MIB);
        writeRandomBytes(directory.resolve("pg_wal/000000010000000000000001"), MIB);
        Files.createFile(directory.resolve("base/1/empty"));
        try (RandomAccessFile sparse =
                new RandomAccessFile(directory.resolve("base/1/sparse").toFile(), "rw")) {
            sparse.seek(5 * MIB);
            sparse.write(1);
            sparse.setLength(32L * MIB);
        }
        List<Path> all;
        try (var walk = Files.walk(directory)) {
            all = walk.sorted((x, y) -> y.compareTo(x)).toList();
        }
        for (Path path : all) {
            if (Owner.ofThisProcess().isRoot()) {
                Files.setAttribute(path, "unix:uid", OWNER.uid(), LinkOption.NOFOLLOW_LINKS);
            }
            if (!Files.isSymbolicLink(path)) {
                Files.setPosixFilePermissions(
                        path, PosixFilePermissions.fromString(Files.isDirectory(path) ? "rwx------" : "rw-r-----"));
                Files.setLastModifiedTime(path, FileTime.from(Instant.parse("2026-01-02T03:04:05.123456789Z")));
            }
        }
    }

    static void writeRandomBytes(Path file, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        Files.write(file, content);
    }

    /** Writes over the first bytes of a file, in place. */
    private static void overwriteRandomly(Path path, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random().nextBytes(content);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(content);
        }
    }
}
