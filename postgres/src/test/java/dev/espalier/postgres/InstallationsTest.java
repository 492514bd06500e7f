package dev.espalier.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallationsTest {

    @TempDir
    Path directory;

    @Test
    void whatWasLeftHalfUnpackedGoes() throws IOException {
        Path left = Files.createDirectories(directory.resolve("unpacking123/bin"));
        Files.writeString(left.resolve("postgres"), "half of it");
        Files.createSymbolicLink(left.resolve("link"), Path.of("nowhere"));

        Path home = Installations.find(directory, List.of())
                .get(Installations.BUNDLED)
                .home();

        assertThat(directory.resolve("unpacking123")).doesNotExist();
        Path again = Files.createDirectory(directory.resolve("unpacking456"));
        assertThat(Installations.find(directory, List.of())
                        .get(Installations.BUNDLED)
                        .home())
                .isEqualTo(home)
                .isDirectoryContaining("glob:**/bin");
        assertThat(again).doesNotExist();
    }
}
