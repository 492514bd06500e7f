package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Following what a call began. */
class OperationsTest {
    private static final String NAME = "projects/shop/branches/dev/operations/7";
    private static final String RUNNING = """
            {"name":"%s","done":false}""".formatted(NAME);
    private static final String DONE = """
            {"name":"%s","done":true,"response":{"name":"projects/shop/branches/dev","status":{"current_state":"READY"}}}""".formatted(NAME);
    private static final String FAILED = """
            {"name":"%s","done":true,"error":{"error_code":"RESOURCE_EXHAUSTED","message":"The disk is full. Make room."}}""".formatted(NAME);
    private static final String EMPTY = """
            {"name":"%s","done":true,"response":{"@type":"type.googleapis.com/google.protobuf.Empty"}}""".formatted(NAME);

    @RegisterExtension
    final CommandFixture command = new CommandFixture();

    OperationsTest() throws IOException {}

    @Test
    void waitsUntilTheOperationIsDoneAndShowsItsResource() {
        command.api.answer("POST projects/shop/branches/dev/reset", 200, RUNNING);
        command.api.answer("GET " + NAME, 200, RUNNING).answer("GET " + NAME, 200, DONE);
        CommandFixture.Run run = command.line("branches reset dev -p shop");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("dev", "READY");
        assertThat(run.err()).isEmpty();
        assertThat(command.api.calls()).hasSize(3);
    }

    @Test
    void anOperationThatIsDoneAtOnceIsNotAskedForAgain() {
        command.api.answer("POST projects/shop/branches/dev/reset", 200, DONE);
        command.line("branches reset dev -p shop");
        assertThat(command.api.calls()).hasSize(1);
    }

    @Test
    void withoutWaitingTheOperationItselfIsShown() {
        command.api.answer("POST projects/shop/branches/dev/reset", 200, RUNNING);
        CommandFixture.Run run = command.line("branches reset dev -p shop --no-wait");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("OPERATION", NAME);
        assertThat(command.api.calls()).hasSize(1);
        assertThat(command.line("--no-wait branches reset dev -p shop -o json").out())
                .isEqualTo(RUNNING + "\n");
        assertThat(command.api.calls()).hasSize(2);
    }

    @Test
    void waitCanBeSaidToo() {
        command.api.answer("POST projects/shop/branches/dev/reset", 200, RUNNING);
        command.api.answer("GET " + NAME, 200, DONE);
        assertThat(command.line("branches reset dev -p shop --wait").out()).contains("READY");
    }

    @Test
    void theJsonOfAWaitIsTheOperationsLastAnswerUnchanged() {
        command.api.answer("POST projects/shop/branches/dev/reset", 200, RUNNING);
        command.api.answer("GET " + NAME, 200, DONE);
        assertThat(command.line("branches reset dev -p shop -o json").out()).isEqualTo(DONE + "\n");
    }

    @Test
    void aDeletionThatHasNoResourceIsSaidInWords() {
        command.api.answer("DELETE projects/shop/branches/dev", 200, EMPTY);
        assertThat(command.line("branches delete dev -p shop").out()).isEqualTo("Deleted dev\n");
    }

    @Test
    void anOperationThatFailsHasItsOwnExitCodeAndItsCause() {
        command.api.answer("POST projects/shop/branches/dev/reset", 200, RUNNING);
        command.api.answer("GET " + NAME, 200, FAILED);
        CommandFixture.Run run = command.line("branches reset dev -p shop -o json");
        assertThat(run.exitCode()).isEqualTo(7);
        assertThat(run.err()).isEqualTo("The disk is full. Make room.\n");
        assertThat(run.out()).isEqualTo(FAILED + "\n");
    }

    @Test
    void anOperationThatFailsForAConflictEndsAsACallThatIsRefusedForIt() {
        command.api.answer(
                "POST projects/shop/branches/dev/reset", 200, FAILED.replace("RESOURCE_EXHAUSTED", "INVALID_STATE"));
        assertThat(command.line("branches reset dev -p shop").exitCode()).isEqualTo(4);
    }

    @Test
    void progressIsShownOnATerminalAfterASecondAndTakenAway() {
        command.api.answer("POST projects/shop/branches/dev/reset", 200, RUNNING);
        for (int poll = 0; poll < 5; poll++) {
            command.api.answer("GET " + NAME, 200, RUNNING);
        }
        command.api.answer("GET " + NAME, 200, DONE);
        command.terminal = true;
        CommandFixture.Run run = command.line("branches reset dev -p shop");
        assertThat(run.err())
                .containsPattern("Waiting for projects/shop/branches/dev … [1-9]\\d* s")
                .doesNotContain("… 0 s")
                .endsWith("\r\033[K");
    }
}
