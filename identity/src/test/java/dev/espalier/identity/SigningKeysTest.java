package dev.espalier.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningKeysTest {

    @TempDir
    private Path home;

    @Test
    void theKeyIsMadeOnceAndOnlyItsOwnerMayReadIt() throws IOException {
        Path file = home.resolve("signing-key.json");

        SigningKeys first = SigningKeys.inFile(file);
        SigningKeys second = SigningKeys.inFile(file);

        assertThat(second.key()).isEqualTo(first.key());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (var files = Files.list(home)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void theKeySetShowsThePublicPartOnly() {
        Map<String, Object> jwks = SigningKeys.inFile(home.resolve("key")).jwks();

        assertThat(jwks.get("keys"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .singleElement()
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsEntry("kty", "EC")
                .containsEntry("crv", "P-256")
                .containsKeys("kid", "x", "y")
                .doesNotContainKey("d");
    }

    @Test
    void refusesAKeyThatOthersCanRead() throws IOException {
        Path file = home.resolve("key");
        SigningKeys.inFile(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        assertThatThrownBy(() -> SigningKeys.inFile(file))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("chmod 600 " + file);
    }

    @Test
    void refusesWhatIsNotAPrivateKeyAndDoesNotReplaceIt() {
        for (String content : List.of("", "{}", "{\"kty\":\"EC\"", "not a key")) {
            Path file = home.resolve("key");
            PrivateFiles.write(file, content);

            assertThatThrownBy(() -> SigningKeys.inFile(file))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("P-256");
            assertThat(PrivateFiles.read(file)).isEqualTo(content);
        }
    }

    @Test
    void refusesAKeyWithoutItsPrivatePart() {
        Path file = home.resolve("key");
        PrivateFiles.write(
                file,
                SigningKeys.inFile(home.resolve("other")).key().toPublicJWK().toJSONString());

        assertThatThrownBy(() -> SigningKeys.inFile(file)).isInstanceOf(IllegalStateException.class);
    }
}
