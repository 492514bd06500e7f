package dev.espalier.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Names;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Any string can be a name, a comment, a label or a default, and stays one in every statement and line of text. */
@ExtendWith(Servers.class)
class HostileNamesTest {

    private static final List<String> PIECES = List.of(
            "\"",
            "'",
            "\\",
            "$$",
            "$a$",
            ";",
            "--",
            "/*",
            "*/",
            "\n",
            "\t",
            "\r",
            " ",
            ".",
            "%",
            "?",
            "{",
            "}",
            "(",
            ")",
            ",",
            "é",
            "☃",
            "\u202e",
            "😀",
            "A",
            "select",
            "NULL",
            "DROP TABLE x",
            "${x}",
            "%s",
            ":=",
            "0",
            "_old1");

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void staysANameOrAText(long seed, Servers.Running servers) throws SQLException {
        Random random = new Random(seed);
        try (Scratch scratch = new Scratch(servers.fixture(18))) {
            DatabaseSchema from = scratch.read();
            DatabaseSchema to = scratch.readAfter(hostile(random));
            DatabaseSchema other = scratch.readAfter(hostile(random));
            for (DatabaseSchema next : List.of(to, other, from)) {
                SchemaDiff diff = SchemaDiff.between(scratch.read(), next);
                assertThat(diff.toText()).doesNotContain("\u202e", "\t", "\r");
                assertThat(diff.toText().lines()).allMatch(line -> line.matches(" *[-+~!] .*"));
                scratch.apply(diff);
                assertThat(SchemaDiff.between(scratch.read(), next).toText()).isEmpty();
            }
        }
    }

    private static String hostile(Random random) {
        String schema = name(random);
        String table = schema + "." + name(random);
        String type = schema + "." + name(random);
        String one = name(random);
        String other = one.equals("\"x\"") ? "\"y\"" : "\"x\"";
        String role = "\"it's; \"\"$$\"";
        return String.join(
                ";\n",
                "CREATE SCHEMA " + schema,
                "CREATE TYPE " + type + " AS ENUM (" + text(random) + ", 'plain')",
                "CREATE TABLE " + table + " (" + one + " text DEFAULT " + text(random) + ", " + other + " " + type
                        + ", CONSTRAINT " + name(random) + " CHECK (" + one + " <> " + text(random) + "))",
                "COMMENT ON TABLE " + table + " IS " + text(random),
                "COMMENT ON COLUMN " + table + "." + one + " IS " + text(random),
                "CREATE SEQUENCE " + schema + "." + name(random) + " OWNED BY " + table + "." + one,
                "ALTER TABLE " + table + " OWNER TO " + role,
                "GRANT SELECT (" + one + ") ON " + table + " TO " + role + ", \"Mixed Role\"",
                "CREATE INDEX " + name(random) + " ON " + table + " (" + one + ") WHERE " + one + " > " + text(random),
                "CREATE VIEW " + schema + "." + name(random) + " AS SELECT " + one + " AS " + name(random) + ", "
                        + text(random) + "::text AS a FROM " + table,
                "CREATE FUNCTION " + schema + "." + name(random) + "(" + name(random) + " " + type
                        + ") RETURNS text LANGUAGE sql AS " + Names.literal("SELECT " + text(random) + "::text"),
                "CREATE POLICY " + name(random) + " ON " + table + " TO " + role + " USING (" + one + " = "
                        + text(random) + ")",
                "CREATE STATISTICS " + schema + "." + name(random) + " ON " + one + ", " + other + " FROM " + table);
    }

    /** Short enough for PostgreSQL, and always another one. */
    private static String name(Random random) {
        return Names.quote(pieces(random, 6) + random.nextInt(1000));
    }

    private static String text(Random random) {
        return Names.literal(pieces(random, 12));
    }

    private static String pieces(Random random, int most) {
        String text = IntStream.rangeClosed(0, random.nextInt(most))
                .mapToObj(i -> PIECES.get(random.nextInt(PIECES.size())))
                .collect(Collectors.joining());
        return text.length() > 40 ? text.substring(0, text.offsetByCodePoints(0, text.codePointCount(0, 38))) : text;
    }
}
