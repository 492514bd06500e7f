package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What psql is started with. The psql here is a script that writes its arguments down and exits with 3. */
class PsqlTest {
    private static final String BRANCH = "projects/shop/branches/dev";

    @RegisterExtension
    final CommandFixture command = new CommandFixture();

    PsqlTest() throws IOException {}

    @BeforeEach
    void installPsql() throws IOException {
        Path bin = Files.createDirectory(command.home.resolve("bin"));
        Path psql = Files.writeString(bin.resolve("psql"), """
                #!/bin/sh
                printf '%s\\n' "$@" >"${0%/*}/arguments"
                exit 3
                """);
        Files.setPosixFilePermissions(psql, PosixFilePermissions.fromString("rwxr-xr-x"));
        command.variables.put("PATH", bin.toString());
        command.api.answer("POST " + BRANCH + "/endpoints/primary/wake", 200, """
                {"name":"%s/endpoints/primary/operations/1","done":true,
                 "response":{"name":"%s/endpoints/primary","status":{"hosts":{"host":"/run/espalier/ep-1"}}}}""".formatted(BRANCH, BRANCH));
        command.api.answer("GET " + BRANCH + "/databases", 200, """
                {"databases":[{"name":"%s/databases/catalog","status":{"postgres_database":"catalog"}},
                {"name":"%s/databases/databricks-postgres","status":{"postgres_database":"databricks_postgres"}}]}""".formatted(BRANCH, BRANCH));
        command.api.answer("GET " + BRANCH + "/roles", 200, """
                {"roles":[{"status":{"postgres_role":"app"}},
                {"status":{"postgres_role":"anna@example.com","membership_roles":["DATABRICKS_SUPERUSER"]}}]}""");
    }

    private Path arguments() {
        return command.home.resolve("bin/arguments");
    }

    @Test
    void psqlIsStartedOnTheWokenEndpointWithTheUsualDatabaseAndRoleAndItsExitCodeIsPassedOn() {
        CommandFixture.Run run = command.line("psql dev -p shop");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(arguments()).hasContent("""
                --host=/run/espalier/ep-1
                --port=5432
                --dbname=databricks_postgres
                --username=anna@example.com""");
    }

    @Test
    void whatIsNamedIsNotLookedUpAndWhatFollowsTheDashesIsPsqls() {
        command.run(
                "psql",
                "dev",
                "-p",
                "shop",
                "--database",
                "catalog",
                "--role",
                "app",
                "--",
                "-c",
                "SELECT 1",
                "--output=x");
        assertThat(command.api.calls()).hasSize(1);
        assertThat(arguments()).hasContent("""
                --host=/run/espalier/ep-1
                --port=5432
                --dbname=catalog
                --username=app
                -c
                SELECT 1
                --output=x""");
    }

    @Test
    void aRoleThatIsNotClearIsNotGuessed() {
        command.api.reset("GET " + BRANCH + "/roles").answer("GET " + BRANCH + "/roles", 200, """
                {"roles":[{"status":{"postgres_role":"app"}},{"status":{"postgres_role":"report"}}]}""");
        CommandFixture.Run run = command.line("psql dev -p shop");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("app, report", "--role");
        assertThat(arguments()).doesNotExist();
    }

    @Test
    void whereThereIsNoPsqlWhatToInstallIsSaidBeforeAnythingIsWoken() {
        command.variables.put("PATH", "/nowhere:");
        CommandFixture.Run run = command.line("psql dev -p shop");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("apt install postgresql-client", "brew install libpq");
        assertThat(command.api.calls()).isEmpty();
    }
}
