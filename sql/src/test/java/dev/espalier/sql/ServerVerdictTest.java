package dev.espalier.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.postgres.RunningServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A live server and the grammar here must agree on every statement: both take it, or both refuse it. */
class ServerVerdictTest {

    private static final String ACCEPTED = "22012";

    /** Statements that the grammar here takes and the server refuses, so that nothing runs that was not seen. */
    private static final List<String> KNOWN_DIVERGENCES = List.of(
            // libpg_query lets letters after a parameter's number pass.
            "PREPARE p1 AS SELECT $1a", "PREPARE p1 AS SELECT $0_1");

    @TempDir
    static Path directory;

    private static LiveServer server;
    private static PostgresGrammar grammar;

    @BeforeAll
    static void start() throws IOException {
        server = new LiveServer(directory);
        grammar = new PostgresGrammar(1);
    }

    @AfterAll
    static void stop() throws IOException {
        try (LiveServer ended = server) {
            assertThat(ended).isNotNull();
        } finally {
            RunningServers.stopAll(directory);
        }
    }

    @Test
    void agreesOnEveryKindOfStatement() throws Exception {
        List<String> statements = PsqlScript.statements(resource("statements.sql"));
        assertThat(statements).hasSizeGreaterThan(150);
        SoftAssertions all = new SoftAssertions();
        for (String statement : statements) {
            all.assertThat(server.verdict(statement)).as(statement).isEqualTo(ACCEPTED);
            all.assertThat(effects(statement)).as(statement).isNotEmpty().doesNotContain(Effect.UNKNOWN);
        }
        all.assertAll();
    }

    /** @return the effects of the one statement in a text; none where it is refused or not one */
    private static Set<Effect> effects(String text) {
        try {
            List<Statement> statements = grammar.parse(text);
            return statements.size() == 1 ? statements.getFirst().effects() : Set.of();
        } catch (SqlSyntaxException e) {
            return Set.of();
        }
    }

    @Test
    void agreesOnWhatIsNoStatement() throws Exception {
        for (String text : resource("refused.sql").split("\n")) {
            assertThat(server.verdict(text)).as(text).isNotEqualTo(ACCEPTED);
            assertThat(accepts(text)).as(text).isFalse();
        }
    }

    @Test
    void foretellsTheCommandTag() throws Exception {
        SoftAssertions all = new SoftAssertions();
        for (String statement : PsqlScript.statements(resource("tags.sql"))) {
            LiveServer.Answer answer = server.send(statement);
            all.assertThat(answer.sqlState()).as(statement).isEqualTo("00000");
            String words = String.join(", ", answer.tags()).replaceAll("( \\d+)+$", "");
            all.assertThat(grammar.parse(statement).getFirst().tag())
                    .as(statement)
                    .isEqualTo(words);
        }
        all.assertAll();
    }

    /**
     * PostgreSQL's own regression statements. They are not kept here: unpack PostgreSQL's source and name it with
     * -Dpostgres.source=DIRECTORY.
     */
    @Test
    @Tag("heavy")
    void agreesOnPostgresOwnRegressionStatements() throws Exception {
        Path source = Path.of(System.getProperty("postgres.source", "postgres.source is not set"));
        List<String> divergences = new ArrayList<>();
        int compared = 0;
        for (String statement : regressionStatements(source)) {
            boolean accepted = server.verdict(statement).equals(ACCEPTED);
            compared++;
            if (accepted != accepts(statement) && !KNOWN_DIVERGENCES.contains(statement)) {
                divergences.add((accepted ? "the server takes: " : "the server refuses: ") + statement);
            } else if (accepted) {
                misreadings(statement).forEach(divergences::add);
            }
        }
        System.out.println(compared + " statements compared");
        assertThat(compared).isGreaterThan(30_000);
        assertThat(divergences).isEmpty();
    }

    /** @return kinds that are not known, and relations whose offset does not point at their name */
    private static List<String> misreadings(String text) throws SqlSyntaxException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        List<String> found = new ArrayList<>();
        for (Statement statement : grammar.parse(text)) {
            if (statement.effects().isEmpty() || statement.effects().contains(Effect.UNKNOWN)) {
                found.add("unknown kind " + statement.node() + ": " + text);
            }
            for (Relation relation : Stream.concat(statement.relations().stream(), statement.qualifiers().stream())
                    .toList()) {
                if (relation.offset() >= 0 && !isNameAt(utf8, relation)) {
                    found.add(relation + " is not at its offset: " + text);
                }
            }
        }
        return found;
    }

    private static boolean isNameAt(byte[] utf8, Relation relation) {
        String rest = new String(utf8, relation.offset(), utf8.length - relation.offset(), StandardCharsets.UTF_8);
        String first = Stream.of(relation.catalog(), relation.schema(), relation.name())
                .filter(name -> !name.isEmpty())
                .findFirst()
                .orElseThrow();
        String quoted = "\"" + first.replace("\"", "\"\"") + "\"";
        return rest.startsWith(quoted)
                || rest.regionMatches(true, 0, first, 0, first.length())
                || rest.regionMatches(true, 0, "U&\"", 0, 3);
    }

    private static boolean accepts(String text) {
        try {
            grammar.parse(text);
            return true;
        } catch (SqlSyntaxException e) {
            return false;
        }
    }

    private static List<String> regressionStatements(Path source) throws IOException {
        try (Stream<Path> files = Files.walk(source)) {
            return files.filter(file -> file.toString().endsWith(".sql"))
                    .filter(file -> file.getParent().endsWith("sql"))
                    .sorted()
                    .map(ServerVerdictTest::text)
                    .flatMap(text -> PsqlScript.statements(text).stream())
                    .filter(statement -> statement.indexOf('\0') < 0)
                    .toList();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (MalformedInputException e) {
            return latin(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String latin(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String resource(String name) throws IOException {
        try (var in = ServerVerdictTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
