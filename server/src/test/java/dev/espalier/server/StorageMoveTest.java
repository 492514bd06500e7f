package dev.espalier.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.espalier.postgres.OsUser;
import dev.espalier.storage.Backend;
import dev.espalier.storage.VolumeName;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Moves real volumes; without root there is no image of btrfs to move them out of. */
class StorageMoveTest {

    private static final VolumeName VOLUME = new VolumeName("br-a.1");

    @TempDir
    Path place;

    private Settings settings;
    private Path data;
    private Storage storage;

    @BeforeEach
    void makeAHome() throws IOException {
        assumeTrue(OsUser.current().uid() == 0, "only root can mount an image");
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwx--x--x"));
        Path path = place.resolve("home");
        settings = SettingsReader.read(
                path, path.resolve("espalier.toml"), Map.of(), List.of("--storage.image_size=256MB"));
        OsUser user = OsUser.forPostgres(settings.systemUser());
        try (Home home = Home.open(path)) {
            data = home.dataDirectory(settings.dataDirectory(), user);
        }
        storage = new Storage(data, user, OptionalLong.of(256L << 20));
    }

    @AfterEach
    void unmount() {
        if (storage != null) {
            storage.clear(Backend.BTRFS);
        }
    }

    @Test
    void nothingOfTheOldBackendStaysBehind() throws IOException {
        Files.writeString(storage.open(Backend.BTRFS).create(VOLUME).resolve("PG_VERSION"), "18");
        storage.record(new Storage.Choice(Backend.BTRFS, "for this test"));
        Path log = storage.volumes(Backend.BTRFS).resolve(".wal/br-a.1/000000010000000000000001");
        Files.createDirectories(log.getParent());
        Files.writeString(log, "log");
        assertThat(mounts()).isNotEmpty();

        new StorageMove(settings).to(Backend.COPY);

        Path volumes = storage.volumes(Backend.COPY);
        assertThat(volumes.resolve("br-a.1/PG_VERSION")).content().isEqualTo("18");
        assertThat(volumes.resolve(".wal/br-a.1").resolve(log.getFileName()))
                .content()
                .isEqualTo("log");
        assertThat(storage.recorded().orElseThrow().backend()).isEqualTo(Backend.COPY);
        assertThat(mounts()).isEmpty();
        assertThat(data.resolve("btrfs")).doesNotExist();
    }

    @Test
    void whatAnInterruptedMoveHasLeftIsDeletedByTheNext() throws IOException {
        Files.writeString(storage.open(Backend.COPY).create(VOLUME).resolve("PG_VERSION"), "18");
        storage.record(new Storage.Choice(Backend.COPY, "for this test"));
        Files.writeString(storage.open(Backend.BTRFS).create(VOLUME).resolve("PG_VERSION"), "1");

        new StorageMove(settings).to(Backend.COPY);

        assertThat(data.resolve("btrfs")).doesNotExist();
        assertThat(storage.volumes(Backend.COPY).resolve("br-a.1/PG_VERSION"))
                .content()
                .isEqualTo("18");
        assertThatThrownBy(() -> new StorageMove(settings).to(Backend.COPY))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("in copy already");
    }

    /** Without it another backend would be chosen, and a move would delete these as what an interrupted one has left. */
    @Test
    void volumesWhoseRecordIsLostAreNeitherPassedOverNorDeleted() throws IOException {
        Path volume = storage.open(Backend.COPY).create(VOLUME);
        Files.writeString(volume.resolve("PG_VERSION"), "18");

        assertThatThrownBy(() -> storage.open(Optional.of(Backend.BTRFS)))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("there are volumes in " + storage.volumes(Backend.COPY))
                .hasMessageContaining("write COPY into it");
        assertThatThrownBy(() -> new StorageMove(settings).to(Backend.BTRFS))
                .hasMessageContaining("write COPY into it");

        assertThat(volume.resolve("PG_VERSION")).content().isEqualTo("18");
        Files.writeString(data.resolve("storage-backend"), "COPY\n");
        assertThat(storage.open(Optional.empty()).choice().backend()).isEqualTo(Backend.COPY);
    }

    @Test
    void aBackendThatCannotBeUsedIsRefusedBeforeAnythingIsCopied() throws IOException {
        assumeSharesNoBlocks();
        Files.writeString(storage.open(Backend.COPY).create(VOLUME).resolve("PG_VERSION"), "18");
        storage.record(new Storage.Choice(Backend.COPY, "for this test"));

        assertThatThrownBy(() -> new StorageMove(settings).to(Backend.REFLINK))
                .hasMessageContaining("the storage backend reflink cannot be used in " + data)
                .hasMessageContaining("does not share blocks between files. Put the data directory on btrfs or XFS");

        assertThat(storage.recorded().orElseThrow().backend()).isEqualTo(Backend.COPY);
        assertThat(storage.volumes(Backend.COPY).resolve("br-a.1/PG_VERSION"))
                .content()
                .isEqualTo("18");
        assertThat(data.resolve("reflink")).doesNotExist();
    }

    @Test
    void aBackendThatCannotBeUsedDoesNotBindLaterStarts() {
        assumeSharesNoBlocks();

        assertThatThrownBy(() -> storage.open(Optional.of(Backend.OVERLAY)))
                .hasMessageContaining("the storage backend overlay cannot be used in " + data);

        assertThat(storage.open(Optional.of(Backend.COPY)).choice().backend()).isEqualTo(Backend.COPY);
        assertThat(storage.recorded().orElseThrow().backend()).isEqualTo(Backend.COPY);
    }

    @Test
    void whatCannotBeUsedAnyMoreCanBeLeft() throws IOException {
        assumeSharesNoBlocks();
        Files.createDirectories(storage.volumes(Backend.OVERLAY));
        Path volume = storage.volumes(Backend.REFLINK).resolve(VOLUME.value());
        Files.createDirectories(volume);
        Files.writeString(volume.resolve("PG_VERSION"), "18");
        storage.record(new Storage.Choice(Backend.REFLINK, "for this test"));

        new StorageMove(settings).to(Backend.COPY);

        assertThat(storage.volumes(Backend.COPY).resolve("br-a.1/PG_VERSION"))
                .content()
                .isEqualTo("18");
        assertThat(data.resolve("overlay")).doesNotExist();
        assertThat(data.resolve("reflink")).doesNotExist();
    }

    @Test
    void theHolesOfTheLogAreKept() throws IOException {
        Path volume = storage.open(Backend.BTRFS).create(VOLUME);
        storage.record(new Storage.Choice(Backend.BTRFS, "for this test"));
        Path log = Path.of("pg_wal/000000010000000000000001");
        Files.createDirectories(volume.resolve("pg_wal"));
        try (FileChannel segment =
                FileChannel.open(volume.resolve(log), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            segment.write(ByteBuffer.wrap(new byte[] {1}), (16 << 20) - 1);
        }

        new StorageMove(settings).to(Backend.COPY);

        Path copy = storage.volumes(Backend.COPY).resolve(VOLUME.value()).resolve(log);
        assertThat(copy).hasSize(16 << 20);
        assertThat(allocated(copy)).isLessThan(1 << 20);
    }

    @Test
    void aMoveThatFindsNoRoomLeavesNothingOfItselfAndNamesTheFix() throws IOException {
        Path volume = storage.open(Backend.COPY).create(VOLUME);
        storage.record(new Storage.Choice(Backend.COPY, "for this test"));
        Path table = volume.resolve("table");
        try (RandomAccessFile file = new RandomAccessFile(table.toFile(), "rw")) {
            // More than the image holds.
            file.setLength(300L << 20);
        }

        assertThatThrownBy(() -> new StorageMove(settings).to(Backend.BTRFS))
                .hasMessageContaining("No space left on device")
                .hasMessageContaining("du -sh " + storage.volumes(Backend.COPY));

        assertThat(data.resolve("btrfs")).doesNotExist();
        assertThat(mounts()).isEmpty();
        assertThat(storage.recorded().orElseThrow().backend()).isEqualTo(Backend.COPY);
        assertThat(table).exists();
    }

    private static long allocated(Path file) throws IOException {
        Process process = new ProcessBuilder("stat", "--format=%b", file.toString()).start();
        try (var said = process.inputReader()) {
            return Long.parseLong(said.readLine()) * 512;
        }
    }

    @Test
    void volumesThatAreNotMountedAreNotLeftForAnEmptyDirectory() throws IOException {
        Files.writeString(storage.open(Backend.BTRFS).create(VOLUME).resolve("PG_VERSION"), "18");
        storage.record(new Storage.Choice(Backend.BTRFS, "for this test"));
        Path image = data.resolve("btrfs/volumes.btrfs");
        Path elsewhere = data.resolve("elsewhere");
        command("umount", storage.volumes(Backend.BTRFS).toString());
        Files.move(image, elsewhere);

        assertThatThrownBy(() -> new StorageMove(settings).to(Backend.COPY))
                .hasMessageContaining("the volumes are not in " + storage.volumes(Backend.BTRFS));
        assertThatThrownBy(() -> storage.open(Optional.empty()))
                .hasMessageContaining("put " + image + " back if they lay in that image");

        assertThat(image).doesNotExist();
        Files.move(elsewhere, image);
        assertThat(storage.open(Optional.empty()).volumes().list()).containsExactly(VOLUME);
    }

    @Test
    void aHomeWhoseRecordNamesNoVolumesYetIsOpenedAndNamesThem() throws IOException {
        storage.open(Backend.COPY).create(VOLUME);
        Files.writeString(data.resolve("storage-backend"), "COPY\nfor this test\n");

        assertThat(storage.open(Optional.empty()).volumes().list()).containsExactly(VOLUME);

        assertThat(Files.readAllLines(data.resolve("storage-backend")))
                .startsWith("COPY", "for this test")
                .hasSize(3);
    }

    private static void command(String... words) throws IOException {
        Process process = new ProcessBuilder(words).inheritIO().start();
        assertThat(process.onExit().join().exitValue()).isZero();
    }

    private void assumeSharesNoBlocks() {
        assumeFalse(storage.probe().of(Backend.REFLINK).available(), "temporary files lie where blocks are shared");
    }

    private List<String> mounts() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/mounts"))) {
            return lines.filter(line -> line.contains(data.toString())).toList();
        }
    }
}
