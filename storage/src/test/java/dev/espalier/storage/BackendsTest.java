package dev.espalier.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BackendsTest {

    private static final long IMAGE = 256L << 20;
    private static final VolumeName A = new VolumeName("a");
    private static final VolumeName B = new VolumeName("b");
    private static final Owner OWNER = new Owner(1234, 1234);

    @Test
    void onDisksThatCannotShareBlocksRootGetsAnImageOfBtrfs() throws IOException {
        try (TestDisk disk = TestDisk.ext4(1024)) {
            Path data = disk.path().resolve("data");
            Backends backends = new Backends(data, OWNER, IMAGE);

            assertThat(backends.probe())
                    .containsExactly(
                            Assessment.available(
                                    Backend.BTRFS, "the disk is ext4, not btrfs, but an image of btrfs can be mounted"),
                            cannotShare(Backend.OVERLAY),
                            cannotShare(Backend.REFLINK),
                            Assessment.available(Backend.COPY, "every byte is copied, on any disk"));
            assertThat(backends.choose()).isEqualTo(Backend.BTRFS);
            assertThat(data.resolve("volumes")).isEmptyDirectory();
            assertThat(data.resolve("volumes.btrfs")).doesNotExist();

            VolumeStore store = backends.open(Backend.BTRFS);
            Files.writeString(store.create(A).resolve("file"), "content");
            assertThat(store.space().totalBytes()).isEqualTo(IMAGE);
            assertThat(backends.open(backends.choose()).list()).containsExactly(A);
            assertThat(TestDisk.mountsBelow(data)).containsExactly(data.resolve("volumes"));
        }
    }

    private static Assessment cannotShare(Backend backend) {
        return Assessment.unavailable(
                backend,
                "the disk is ext4, which does not share blocks between files",
                "Put the data directory on btrfs or XFS, or choose another storage backend");
    }

    @Test
    void anImageIsMountedAgainAfterAReboot() throws IOException {
        try (TestDisk disk = TestDisk.ext4(1024)) {
            Backends backends = new Backends(disk.path(), OWNER, IMAGE);
            Files.writeString(backends.open(Backend.BTRFS).create(A).resolve("file"), "content");
            BtrfsImage image = new BtrfsImage(
                    disk.path().resolve("volumes.btrfs"), disk.path().resolve("volumes"), IMAGE);
            image.unmount();
            image.unmount();
            assertThat(disk.path().resolve("volumes")).isEmptyDirectory();

            VolumeStore store = backends.open(Backend.BTRFS);

            assertThat(store.open(A).resolve("file")).hasContent("content");
            image.ensureMounted();
            assertThat(TestDisk.mountsBelow(disk.path())).hasSize(2);
        }
    }

    @Test
    void theSpaceOfAnImageIsNeverMoreThanThatOfTheDiskBelow() throws IOException {
        try (TestDisk disk = TestDisk.ext4(200)) {
            VolumeStore store = new Backends(disk.path(), OWNER, 1L << 30).open(Backend.BTRFS);
            Space below = FileSystem.of(disk.path()).space();

            assertThat(store.space()).isEqualTo(below);
            assertThat(below.totalBytes()).isLessThan(200L << 20);
        }
    }

    @Test
    void refusesAnImageOnADiskThatIsTooSmall() {
        try (TestDisk disk = TestDisk.ext4(64)) {
            assertThatThrownBy(() -> new Backends(disk.path(), OWNER).open(Backend.BTRFS))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("an image needs at least 1 GiB")
                    .hasMessageContaining("Free space on the disk");
            assertThat(disk.path().resolve("volumes.btrfs")).doesNotExist();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OVERLAY", "REFLINK"})
    void aDiskThatCannotShareBlocksIsRefused(Backend backend) {
        try (TestDisk disk = TestDisk.ext4(32)) {
            assertThatThrownBy(() -> new Backends(disk.path(), OWNER).open(backend))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("the disk is ext4, which does not share blocks between files. Put the data"
                            + " directory on btrfs or XFS");
        }
    }

    @Test
    void whatLiesWhereNoBlocksCanBeSharedCanBeReadAndDeleted() {
        try (TestDisk disk = TestDisk.ext4(32)) {
            Backends backends = new Backends(disk.path(), OWNER);
            backends.open(Backend.COPY).create(A);

            assertThat(backends.openToLeave(Backend.REFLINK, Optional.empty()).list())
                    .containsExactly(A);
            backends.clear(Backend.OVERLAY);

            assertThat(disk.path().resolve("volumes")).doesNotExist();
        }
    }

    @Test
    void anImageThatCannotBeMountedIsDeleted() throws IOException {
        try (TestDisk disk = TestDisk.ext4(32)) {
            Backends backends = new Backends(disk.path(), OWNER);
            Path image = Files.writeString(disk.path().resolve("volumes.btrfs"), "damaged");

            backends.clear(Backend.BTRFS);

            assertThat(image).doesNotExist();
        }
    }

    @Test
    void whatATrialThatWasKilledHasLeftMountedIsClearedWithTheRest() throws Exception {
        try (TestDisk disk = TestDisk.ext4(1024)) {
            Process gone = new ProcessBuilder("true").start();
            gone.waitFor();
            Path left = disk.path().resolve("volumes/.espalier-trial-" + gone.pid() + "-1-left");
            Files.createDirectories(left);
            new Backends(left, OWNER, IMAGE).open(Backend.BTRFS).create(A);

            new Backends(disk.path(), OWNER, IMAGE).clear(Backend.BTRFS);

            assertThat(disk.path().resolve("volumes")).doesNotExist();
            assertThat(TestDisk.mountsBelow(disk.path())).containsExactly(disk.path());
        }
    }

    @Test
    void volumesWhoseFileSystemIsNotMountedAreNotTakenForNone() throws IOException {
        try (TestDisk data = TestDisk.ext4(512);
                TestDisk volumes = TestDisk.btrfs(256)) {
            Path root = Files.createDirectory(data.path().resolve("volumes"));
            Command.run("", "mount", "--bind", volumes.path().toString(), root.toString());
            Backends backends = new Backends(data.path(), OWNER, IMAGE);
            backends.open(Backend.BTRFS).create(A);
            Optional<String> id = Optional.of(backends.id());
            Command.run("", "umount", root.toString());

            for (Optional<String> known : List.of(id, Optional.<String>empty())) {
                assertThatThrownBy(() -> backends.reopen(Backend.BTRFS, known))
                        .isInstanceOf(StorageException.class)
                        .hasMessageContainingAll("the volumes are not in " + root, "Mount their file system there");
                assertThatThrownBy(() -> backends.openToLeave(Backend.BTRFS, known))
                        .isInstanceOf(StorageException.class);
            }
            assertThat(data.path().resolve("volumes.btrfs")).doesNotExist();
            assertThat(root).isEmptyDirectory();

            Command.run("", "mount", "--bind", volumes.path().toString(), root.toString());
            assertThat(backends.reopen(Backend.BTRFS, id).list()).containsExactly(A);
        }
    }

    @Test
    void otherVolumesThanTheRecordedAreRefused() {
        try (TestDisk disk = TestDisk.ext4(32)) {
            Backends backends = new Backends(disk.path(), OWNER);
            backends.open(Backend.COPY).create(A);
            String id = backends.id();
            assertThat(backends.id()).isEqualTo(id);

            assertThatThrownBy(() -> backends.reopen(Backend.COPY, Optional.of("another")))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContainingAll("are others than those that are recorded", "write another into the file");
            assertThat(backends.reopen(Backend.COPY, Optional.of(id)).list()).containsExactly(A);
        }
    }

    @Test
    void volumesThatNeverHadAnIdAreOpened() {
        try (TestDisk disk = TestDisk.ext4(32)) {
            Backends backends = new Backends(disk.path(), OWNER);
            assertThat(backends.open(Backend.COPY).list()).isEmpty();

            assertThat(backends.reopen(Backend.COPY, Optional.empty()).list()).isEmpty();
        }
    }

    @Test
    void whatATrialThatWasKilledHasLeftIsUnmountedAndRemovedByTheNext() throws Exception {
        try (TestDisk disk = TestDisk.ext4(1024)) {
            Process gone = new ProcessBuilder("true").start();
            gone.waitFor();
            Path left = Files.createDirectory(disk.path().resolve(".espalier-trial-" + gone.pid() + "-left"));
            new Backends(left, OWNER, IMAGE).open(Backend.BTRFS).create(A);
            Path ofAnEarlierProcessWithThisNumber = Files.createDirectory(disk.path()
                    .resolve(".espalier-trial-" + ProcessHandle.current().pid() + "-1-left"));

            try (TrialDirectory atWork = TrialDirectory.in(disk.path())) {
                TrialDirectory.in(disk.path()).close();
                assertThat(atWork.path()).exists();
            }

            assertThat(left).doesNotExist();
            assertThat(ofAnEarlierProcessWithThisNumber).doesNotExist();
            assertThat(TestDisk.mountsBelow(disk.path())).containsExactly(disk.path());
        }
    }

    @Test
    void onXfsRootGetsOverlaysAndMayAskForAnImage() {
        try (TestDisk disk = TestDisk.xfs(1024)) {
            Backends backends = new Backends(disk.path(), OWNER, IMAGE);

            assertThat(backends.probe()).allMatch(Assessment::available);
            assertThat(backends.choose()).isEqualTo(Backend.OVERLAY);
            worksWith(backends.open(Backend.OVERLAY));
            worksWith(backends.open(Backend.REFLINK));
            worksWith(backends.open(Backend.COPY));
            worksWith(backends.open(Backend.BTRFS));
            assertThat(disk.path().resolve("volumes.btrfs")).exists();
        }
    }

    @Test
    void onBtrfsThereIsNoImage() {
        try (TestDisk disk = TestDisk.btrfs(512)) {
            Backends backends = new Backends(disk.path(), OWNER);

            assertThat(backends.probe()).allMatch(Assessment::available);
            assertThat(backends.choose()).isEqualTo(Backend.BTRFS);
            worksWith(backends.open(Backend.BTRFS));
            assertThat(disk.path().resolve("volumes.btrfs")).doesNotExist();
            assertThat(TestDisk.mountsBelow(disk.path())).containsExactly(disk.path());
        }
    }

    private static void worksWith(VolumeStore store) {
        store.create(A);
        store.fork(A, B, Set.of());
        store.delete(B);
        store.delete(A);
        assertThat(store.list()).isEmpty();
    }

    @Test
    void anOrdinaryUserWorksOnHisOwnBtrfs() throws IOException {
        try (TestDisk disk = TestDisk.btrfs(512)) {
            assertThat(asOrdinaryUser(disk))
                    .contains("BTRFS available: the disk is btrfs")
                    .contains("OVERLAY unavailable: only root can mount an overlay. Run Espalier as root")
                    .containsSubsequence("chosen BTRFS", "fork has content", "volumes left: []");
            Command.run(
                    "",
                    "mount",
                    "-o",
                    "remount,user_subvol_rm_allowed",
                    disk.path().toString());
            assertThat(asOrdinaryUser(disk)).contains("volumes left: []");
        }
    }

    @Test
    void anOrdinaryUserGetsClonesOnXfs() throws IOException {
        try (TestDisk disk = TestDisk.xfs(300)) {
            assertThat(asOrdinaryUser(disk))
                    .contains(
                            "BTRFS unavailable: the disk is XFS, not btrfs, and only root can mount an image of btrfs")
                    .containsSubsequence("chosen REFLINK", "fork has content", "volumes left: []");
        }
    }

    @Test
    void anOrdinaryUserGetsCopiesElsewhere() throws IOException {
        try (TestDisk disk = TestDisk.ext4(64)) {
            assertThat(asOrdinaryUser(disk))
                    .contains("Run Espalier as root with btrfs-progs installed (apt-get install btrfs-progs)")
                    .containsSubsequence("chosen COPY", "fork has content", "volumes left: []");
        }
    }

    /** Runs {@link OrdinaryUser} as such in a directory of its own, with a copy of the classes that it can read. */
    private static String asOrdinaryUser(TestDisk disk) throws IOException {
        Path classes = disk.newRoot();
        for (Class<?> inDirectory : List.of(Backends.class, OrdinaryUser.class)) {
            Path from = Path.of(inDirectory
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .getPath());
            Command.run("", "cp", "-r", from + "/.", classes.toString());
        }
        Path data = disk.newRoot();
        disk.allowTraversal();
        Command.run("", "chmod", "-R", "a+rX", classes.toString());
        Command.run("", "chown", "65534:65534", data.toString());
        return Command.run(
                "setpriv is of util-linux",
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classes.toString(),
                OrdinaryUser.class.getName(),
                data.toString());
    }
}
