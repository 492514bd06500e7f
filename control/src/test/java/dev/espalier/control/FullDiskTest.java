package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchRuntimeException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import dev.espalier.engine.Engine;
import dev.espalier.engine.StorageFullException;
import dev.espalier.postgres.OsUser;
import dev.espalier.storage.Backend;
import dev.espalier.storage.Space;
import dev.espalier.storage.VolumeName;
import dev.espalier.testing.TestWait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a disk of its own that is full, what needs room is refused until there is some. */
@Tag("heavy")
class FullDiskTest {

    private static final NewBranch FROM_NOW =
            new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never());

    @TempDir
    Path directory;

    private Path disk;

    @BeforeEach
    void mount() throws Exception {
        assumeTrue(OsUser.current().uid() == 0, "only root can mount file systems");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        disk = Files.createDirectory(directory.resolve("disk"));
        Path image = directory.resolve("image");
        run("truncate", "--size=800M", image.toString());
        run("mkfs.ext4", "-q", "-m", "0", image.toString());
        run("mount", "-o", "loop,noatime", image.toString(), disk.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        TestPlane.stopLeftovers(disk);
        run("umount", "--lazy", disk.toString());
    }

    @Test
    void aBranchForWhichThereIsNoRoomIsRefusedUntilThereIs() throws Exception {
        try (TestPlane test = TestPlane.start(disk, Backend.COPY)) {
            test.succeed(test.plane.projects().create(CALLER, "shop", PLAIN));
            Path ballast = disk.resolve("ballast");
            fill(ballast, test.engine.space());
            assertThat(test.engine.space().used()).isGreaterThan(Engine.FULL);

            Operation refused = test.plane.branches().create(CALLER, "shop", "dev", FROM_NOW, false);
            TestWait.until(() -> test.plane.operations().get(refused.uid()).done());
            assertThat(test.plane.operations().get(refused.uid()).error()).hasValueSatisfying(error -> {
                assertThat(error.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
                assertThat(error.reason()).isEqualTo("STORAGE_FULL");
                assertThat(error.message()).contains("Delete branches");
            });

            RuntimeException full = catchRuntimeException(() -> test.engine.initialise(new VolumeName("another"), 17));
            assertThat(full).isInstanceOf(StorageFullException.class);
            assertThat(ControlException.of(full)).hasValueSatisfying(told -> {
                assertThat(told.reason()).isEqualTo("STORAGE_FULL");
                assertThat(told.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
                assertThat(told).hasMessageContaining("Delete branches");
            });

            Files.delete(ballast);
            test.succeed(test.plane.branches().create(CALLER, "shop", "dev", FROM_NOW, false));
        }
    }

    /** Leaves less than a tenth, and room for what PostgreSQL writes meanwhile. */
    private static void fill(Path ballast, Space space) throws IOException, InterruptedException {
        long bytes = space.freeBytes() - space.totalBytes() * 8 / 100;
        run("fallocate", "--length=" + bytes, ballast.toString());
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(List.of(command)).inheritIO().start();
        assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
    }
}
