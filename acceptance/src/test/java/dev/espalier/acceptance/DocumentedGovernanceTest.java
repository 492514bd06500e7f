package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** What {@code docs/governance.md} tells a reader to paste: its blocks that are marked as sh or sql, in their order, in a new home. */
class DocumentedGovernanceTest {

    private static final Pattern BLOCK = Pattern.compile("```(sh|sql)\n(.*?)```", Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");
    private static final String COMMAND = "./espalier ";

    @Test
    void theExamplesOfThePageDoWhatItSays() throws IOException, InterruptedException, SQLException {
        Program.needs("apt-get install postgresql-client", "psql", "--version");
        List<MatchResult> blocks = BLOCK.matcher(Files.readString(Path.of("..", "docs", "governance.md")))
                .results()
                .toList();
        assertThat(blocks).extracting(block -> block.group(1)).containsExactly("sh", "sql", "sh", "sql");

        try (GovernedServer server = new GovernedServer(new TestHome())) {
            run(server, blocks.subList(0, 2));
            String secret = new JsonMapper()
                    .readTree(server.command("principals", "secret", "ana", "-o", "json"))
                    .get("secret")
                    .asString();
            assertThat(people(server, secret))
                    .as("in five statements")
                    .containsExactly("1 a***@example.com EU", "2 b***@example.com US");

            run(server, blocks.subList(2, 4));
            assertThat(people(server, secret)).as("with the row filter").containsExactly("1 a***@example.com EU");
        }
    }

    private static void run(GovernedServer server, List<MatchResult> blocks) throws IOException, SQLException {
        for (MatchResult block : blocks) {
            if (block.group(1).equals("sql")) {
                server.say(Stream.of(block.group(2).split(";\n")).toArray(String[]::new));
            } else {
                for (String line : block.group(2).lines().toList()) {
                    assertThat(line).startsWith(COMMAND);
                    server.command(words(line.substring(COMMAND.length())));
                }
            }
        }
    }

    /** As a shell takes the line apart: what stands in quotes is one word. */
    private static String[] words(String line) {
        return WORD.matcher(line)
                .results()
                .map(word -> word.group(1) == null ? word.group(2) : word.group(1))
                .toArray(String[]::new);
    }

    private static List<String> people(GovernedServer server, String secret) throws SQLException {
        try (Connection session =
                        server.connect("ana", secret, GovernedServer.address("shop", "production"), "extended");
                var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT concat_ws(' ', id, email, region) FROM person ORDER BY id")) {
            List<String> people = new ArrayList<>();
            while (rows.next()) {
                people.add(rows.getString(1));
            }
            return people;
        }
    }
}
