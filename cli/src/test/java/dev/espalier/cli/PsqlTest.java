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
                printf 'PGSSLMODE=%s\\nPGSSLROOTCERT=%s\\nPGPASSWORD=%s\\n' "$PGSSLMODE" "$PGSSLROOTCERT" "$PGPASSWORD" >"${0%/*}/environment"
                exit 3
                """);
        Files.setPosixFilePermissions(psql, PosixFilePermissions.fromString("rwxr-xr-x"));
        command.variables.put("PATH", bin.toString());
        command.api.reset("GET /health").answer("GET /health", 200, """
                {"status":"ok","gateway":{"host":"127.0.0.1","port":5401}}""");
        command.api.answer("GET /api/2.0/preview/scim/v2/Me", 200, """
                {"displayName":"anna"}""");
    }

    private Path arguments() {
        return command.home.resolve("bin/arguments");
    }

    private Path environment() {
        return command.home.resolve("bin/environment");
    }

    @Test
    void psqlIsStartedOnTheGatewayAsWhoCallsAndItsExitCodeIsPassedOn() throws IOException {
        CommandFixture.Run run = command.line("psql dev -p shop");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(arguments()).hasContent("""
                --host=127.0.0.1
                --port=5401
                --username=anna
                --dbname=shop/databricks_postgres@dev""");
    }

    @Test
    void theTokenIsNoArgumentAndNothingGoesWithoutTls() throws IOException {
        command.line("psql dev -p shop");
        assertThat(environment()).content().contains("PGSSLMODE=require").containsPattern("PGPASSWORD=.+");
    }

    @Test
    void theGatewaysCertificateIsNotHeldAgainstOnesForOtherServersUnlessTheCallerSaysSo() throws IOException {
        command.line("psql dev -p shop");
        String root = Files.readAllLines(environment()).get(1).replace("PGSSLROOTCERT=", "");
        assertThat(root).isNotEmpty();
        assertThat(Path.of(root)).doesNotExist();

        command.variables.put("PGSSLROOTCERT", "/etc/gateway.crt");
        command.line("psql dev -p shop");
        assertThat(environment()).content().contains("PGSSLROOTCERT=/etc/gateway.crt\n");
    }

    @Test
    void anEndpointIsReachedWithACredentialForItAlone() {
        command.api.answer("POST credentials", 200, """
                {"token":"for-one-endpoint","expire_time":"2026-11-25T11:00:00Z"}""");
        command.line("psql dev -p shop --endpoint reports");
        assertThat(command.api.last().json().path("endpoint").asString("")).isEqualTo(BRANCH + "/endpoints/reports");
        assertThat(environment()).content().contains("PGPASSWORD=for-one-endpoint");
    }

    @Test
    void withoutABranchTheGatewayChoosesTheProjectsDefaultBranch() {
        command.line("psql -p shop");
        assertThat(arguments()).content().contains("--dbname=shop/databricks_postgres\n");
        command.run("psql", "-p", "shop", "--", "-c", "SELECT 1");
        assertThat(arguments()).hasContent("""
                --host=127.0.0.1
                --port=5401
                --username=anna
                --dbname=shop/databricks_postgres
                -c
                SELECT 1""");
    }

    @Test
    void withoutABranchAnEndpointIsOneOfTheDefaultBranchOrSaysItsOwn() {
        command.api.answer("GET projects/shop", 200, """
                {"name":"projects/shop","status":{"default_branch":"projects/shop/branches/main"}}""");
        command.api.answer("POST credentials", 200, """
                {"token":"for-one-endpoint","expire_time":"2026-11-25T11:00:00Z"}""");
        command.line("psql -p shop --endpoint reports");
        assertThat(command.api.last().json().path("endpoint").asString(""))
                .isEqualTo("projects/shop/branches/main/endpoints/reports");
        assertThat(arguments()).content().contains("--dbname=shop/databricks_postgres@main\n");

        command.line("psql --endpoint " + BRANCH + "/endpoints/reports");
        assertThat(command.api.last().json().path("endpoint").asString("")).isEqualTo(BRANCH + "/endpoints/reports");
        assertThat(arguments()).content().contains("--dbname=shop/databricks_postgres@dev\n");
    }

    @Test
    void whatFollowsTheDashesIsPsqls() {
        command.run("psql", "dev", "-p", "shop", "--database", "catalog", "--", "-c", "SELECT 1", "--output=x");
        assertThat(arguments()).hasContent("""
                --host=127.0.0.1
                --port=5401
                --username=anna
                --dbname=shop/catalog@dev
                -c
                SELECT 1
                --output=x""");
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
