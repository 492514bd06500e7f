package dev.espalier.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShapeTest {

    private static final PostgresGrammar GRAMMAR = new PostgresGrammar(1);

    /** What a text is made of; joined at random, most texts are not SQL, and those that are have constants in odd places. */
    private static final List<String> PIECES = List.of(
            "SELECT ",
            "select ",
            "a",
            "t",
            "1",
            "42",
            "1234567890",
            "1.5",
            ".5",
            "5.",
            "1e5",
            "0x1F",
            "1_000",
            "$1",
            "$2a",
            "'x'",
            "'it''s'",
            "E'\\n'",
            "U&'\\0061'",
            "N'n'",
            "B'10'",
            "X'1F'",
            "$$d 1$$",
            "$q$'$q$",
            "\"q 1\"",
            "\"\"\"\"",
            "U&\"d\\0061\"",
            " ",
            "\n",
            "\t",
            ",",
            "(",
            ")",
            "[",
            "]",
            "=",
            "<",
            ">",
            "->",
            "->>",
            "::",
            "::int",
            "::float(9)",
            "::numeric(9,2)",
            "-",
            "--",
            " - 1",
            "/",
            "/*",
            "*/",
            "*",
            ";",
            "; ",
            " FROM ",
            " WHERE ",
            " AND ",
            " AS ",
            "INSERT INTO t VALUES (",
            "UPDATE t SET a = ",
            "DELETE FROM t",
            "WITH a AS (",
            " LIMIT ",
            " FETCH FIRST ",
            " ROWS ONLY",
            " ORDER BY ",
            "EXPLAIN (ANALYZE 0) ",
            " INTERVAL '1' DAY",
            " ESCAPE '!'",
            "é",
            "\\",
            "&",
            "'",
            "\"",
            " IS JSON",
            "float",
            "float (3)",
            " x'y",
            "/* 1 */",
            "/**/",
            "/*/");

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String shape(String text) {
        return Shape.of(utf8(text))
                .map(shape -> new String(shape, StandardCharsets.UTF_8))
                .orElse(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SELECT a FROM t WHERE id = 4711 AND n = 'x y' | SELECT a FROM t WHERE id = 0000 AND n = '000'",
                "update t set v=v+-17 where t1.a2 in (1,2); | update t set v=v+-00 where t1.a2 in (0,0);",
                "SELECT \"a 1\", $1, doc->'k' | SELECT \"a 1\", $1, doc->'0'",
                "SELECT 1 /*id='a 2'*/ ; | SELECT 0 /*00000000*/ ;"
            })
    void plainConstantsAreBlottedOutByteForByte(String text, String shape) {
        assertThat(shape(text)).isEqualTo(shape);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1.5, 1e5, 0x1F, 1_000, 1234567890, a1, a.b",
                "SELECT 1 -- 2",
                "SELECT /* 1 */ 2",
                "SELECT 2 /* 1 /* 2 */ */",
                "SELECT 2 /* 1",
                "SELECT 2 /*/",
                "SELECT E'1', 2",
                "SELECT U&'1', 2",
                "SELECT 'it''s 1', 2",
                "SELECT 'a\\b', 1",
                "SELECT 'é', 1",
                "SELECT $$1$$, 2",
                "SELECT 1::float(24)",
                "SELECT 1; SELECT 2",
                "EXPLAIN (ANALYZE 0) SELECT 1",
                "SELECT 'open, 1",
                "SELECT \"open, 1"
            })
    void aTextThatMayMeanSomethingElseIsItsOwnShape(String text) {
        assertThat(shape(text)).isEqualTo(text);
    }

    @Test
    void theGrammarSaysTheSameOfATextAndOfItsShape() throws IOException {
        long seed = Long.getLong("espalier.seed", System.nanoTime());
        Random random = new Random(seed);
        List<String> starts;
        try (var in = ShapeTest.class.getResourceAsStream("typical.sql")) {
            starts = PsqlScript.statements(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        int blotted = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(
                    random.nextInt(3) == 0 ? starts.get(random.nextInt(starts.size())) : PIECES.get(random.nextInt(2)));
            for (int piece = random.nextInt(8); piece > 0; piece--) {
                int at = random.nextBoolean() ? text.length() : random.nextInt(text.length() + 1);
                text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
            }
            byte[] bytes = utf8(text.toString());
            Optional<byte[]> shape = Shape.of(bytes);
            if (shape.isPresent()) {
                blotted++;
                assertThat(meaning(shape.get()))
                        .as("-Despalier.seed=%d: %s", seed, text)
                        .isEqualTo(meaning(bytes));
            }
        }
        assertThat(blotted).isGreaterThan(1_000);
    }

    /** The statements; or that there are none. */
    private static List<Statement> meaning(byte[] text) {
        try {
            return GRAMMAR.parse(text);
        } catch (SqlSyntaxException e) {
            return List.of();
        }
    }
}
