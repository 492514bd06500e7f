package dev.espalier.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.espalier.identity.Verdict.Accepted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.text.ParseException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstAdministratorTest {

    @TempDir
    private Path home;

    private final ClientSecrets secrets = new ClientSecrets(new SecureRandom());
    private final ListedPrincipals principals = new ListedPrincipals();

    @Test
    void theCredentialsInTheFileSignIn() throws IOException, ParseException {
        Path file = home.resolve("admin-credentials.json");

        assertThat(FirstAdministrator.ensure(principals, secrets, file)).isTrue();

        Map<String, Object> credentials = JSONObjectUtils.parse(Files.readString(file));
        assertThat(credentials).containsOnlyKeys("client_id", "client_secret");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(new ClientCredentials(principals, secrets)
                        .check(
                                String.valueOf(credentials.get("client_id")),
                                String.valueOf(credentials.get("client_secret"))))
                .isInstanceOfSatisfying(
                        Accepted.class,
                        accepted -> assertThat(((Principal) accepted.value()).administrator())
                                .isTrue());
    }

    @Test
    void aSecondStartChangesNothing() throws IOException {
        Path file = home.resolve("admin-credentials.json");
        FirstAdministrator.ensure(principals, secrets, file);
        String before = Files.readString(file);

        assertThat(FirstAdministrator.ensure(principals, secrets, file)).isFalse();
        assertThat(file).hasContent(before);
    }

    @Test
    void theSecretOfAnotherInstallationIsNotReplaced() throws IOException {
        Path file = home.resolve("admin-credentials.json");
        FirstAdministrator.ensure(principals, secrets, file);
        String before = Files.readString(file);
        ListedPrincipals others = new ListedPrincipals();

        assertThatThrownBy(() -> FirstAdministrator.ensure(others, secrets, file))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("ran here with other data", "data.directory", "move that file away");
        assertThat(file).hasContent(before);
        assertThat(others.administratorExists()).isFalse();
    }

    @Test
    void whatWasInterruptedBeforeThereWasAnAdministratorBeginsAnew() throws IOException {
        Path file = home.resolve("admin-credentials.json");
        Files.writeString(home.resolve("admin-credentials.json.unfinished"), "{\"client_id\":\"nobody\"}");

        assertThat(FirstAdministrator.ensure(principals, secrets, file)).isTrue();
        assertThat(Files.readString(file)).doesNotContain("nobody");
    }

    @Test
    void whatWasInterruptedOnceThereWasAnAdministratorIsFinished() throws IOException {
        Path file = home.resolve("admin-credentials.json");
        FirstAdministrator.ensure(principals, secrets, file);
        String made = Files.readString(file);
        Files.move(file, home.resolve("admin-credentials.json.unfinished"));

        assertThat(FirstAdministrator.ensure(principals, secrets, file)).isFalse();
        assertThat(file).hasContent(made);
        assertThat(home).isDirectoryNotContaining(path -> path.toString().endsWith(".unfinished"));
    }
}
