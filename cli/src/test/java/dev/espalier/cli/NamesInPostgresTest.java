package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Commands are for the database and the role that was named, and for no other of an id that looks alike. */
class NamesInPostgresTest {
    private static final String DEV = "projects/shop/branches/dev";
    private static final String DONE = """
            {"name":"projects/shop/operations/1","done":true,"response":{"name":"projects/shop"}}""";

    @RegisterExtension
    final CommandFixture command = new CommandFixture();

    NamesInPostgresTest() throws IOException {}

    @BeforeEach
    void listTwoOfEach() {
        command.api
                .answer("GET " + DEV + "/databases", 200, """
                        {"databases":[%s],"next_page_token":"2"}""".formatted(database("app-data", "app_data")))
                .answer("GET " + DEV + "/databases?page_token=2", 200, """
                        {"databases":[%s,%s]}""".formatted(
                                database("app-data-2", "app-data"), database("sales", "Sales")))
                .answer("GET " + DEV + "/roles", 200, """
                        {"roles":[%s,%s]}""".formatted(
                                role("anna-b-example-com-2", "anna-b@example.com"),
                                role("anna-b-example-com", "anna.b@example.com")));
    }

    @Test
    void aNameInPostgresqlIsFoundWhateverItsIdIs() {
        command.api.answer("DELETE " + DEV + "/databases/app-data", 200, DONE);
        assertThat(command.line("databases delete app_data -p shop -b dev").exitCode())
                .isZero();
        assertThat(command.api.last().line()).isEqualTo("DELETE " + DEV + "/databases/app-data");
        command.api.answer("PATCH " + DEV + "/roles/anna-b-example-com-2", 200, DONE);
        assertThat(command.line("roles update anna-b@example.com -p shop -b dev --createdb")
                        .exitCode())
                .isZero();
        assertThat(command.api.last().path()).isEqualTo(DEV + "/roles/anna-b-example-com-2");
    }

    @Test
    void anIdIsFoundWhereNothingElseHasItForAName() {
        command.api.answer("GET " + DEV + "/databases/app-data-2", 200, "{}");
        assertThat(command.line("databases get app-data-2 -p shop -b dev").exitCode())
                .isZero();
        assertThat(command.api.last().path()).isEqualTo(DEV + "/databases/app-data-2");
    }

    @Test
    void whatIsTheNameOfOneAndTheIdOfAnotherIsRefused() {
        CommandFixture.Run run = command.line("databases delete app-data -p shop -b dev");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(DEV + "/databases/app-data, " + DEV + "/databases/app-data-2");
        assertThat(command.api.calls()).noneMatch(call -> call.method().equals("DELETE"));
    }

    @Test
    void whatOnlyLooksLikeANameIsNotFound() {
        for (String name : new String[] {"sAles", "app.data", "nothing"}) {
            CommandFixture.Run run = command.line("databases delete " + name + " -p shop -b dev");
            assertThat(run.exitCode()).isEqualTo(3);
            assertThat(run.err()).contains("no database '" + name + "'").contains("espalier databases list");
        }
    }

    @Test
    void ownersAndHeirsAreFoundByTheirNames() {
        command.api.answer("POST " + DEV + "/databases", 200, DONE);
        command.line("databases create more -p shop -b dev --owner anna.b@example.com");
        assertThat(command.api.last().json().at("/spec/role").asString()).isEqualTo(DEV + "/roles/anna-b-example-com");
        command.api.answer("PATCH " + DEV + "/databases/sales", 200, DONE);
        command.line("databases update Sales -p shop -b dev --owner anna-b@example.com");
        assertThat(command.api.last().json().at("/spec/role").asString())
                .isEqualTo(DEV + "/roles/anna-b-example-com-2");
        command.api.answer("DELETE " + DEV + "/roles/anna-b-example-com", 200, DONE);
        command.line("roles delete anna.b@example.com -p shop -b dev --reassign-owned-to anna-b@example.com");
        assertThat(command.api.last().line())
                .isEqualTo("DELETE " + DEV + "/roles/anna-b-example-com?reassign_owned_to=" + DEV
                        + "/roles/anna-b-example-com-2");
    }

    private static String database(String id, String name) {
        return """
                {"name":"%s/databases/%s","status":{"postgres_database":"%s"}}""".formatted(DEV, id, name);
    }

    private static String role(String id, String name) {
        return """
                {"name":"%s/roles/%s","status":{"postgres_role":"%s"}}""".formatted(DEV, id, name);
    }
}
