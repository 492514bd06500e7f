package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What stdout looks like. */
class OutputTest {
    private static final String BRANCHES = """
            { "branches" : [
              {"name":"projects/shop/branches/production","create_time":"2026-11-25T09:00:00.123Z",
               "status":{"current_state":"READY","default":true,"logical_size_bytes":1610612736}},
              {"name":"projects/shop/branches/dev","create_time":"2026-11-25T10:00:00Z",
               "status":{"current_state":"READY","source_branch":"projects/shop/branches/production",
                         "logical_size_bytes":"512","expire_time":"2026-11-28T10:00:00Z"}}] }
            """;

    @RegisterExtension
    final CommandFixture command = new CommandFixture();

    OutputTest() throws IOException {}

    @Test
    void aListIsATableOfAlignedColumnsWithoutTheEmptyOnes() {
        command.api.answer("GET projects/shop/branches", 200, BRANCHES);
        assertThat(command.line("branches list -p shop").out()).isEqualTo("""
                BRANCH      STATE  DEFAULT  FROM        SIZE     CREATED               EXPIRES
                production  READY  yes                  1.5 GiB  2026-11-25T09:00:00Z
                dev         READY           production  512 B    2026-11-25T10:00:00Z  2026-11-28T10:00:00Z
                """);
    }

    @Test
    void jsonIsTheApisBodyUnchanged() {
        command.api.answer("GET projects/shop/branches", 200, BRANCHES);
        assertThat(command.line("branches list -p shop --output json").out()).isEqualTo(BRANCHES + "\n");
        assertThat(command.line("-o JSON branches list -p shop").out()).isEqualTo(BRANCHES + "\n");
    }

    @Test
    void aListOfSeveralPagesIsOneList() {
        command.api.answer("GET projects", 200, """
                {"projects":[{"name":"projects/a"}],"next_page_token":"2"}""");
        command.api.answer("GET projects?page_token=2", 200, """
                {"projects":[{"name":"projects/b"}]}""");
        assertThat(command.line("projects list -o json").out()).isEqualTo("""
                {"projects":[{"name":"projects/a"},{"name":"projects/b"}]}
                """);
    }

    @Test
    void whatATagThatIsTakenLeavesIsTold() {
        command.api.answer(
                "DELETE /api/2.1/unity-catalog/entity-tag-assignments/tables/shop.public.people/tags/pii", 200, """
                {"warnings":["the policy p matches nothing now"]}""");
        assertThat(command.line("tags unassign table shop.public.people pii").err())
                .isEqualTo("Took pii from shop.public.people\nNote: the policy p matches nothing now\n");
    }

    @Test
    void whatTheRemovalOfAPolicyCouldNotDoIsTold() {
        command.api.answer("DELETE /api/2.1/unity-catalog/policies/catalog/shop/hide", 200, """
                {"warnings":["projects/shop/branches/production is suspended"]}""");
        assertThat(command.line("policies delete catalog shop hide").err())
                .isEqualTo("Removed hide\nNote: projects/shop/branches/production is suspended\n");
    }

    @Test
    void onePageIsShownWhenOneIsAskedForAndTheNextIsNamed() {
        command.api.answer("GET projects?page_size=1", 200, """
                {"projects":[{"name":"projects/a"}],"next_page_token":"2"}""");
        CommandFixture.Run run = command.line("projects list --page-size 1");
        assertThat(run.out()).contains("a").doesNotContain("b");
        assertThat(run.err()).isEqualTo("There is more: --page-token 2\n");
    }

    @Test
    void anEmptyListSaysSoToPeopleOnly() {
        command.api.answer("GET projects", 200, "{}");
        CommandFixture.Run people = command.line("projects list");
        assertThat(people.out()).isEmpty();
        assertThat(people.err()).isEqualTo("No projects.\n");
        CommandFixture.Run programs = command.line("projects list -o json");
        assertThat(programs.out()).isEqualTo("{}\n");
        assertThat(programs.err()).isEmpty();
    }

    @Test
    void oneResourceIsShownWithAllItsFields() {
        command.api.answer("GET system", 200, """
                {"version":"0.1.0","storage":{"backend":"btrfs","free_bytes":1073741824},
                 "postgres":[{"major":17,"version":"17.6"},{"major":18,"version":"18.1"}],"uptime_seconds":93784}""");
        assertThat(command.line("system").out()).isEqualTo("""
                version             0.1.0
                storage.backend     btrfs
                storage.free_bytes  1.0 GiB
                postgres            major=17 version=17.6
                postgres            major=18 version=18.1
                uptime_seconds      1d2h3m4s
                """);
    }

    @Test
    void whatOthersWroteCannotSteerTheTerminal() {
        command.api.answer("GET calls", 200, """
                {"calls":[{"time":"2026-11-25T10:00:00Z","principal":"x\\u001b[2J\\ny","method":"GET","path":"/p"}]}""");
        String out = command.line("calls list").out();
        assertThat(out).contains("x?[2J?y").doesNotContain("\033");
        command.api.answer("GET projects/shop", 404, """
                {"error_code":"NOT_FOUND","message":"No \\u001b[2Jshop."}""");
        assertThat(command.line("projects get shop").err()).isEqualTo("No ?[2Jshop.\n");
    }

    @Test
    void aCredentialIsPrintedBecauseItIsWhatWasAskedFor() {
        command.api.answer("POST credentials", 200, """
                {"token":"eyJ","expire_time":"2026-11-25T11:00:00Z"}""");
        assertThat(command.line("credentials create -p shop -b dev").out()).isEqualTo("""
                TOKEN  EXPIRES
                eyJ    2026-11-25T11:00:00Z
                """);
    }
}
