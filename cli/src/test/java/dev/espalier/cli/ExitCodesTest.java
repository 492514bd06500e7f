package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.cli.failure.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a failure looks like from outside. */
class ExitCodesTest {
    @RegisterExtension
    final CommandFixture command = new CommandFixture();

    ExitCodesTest() throws IOException {}

    private static String error(String code, String reason) {
        return """
                {"error_code":"%s","message":"It is so. Do that.","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo",\
                "reason":"%s","domain":"espalier.dev","metadata":{}},{"@type":"type.googleapis.com/google.rpc.RequestInfo",\
                "request_id":"r-1"}]}""".formatted(code, reason);
    }

    @ParameterizedTest
    @CsvSource({
        "400, INVALID_PARAMETER_VALUE, X, 1",
        "400, BAD_REQUEST, RESOURCE_CONFLICT, 4",
        "400, BAD_REQUEST, ALREADY_EXISTS, 4",
        "400, BAD_REQUEST, BRANCH_PROTECTED, 4",
        "400, BAD_REQUEST, BRANCH_HAS_CHILDREN, 4",
        "400, BAD_REQUEST, BRANCH_IS_ROOT, 4",
        "400, INVALID_STATE, X, 4",
        "401, UNAUTHENTICATED, X, 5",
        "403, PERMISSION_DENIED, X, 5",
        "404, NOT_FOUND, X, 3",
        "409, ALREADY_EXISTS, X, 4",
        "409, ABORTED, X, 4",
        "400, RESOURCE_EXHAUSTED, TOO_MANY_SECRETS, 1",
        "500, INTERNAL_ERROR, X, 1"
    })
    void anErrorOfTheApiIsToldOnStderrAndHasItsExitCode(int status, String code, String reason, int exitCode) {
        command.api.answer("GET projects/shop", status, error(code, reason));
        CommandFixture.Run run = command.line("projects get shop");
        assertThat(run.exitCode()).isEqualTo(exitCode);
        assertThat(run.err()).startsWith("It is so. Do that.");
        assertThat(run.err().contains("(request r-1)")).isEqualTo(status >= 500);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void whereARefusalNamesFieldsOfTheApiTheirFlagsAreSaidToo() {
        command.api.answer("DELETE projects/shop/branches/dev", 400, """
                {"error_code":"BAD_REQUEST","message":"dev is protected. Set spec.is_protected=false first."}""");
        assertThat(command.line("branches delete dev -p shop").err())
                .isEqualTo(
                        "dev is protected. Set spec.is_protected=false first.\n"
                                + "On the command line, spec.is_protected=false is espalier branches update BRANCH --no-protected.\n");
    }

    @Test
    void withJsonOutputTheErrorBodyIsOnStdoutUnchanged() {
        String body = error("NOT_FOUND", "X") + "  ";
        command.api.answer("GET projects/shop", 404, body);
        CommandFixture.Run run = command.line("projects get shop --output json");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).isEqualTo(body + "\n");
        assertThat(run.err()).isEqualTo("It is so. Do that.\n");
    }

    @Test
    void anAnswerThatIsNoErrorBodyIsStillExplained() {
        command.api.answer("GET projects/shop", 502, "<html>Bad gateway</html>");
        CommandFixture.Run run = command.line("projects get shop");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("HTTP 502");
    }

    @Test
    void anotherProgramsAnswerIsNotTakenForEspaliers() {
        command.api.answer("GET projects/shop", 200, "hello");
        CommandFixture.Run run = command.line("projects get shop");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("is not Espalier").contains("--host");
    }

    @Test
    void aServerThatDoesNotAnswerIsUnreachableAndTheFixIsSaid() {
        command.api.close();
        for (String line : new String[] {"projects list", "status"}) {
            CommandFixture.Run run = command.line(line);
            assertThat(run.exitCode()).isEqualTo(6);
            assertThat(run.err()).contains(command.api.url().toString(), "./espalier up");
            assertThat(run.out()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "branches nonsense",
                "projects",
                "projects get",
                "projects get a b",
                "projects list --nonsense",
                "projects list --output xml",
                "branches create dev -p shop --ttl 3d --no-expiry",
                "branches create dev -p shop",
                "branches create dev -p shop --ttl 3",
                "branches create dev -p shop --ttl three-days",
                "branches create dev -p shop --ttl 3d --at yesterday",
                "branches create dev -p shop --ttl 3d --at 2026-11-25T10:00:00",
                "branches create dev -p shop --ttl 3d --at 2026-11-25T10:00:00Z --lsn 0/1",
                "branches restore dev -p shop",
                "branches diff dev -p shop",
                "branches update dev -p shop",
                "branches get a/b -p shop",
                "endpoints list -p shop",
                "databases create app -p shop -b dev",
                "projects list --host localhost:8400",
                "completion fish"
            })
    void aWrongCommandLineIsAUsageErrorAndCallsNothing(String line) {
        CommandFixture.Run run = command.line(line);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).isNotBlank();
        assertThat(command.api.calls()).isEmpty();
    }

    @Test
    void aMistypedWordIsAnsweredWithWhatComesNearAndNotWithPages() {
        assertThat(command.line("branchs list").err()).contains("branches");
        CommandFixture.Run run = command.line("branches list --projct shop");
        assertThat(run.err().lines()).hasSizeLessThan(6);
        assertThat(run.err()).contains("--project", "See: espalier branches list --help");
    }

    @Test
    void noCommandAtAllIsAUsageErrorThatShowsTheCommands() {
        CommandFixture.Run run = command.run();
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("branches", "completion");
    }

    @Test
    void theHelpAndTheReadmeListEveryExitCode() throws IOException {
        assertThat(Files.readString(Path.of("README.md")).replace("`", ""))
                .contains(Arrays.stream(ExitCode.values())
                        .map(code -> "| " + code.number() + " | " + code.meaning() + " |")
                        .toList());
        CommandFixture.Run run = command.line("--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains(Arrays.stream(ExitCode.values())
                        .map(code -> "  " + code.number() + "   " + code.meaning())
                        .toList());
    }
}
