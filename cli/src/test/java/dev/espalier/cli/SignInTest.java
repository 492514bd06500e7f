package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How the command gets its token, and how it keeps it. */
class SignInTest {
    private static final String TOKEN_CALL = "POST /oidc/v1/token";

    @RegisterExtension
    final CommandFixture command = new CommandFixture();

    SignInTest() throws IOException {}

    @BeforeEach
    void answerSystem() {
        command.api.answer("GET system", 200, "{}");
    }

    private Path tokenFile() {
        return command.home.resolve("cli-token.json");
    }

    @Test
    void signsInAsTheAdministratorOfTheHomeAndKeepsTheTokenForItsOwnerOnly() throws IOException {
        command.line("system");
        assertThat(command.api.lines()).containsExactly(TOKEN_CALL, "GET system");
        assertThat(Files.getPosixFilePermissions(tokenFile())).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        try (var files = Files.list(command.home)) {
            assertThat(files).hasSize(3);
        }
    }

    @Test
    void theNextCommandCostsOneCall() {
        command.line("system");
        command.line("system");
        assertThat(command.api.lines()).containsExactly(TOKEN_CALL, "GET system", "GET system");
    }

    @Test
    void aTokenThatIsAboutToExpireIsReplaced() {
        command.line("system");
        command.now = command.now.plus(Duration.ofMinutes(59)).plusSeconds(1);
        command.api.reset(TOKEN_CALL).answer(TOKEN_CALL, 200, """
                {"access_token":"token-2","expires_in":3600}""");
        command.line("system");
        assertThat(command.api.last().authorization()).isEqualTo("Bearer token-2");
    }

    @Test
    void aKeptTokenThatIsRefusedIsReplacedOnce() {
        command.line("system");
        command.api.answer("GET projects", 401, "{}").answer("GET projects", 200, "{}");
        assertThat(command.line("projects list").exitCode()).isZero();
        assertThat(command.api.lines())
                .containsExactly(TOKEN_CALL, "GET system", "GET projects", TOKEN_CALL, "GET projects");
    }

    @Test
    void credentialsOfTheEnvironmentComeBeforeTheFileAndDoNotUseItsToken() {
        command.line("system");
        command.variables.put("ESPALIER_CLIENT_ID", "ci");
        command.variables.put("ESPALIER_CLIENT_SECRET", "ci-secret");
        command.line("system");
        String basic = Base64.getEncoder().encodeToString("ci:ci-secret".getBytes(StandardCharsets.UTF_8));
        assertThat(command.api.tokenCalls())
                .extracting(ScriptedApi.Call::authorization)
                .last()
                .isEqualTo("Basic " + basic);
    }

    @Test
    void halfOfThePairInTheEnvironmentIsRefused() {
        command.variables.put("ESPALIER_CLIENT_ID", "ci");
        CommandFixture.Run run = command.line("system");
        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(run.err()).contains("ESPALIER_CLIENT_SECRET");
    }

    @Test
    void theAdministratorsSecretIsNotSentToAnotherMachine() {
        CommandFixture.Run run = command.line("system --host http://elsewhere.example:8400");
        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(run.err()).contains("ESPALIER_CLIENT_ID", "not sent elsewhere");
    }

    @Test
    void theAdministratorsSecretIsForTheServerOfThisHomeOnWhicheverAddressItListens() throws IOException {
        Files.writeString(command.home.resolve("server.json"), """
                {"pid":1,"http_url":"http://espalier.invalid:8400"}""");
        CommandFixture.Run run = command.line("system");
        assertThat(run.err()).contains("The server at http://espalier.invalid:8400 does not answer");
    }

    @Test
    void refusedCredentialsAreNotSignedInAndTheReasonIsTheServers() {
        command.api.reset(TOKEN_CALL).answer(TOKEN_CALL, 401, """
                {"error":"invalid_client","error_description":"The secret is wrong."}""");
        CommandFixture.Run run = command.line("system");
        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(run.err()).contains("as admin", "The secret is wrong.");
        assertThat(tokenFile()).doesNotExist();
    }

    @Test
    void withoutCredentialsTheFixIsSaid() throws IOException {
        Files.delete(command.home.resolve("admin-credentials.json"));
        CommandFixture.Run run = command.line("system");
        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(run.err()).contains("ESPALIER_CLIENT_ID", "ESPALIER_HOME");
    }

    @Test
    void aHomeInWhichNoServerEverRanIsUnreachable() throws IOException {
        Files.delete(command.home.resolve("admin-credentials.json"));
        Files.delete(command.home.resolve("server.json"));
        CommandFixture.Run run = command.line("system");
        assertThat(run.exitCode()).isEqualTo(6);
        assertThat(run.err()).contains("./espalier up");
    }

    @Test
    void aTokenThatCannotBeKeptIsUsedAndTheReasonIsSaid() throws IOException {
        Files.createDirectories(tokenFile().resolve("in-the-way"));
        Files.delete(tokenFile().resolve("in-the-way"));
        CommandFixture.Run run = command.line("system");
        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(run.err()).contains(tokenFile().toString());
    }

    @Test
    void secretsAreNeverPrinted() {
        command.api.answer("GET projects", 500, "{}");
        for (String line : new String[] {"system", "projects list", "projects list -o json", "status"}) {
            CommandFixture.Run run = command.line(line);
            assertThat(run.out() + run.err()).doesNotContain(CommandFixture.SECRET, "token-1");
        }
    }
}
