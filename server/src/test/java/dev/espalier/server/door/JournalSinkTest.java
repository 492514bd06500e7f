package dev.espalier.server.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.gateway.Acting;
import dev.espalier.gateway.ClientInfo;
import dev.espalier.gateway.GatewaySettings;
import dev.espalier.gateway.Principal;
import dev.espalier.gateway.Recall;
import dev.espalier.gateway.Route;
import dev.espalier.gateway.SessionInfo;
import dev.espalier.gateway.StatementRecord;
import dev.espalier.gateway.StatementRecord.Outcome;
import dev.espalier.journal.Durability;
import dev.espalier.journal.Journal;
import dev.espalier.journal.JournalSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalSinkTest {

    @TempDir
    private Path directory;

    @Test
    void whatACommentClaimsIsWrittenWithoutItsSecrets() throws IOException {
        Map<String, String> claims =
                Map.of("password", "hunter2", "route", "Bearer hunter2", "esp_hunter2", "x", "action", "index");
        String written = written(statement(claims, true, new Outcome.Completed("SELECT 1")));
        assertThat(written).contains("SELECT 1", "route", "action", "index").doesNotContain("hunter2");
    }

    /** Who fetches rows in parts and never the last of them has run it all the same. */
    @Test
    void aTextThatTheGrammarCannotReadIsInTheAuditUnlessPostgresqlHasRefusedIt() throws IOException {
        assertThat(written(statement(Map.of(), false, new Outcome.Failed("42601", "syntax error"))))
                .doesNotContain("statement_text");
        assertThat(written(statement(Map.of(), false, new Outcome.Suspended()))).contains("statement_text");
    }

    @Test
    void whatWasPreparedAndHadNoExecuteIsInTheAuditWhereItMayHaveChangedSomethingOrNobodyHasReadIt()
            throws IOException {
        Outcome bound = new Outcome.Unexecuted("BIND");
        assertThat(written(statement("SELECT 1", Map.of(), true, false, bound)))
                .contains("SELECT 1", "BIND")
                .doesNotContain("statement_text");
        assertThat(written(statement("SELECT 1", Map.of(), true, true, bound))).contains("BIND", "statement_text");
        assertThat(written(statement("SELECT 1", Map.of(), false, false, bound)))
                .contains("BIND", "statement_text");
    }

    @Test
    void whatTellsTheWholeOfATextThatIsTooLongIsWrittenBehindAllThatIsReadOfIt() throws IOException {
        String read = "x".repeat(GatewaySettings.defaults().maxText());
        String evidence = "… (the first 1048576 of 2147483647 bytes, SHA-256 of all: " + "f".repeat(64) + ")";
        assertThat(written(statement(read + evidence, Map.of(), true, false, new Outcome.Completed("SELECT 1"))))
                .contains("f".repeat(64) + ")");
    }

    private String written(StatementRecord statement) throws IOException {
        return written(sink -> sink.append(statement));
    }

    private String written(Consumer<JournalSink> append) throws IOException {
        JournalSettings settings = JournalSettings.of(directory, Durability.STRICT);
        try (Journal journal = Journal.open(settings, Clock.systemUTC())) {
            append.accept(new JournalSink(journal));
        }
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.append(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        return all.toString();
    }

    private static ClientInfo client(String application) {
        return new ClientInfo(
                "s", new InetSocketAddress("127.0.0.1", 1), false, Optional.empty(), Optional.empty(), application);
    }

    private static StatementRecord statement(Map<String, String> claims, boolean parsed, Outcome outcome) {
        return statement("SELECT 1", claims, parsed, false, outcome);
    }

    private static StatementRecord statement(
            String text, Map<String, String> claims, boolean parsed, boolean changes, Outcome outcome) {
        Route.Named named = new Route.Named("id", "name");
        SessionInfo session = new SessionInfo(
                client(""),
                new Principal("id of ann", "ann", "USER", Acting.NOBODY),
                new Route(named, named, named, "db", "ann", Path.of("/"), () -> {}, new Recall(), Optional.empty()));
        return new StatementRecord(
                session,
                1,
                1,
                StatementRecord.Protocol.SIMPLE,
                "SELECT",
                text,
                parsed,
                changes,
                false,
                claims,
                Instant.EPOCH,
                1,
                1,
                1,
                1,
                1,
                1,
                outcome);
    }
}
