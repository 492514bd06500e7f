package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which project is meant when it need not be said. */
class ProjectChoiceTest {
    @RegisterExtension
    final CommandFixture command = new CommandFixture();

    ProjectChoiceTest() throws IOException {}

    @Test
    void theOptionComesBeforeTheEnvironment() {
        command.variables.put("ESPALIER_PROJECT", "other");
        command.line("branches get dev --project shop");
        assertThat(command.api.last().path()).isEqualTo("projects/shop/branches/dev");
    }

    @Test
    void theEnvironmentComesBeforeWhatThereIs() {
        command.variables.put("ESPALIER_PROJECT", "other");
        command.line("branches get dev");
        assertThat(command.api.calls())
                .extracting(ScriptedApi.Call::path)
                .containsExactly("projects/other/branches/dev");
    }

    @Test
    void theOnlyProjectIsMeantWhenNothingIsSaid() {
        command.api.answer("GET projects", 200, """
                {"projects":[{"name":"projects/shop"}]}""");
        command.line("branches get dev");
        assertThat(command.api.last().path()).isEqualTo("projects/shop/branches/dev");
    }

    @Test
    void ofSeveralProjectsNoneIsGuessedAndAllAreNamed() {
        command.api.answer("GET projects", 200, """
                {"projects":[{"name":"projects/shop"}],"next_page_token":"2"}""");
        command.api.answer("GET projects?page_token=2", 200, """
                {"projects":[{"name":"projects/backstage"}]}""");
        CommandFixture.Run run = command.line("branches get dev");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("shop, backstage", "--project", "ESPALIER_PROJECT");
    }

    @Test
    void withoutAProjectTheFirstStepIsSaid() {
        command.api.answer("GET projects", 200, "{}");
        CommandFixture.Run run = command.line("branches list");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("espalier projects create");
    }
}
