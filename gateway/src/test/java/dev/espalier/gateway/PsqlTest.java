package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.testing.TestWait;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's psql through the gateway. */
class PsqlTest extends GatewayTest {

    private record Output(int status, String text) {}

    private Output psql(String connection, String... arguments) throws Exception {
        return psql(connection, Map.of(), "", arguments);
    }

    private Output psql(String connection, Map<String, String> environment, String input, String... arguments)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "psql", "-X", "-A", "-t", "-w", "host=127.0.0.1 port=" + gateway.port + " user=ann " + connection));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("PGPASSWORD", TestPorts.PASSWORD);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Output(process.waitFor(), text.strip());
    }

    @Test
    void aSessionRunsOverTlsAsTheRealRole() throws Exception {
        Output output = psql("dbname=catalog sslmode=require", "-c", "SELECT session_user, current_user, 6 * 7");
        assertThat(output).isEqualTo(new Output(0, "ann|ann|42"));
        assertThat(statements()).singleElement().satisfies(statement -> {
            assertThat(statement.text()).isEqualTo("SELECT session_user, current_user, 6 * 7");
            assertThat(statement.session().client().encrypted()).isTrue();
            assertThat(statement.session().client().applicationName()).isEqualTo("psql");
            assertThat(statement.session().principal().name()).isEqualTo("ann");
            assertThat(statement.session().principal().acting().agent()).isEqualTo("helper");
            assertThat(statement.session().route().branch().name()).isEqualTo("main");
        });
    }

    @Test
    void theCertificateOfTheGatewayCanBeVerified() throws Exception {
        String root = " sslrootcert=" + gateway.certificate;
        assertThat(psql("dbname=catalog sslmode=verify-full host=localhost" + root, "-c", "SELECT 1"))
                .isEqualTo(new Output(0, "1"));
        assertThat(gateway.ports.targets.getFirst().sniHost()).contains("localhost");
        assertThat(Files.getPosixFilePermissions(gateway.certificate.resolveSibling("gateway.key")))
                .hasSize(2);
    }

    @Test
    void theDatabasesNameIsPassedOnAsItIs() throws Exception {
        assertThat(psql("dbname=catalog@feature-x", "-c", "SELECT current_database()"))
                .isEqualTo(new Output(0, "catalog"));
        assertThat(gateway.ports.targets.getFirst().database()).isEqualTo("catalog@feature-x");
    }

    @Test
    void startupOptionsNameTheBranchAndOtherSettingsReachTheBackend() throws Exception {
        Output output = psql(
                "dbname=catalog",
                Map.of("PGOPTIONS", "-c espalier.branch=feature-x -c work_mem=7MB --search-path=pg_catalog"),
                "",
                "-c",
                "SELECT current_setting('work_mem'), current_setting('search_path'),"
                        + " current_setting('espalier.branch', true)");
        assertThat(output).isEqualTo(new Output(0, "7MB|pg_catalog|"));
        assertThat(gateway.ports.targets.getFirst().options()).isEqualTo(Map.of("branch", "feature-x"));
    }

    @Test
    void refusesStartupOptionsThatSetCouldNotMake() throws Exception {
        assertThat(psql("dbname=catalog", Map.of("PGOPTIONS", "-c ignore_system_indexes=on"), "", "-c", "SELECT 1"))
                .satisfies(output -> assertThat(output.text()).contains("SET could not make it either"));
        assertThat(psql("dbname=catalog", Map.of("PGOPTIONS", "-W 100"), "", "-c", "SELECT 1"))
                .satisfies(output -> assertThat(output.text()).contains("only settings are taken"));
    }

    @Test
    void aRefusedSignInSaysWhyAndIsRecorded() throws Exception {
        Output output = psql("dbname=catalog sslmode=require", Map.of("PGPASSWORD", "old"), "", "-c", "SELECT 1");
        assertThat(output.status()).isEqualTo(2);
        assertThat(output.text())
                .contains("FATAL:  the token of ann has expired")
                .contains("HINT:  Ask for a new one.");
        assertThat(gateway.ports.sessions)
                .hasSize(1)
                .first()
                .satisfies(record -> assertThat(record).isInstanceOfSatisfying(SessionRecord.Refused.class, refused -> {
                    assertThat(refused.user()).isEqualTo("ann");
                    assertThat(refused.database()).isEqualTo("catalog");
                    assertThat(refused.sqlState()).isEqualTo("28P01");
                    assertThat(refused.reason()).isEqualTo("the token of ann has expired");
                }));
    }

    @Test
    void scramIsSpokenWhereTheClientAsksForIt() throws Exception {
        postgres.execute("postgres", "ALTER ROLE ann PASSWORD '" + TestPorts.PASSWORD + "'");
        gateway.ports.scramSecret = postgres.value("SELECT rolpassword FROM pg_authid WHERE rolname = 'ann'");
        Map<String, String> options = Map.of("PGOPTIONS", "-c espalier.auth=scram-sha-256");
        for (String tls : List.of("disable", "require")) {
            assertThat(psql("dbname=catalog sslmode=" + tls, options, "", "-c", "SELECT 1"))
                    .isEqualTo(new Output(0, "1"));
        }
    }

    @Test
    void anUnknownBranchIsRefusedWithTheCandidates() throws Exception {
        assertThat(psql("dbname=catalog@nope sslmode=require", "-c", "SELECT 1").text())
                .contains("there is no branch nope")
                .contains("HINT:  You may reach:")
                .contains("feature-x");
        assertThat(gateway.ports.sessions)
                .singleElement()
                .satisfies(record -> assertThat(record)
                        .isInstanceOfSatisfying(
                                SessionRecord.Refused.class,
                                refused -> assertThat(refused.principal())
                                        .map(Principal::name)
                                        .contains("ann")));
    }

    @Test
    void whatTheBackendRefusesIsSaidInItsOwnWords() throws Exception {
        assertThat(psql("dbname=nowhere", "-c", "SELECT 1").text()).contains("database \"nowhere\" does not exist");
        assertThat(psql("dbname=catalog@gone", "-c", "SELECT 1").text())
                .contains("the server of branch gone cannot be reached");
    }

    @Test
    void aBrokenPortIsAnErrorOfTheGatewaysOwnAndNothingIsHeld() throws Exception {
        Output output = psql("dbname=catalog user=broken", "-c", "SELECT 1");
        assertThat(output.text()).contains("a reason of the gateway's own");
    }

    @Test
    void aPortOfItsOwnLeadsToItsBranch() throws Exception {
        try (GatewayServer.Listener own = gateway.server.listen("127.0.0.1", 0, "feature-x")) {
            assertThat(psql("dbname=catalog port=" + own.port(), "-c", "SELECT 1"))
                    .isEqualTo(new Output(0, "1"));
            assertThat(statements().getFirst().session().route().branch().name())
                    .isEqualTo("feature-x");
        }
    }

    @Test
    void copyGoesBothWaysAndCountsRowsAndBytes() throws Exception {
        String script = """
                CREATE TABLE copied (id int, name text);
                COPY copied FROM STDIN;
                1\tone
                2\ttwo
                \\.
                COPY copied TO STDOUT;
                DROP TABLE copied;
                """;
        Output output = psql("dbname=catalog", Map.of(), script, "-q");
        assertThat(output).isEqualTo(new Output(0, "1\tone\n2\ttwo"));
        assertThat(statements()).extracting(StatementRecord::type).containsExactly("CREATE", "COPY", "COPY", "DROP");
        assertThat(statements()).extracting(StatementRecord::rows).containsExactly(0L, 2L, 2L, 0L);
        assertThat(statements().get(1).bytesFromClient()).isGreaterThan("1\tone\n2\ttwo\n".length() + 20);
        assertThat(statements().get(2).bytesToClient()).isGreaterThan("1\tone\n2\ttwo\n".length() + 20);
    }

    @Test
    void aTextOfManyStatementsGivesARecordForEach() throws Exception {
        Output output = psql("dbname=catalog", "-c", "SELECT 1; SELECT 2 UNION SELECT 3; BEGIN; SELECT 1/0; SELECT 4");
        assertThat(output.text()).contains("division by zero");
        assertThat(texts()).containsExactly("SELECT 1", "SELECT 2 UNION SELECT 3", "BEGIN", "SELECT 1/0");
        assertThat(statements()).extracting(StatementRecord::number).containsExactly(1L, 2L, 3L, 4L);
        assertThat(statements()).extracting(StatementRecord::rows).containsExactly(1L, 2L, 0L, 0L);
        assertThat(statements().getLast().outcome())
                .isEqualTo(new StatementRecord.Outcome.Failed("22012", "division by zero"));
    }

    @Test
    void aTextIsNotTakenForKnownWhereTheServerReadsItsQuotesOtherwise() throws Exception {
        String text = "SELECT '\\''; CREATE TABLE hidden_in_quotes (); --'";
        Output _ = psql("dbname=catalog options='-c standard_conforming_strings=off'", "-c", text);
        assertThat(statements()).hasSize(2).allSatisfy(record -> {
            assertThat(record.parsed()).isFalse();
            assertThat(record.changes()).isTrue();
        });
    }

    @Test
    void theTagLeadsFromTheServersActivityToTheSession() throws Exception {
        Output output = psql(
                "dbname=catalog application_name='a name that is much longer than there is room for it'",
                "-c",
                "SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()");
        String id = statements().getFirst().session().id();
        assertThat(output.text()).isEqualTo("a name that is muc [espalier:" + id + " helper/query]");
        assertThat(output.text()).hasSizeLessThanOrEqualTo(63);
    }

    @Test
    void aClientThatReadsItsApplicationNameBackMayDoWithoutTheTag() throws Exception {
        Output output = psql(
                "dbname=catalog application_name=itself options='-c espalier.tag=off'",
                "-c",
                "SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()");
        assertThat(output.text()).isEqualTo("itself");
    }

    /** psql's own commands for them, which libpq sends as FunctionCall messages. */
    @Test
    void largeObjectsGoInAndOutAgain(@TempDir Path directory) throws Exception {
        Path in = Files.write(directory.resolve("in"), new byte[300_000]);
        Path out = directory.resolve("out");
        psql(
                "dbname=catalog",
                "-c",
                "\\lo_import " + in,
                "-c",
                "\\lo_export :LASTOID " + out,
                "-c",
                "\\lo_unlink :LASTOID");
        assertThat(out).hasSameBinaryContentAs(in);
        assertThat(texts())
                .contains("FunctionCall lo_creat(393216)")
                .anyMatch(text -> text.startsWith("FunctionCall lo_unlink("));
    }

    @Test
    void sqlCommentsAreKeptApartAsClaims() throws Exception {
        psql("dbname=catalog", "-c", "SELECT 1 /*application='shop%20floor',traceparent='00-ab'*/");
        assertThat(statements().getFirst().claims())
                .isEqualTo(Map.of("application", "shop floor", "traceparent", "00-ab"));
    }

    @Test
    void aSessionIsRecordedFromSignInToSignOut() throws Exception {
        psql("dbname=catalog", "-c", "SELECT 1", "-c", "SELECT 2");
        TestWait.until("signed out", () -> gateway.ports.sessions.size() == 2);
        assertThat(gateway.ports.sessions.get(0))
                .isInstanceOfSatisfying(
                        SessionRecord.SignedIn.class,
                        signedIn -> assertThat(signedIn.processId()).isPositive());
        assertThat(gateway.ports.sessions.get(1)).isInstanceOfSatisfying(SessionRecord.SignedOut.class, out -> {
            assertThat(out.statements()).isEqualTo(2);
            assertThat(out.reason()).isEqualTo("the client ended it");
        });
    }
}
