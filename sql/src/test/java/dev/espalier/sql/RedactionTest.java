package dev.espalier.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {

    private static Redaction redaction;

    @BeforeAll
    static void load() {
        redaction = new Redaction(new PostgresGrammar(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE ROLE x LOGIN PASSWORD 'hunter2'",
                "create user x encrypted password 'hunter2' valid until '2030-01-01'",
                "ALTER ROLE x PASSWORD E'hunter2\\''",
                "ALTER USER x WITH PASSWORD $a$hunter2$a$",
                "ALTER USER x PASSWORD U&'hunter2!0041' UESCAPE '!'",
                "ALTER ROLE x PASSWORD 'one'\n'hunter2'",
                "ALTER ROLE x/* */PASSWORD/* */'hunter2'; SELECT 1",
                "SELECT 1; ALTER ROLE x PASSWORD 'hunter2'",
                "CREATE SUBSCRIPTION s CONNECTION 'host=h password=hunter2' PUBLICATION p",
                "ALTER SUBSCRIPTION s CONNECTION 'host=h password=hunter2'",
                "CREATE USER MAPPING FOR x SERVER s OPTIONS (user 'u', password 'hunter2')",
                "ALTER USER MAPPING FOR x SERVER s OPTIONS (SET password 'hunter2')",
                "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (sslkey 'hunter2')",
                "DO $$ BEGIN EXECUTE 'ALTER ROLE x PASSWORD ''hunter2'''; END $$",
                "DO $$ BEGIN ALTER ROLE x PASSWORD 'hunter2'; END $$",
                "SELECT dblink_connect('host=h password=hunter2 dbname=d')",
                "SELECT 'postgresql://u:hunter2@host/d'",
                "SELECT set_config('app.api_token', 'hunter2', false)",
                "SET app.secret = 'hunter2'",
                "SET app.secret.key = 'hunter2'",
                "SET app.secret TO hunter2",
                "SET app.secret.key TO \"hunter2\"",
                "UPDATE u SET password = crypt('hunter2', gen_salt('bf'))",
                "SELECT 1 FROM u WHERE password::text = 'hunter2'",
                "SELECT 1 FROM u WHERE token = ('hunter2')",
                "CREATE FOREIGN TABLE t (id int) SERVER s OPTIONS (api 'hunter2')",
                "SELECT 1 -- EXECUTE format('CREATE ROLE %I PASSWORD %L', 'app', 'hunter2')",
                "SELECT 1 /* EXECUTE format('CREATE ROLE %I PASSWORD %L', 'app', 'hunter2') */",
                "/* PASSWORD %L', $$hunter2$$ */ SELECT 'kept'",
                "SET app.jwt = 'eyJhunter2hunter2.eyJzdWIi.c2ln'",
                "SELECT 'esp_hunter2'",
                "SELECT 1 -- password: hunter2",
                "DO $$BEGIN EXECUTE format('CREATE ROLE %I PASSWORD %L', 'app', 'hunter2'); END$$",
                "SELECT format('CREATE ROLE %I PASSWORD %L', 'app', 'hunter2')",
                // One string to PostgreSQL, and none to the grammar.
                "ALTER ROLE x PASSWORD E'a' -- it's\n '\\'hunter2'",
                // Quotes in comments and names, and backslashes that are none.
                "CREATE SERVER s /* don't share */ FOREIGN DATA WRAPPER w OPTIONS (api_key 'hunter2')",
                "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (url 'u', -- it's ours\n api_key 'hunter2')",
                "ALTER SERVER \"o'brien\" OPTIONS (SET password 'hunter2')",
                "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (a 'C:\\', password 'hunter2')",
                "IMPORT FOREIGN SCHEMA f FROM SERVER s INTO i OPTIONS (note 'C:\\', password 'hunter2')",
                "DO /* don't log */ $$BEGIN EXECUTE format('CREATE ROLE %I PASSWORD %L', 'app', 'hunter2'); END$$",
                "SELECT format('CREATE ROLE %I PASSWORD %L', 'C:\\', 'hunter2')",
                "SET app.secret = /* it's */ 'hunter2'",
                // With standard_conforming_strings off.
                "SELECT format('CREATE ROLE %I PASSWORD %L', 'it\\'s', 'hunter2'), 'it\\'s'",
                // None of these parses.
                "CREATE ROLE x PASWORD LOGIN PASSWORD 'hunter2'",
                "ALTER ROLE x PASSWRD 'hunter2'",
                "ALTER ROLE x PASSWORD 'hunter2",
                "ALTER ROLE x PASSWORD $$hunter2",
                "CREATE USER MAPPING FOR x OPTIONS (pass 'a', word 'hunter2'",
                "CREATE SUBSCRIPTION s CONNECTION 'hunter2' 'hunter2'",
                "ALTER ROLE x PASSWORD \"hunter2\"",
                "ALTER ROLE x PASSWORD hunter2",
                "ALTER ROLE x PASSWORD\nhunter2",
                "ALTER USER x IDENTIFIED BY hunter2",
                "SELEC set_config(\"my.secret\", \"hunter2\")",
                "SELECT http_get('https://h/', 'Authorization: Bearer hunter2')",
                "SELECT 1 -- authorization: bearer hunter2",
            })
    void removesTheSecret(String text) {
        assertThat(redaction.redact(text)).doesNotContain("hunter2").contains("[removed]");
    }

    @Test
    void whatDoesNotParseIsCutAtTheFirstQuoteThatIsInNoComment() {
        assertThat(Redaction.redactUnparsed("SELEC /* don't */ a, b FROM t WHERE c = 'x' AND d"))
                .isEqualTo("SELEC /* don't */ a, b FROM t WHERE c = '[removed]'");
        assertThat(Redaction.redactUnparsed("SELECT 1 /* it's not ended")).isEqualTo("SELECT 1 /* it's not ended");
        assertThat(Redaction.redactUnparsed("ALTER USER x /* it's */ IDENTIFIED BY hunter2"))
                .doesNotContain("hunter2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SELECT '\\'', ssn FROM people | SELECT E'\\'', ssn FROM people",
                "SELECT N'\\'', ssn FROM people | SELECT E'\\'', ssn FROM people",
                "SELECT DATE'\\x', 'a' | SELECT DATE E'\\x', 'a'",
                "DO '\\'x' | DO E'\\'x'",
                "ALTER ROLE x PASSWORD '\\'hunter2' | ALTER ROLE x PASSWORD '[removed]'",
            })
    void withEscapesInPlainStringsATextKeepsAllThatIsNoSecret(String text, String kept) {
        assertThat(redaction.redactWithEscapes(text)).isEqualTo(kept);
    }

    private static final List<String> BETWEEN = List.of(
            " ",
            "\n",
            " /* it's */ ",
            " /* /* ' */ \" */ ",
            " -- don't\n",
            "/*$$*/",
            " --$a$\n",
            " /* \\' */ ",
            " -- /*\n");

    private static final List<String> NAMES =
            List.of("s", "\"o'brien\"", "\"a\"\"b'\"", "\"/*\"", "\"--'\"", "\"$$\"", "\"c:\\\"");

    private static final List<String> CONSTANTS = List.of(
            "'C:\\'",
            "'it''s'",
            "E'it\\'s'",
            "$$it's$$",
            "$a$'$$\"$a$",
            "'a'\n'b'",
            "e'a'\n'b\\'c'",
            "U&'x'",
            "'--'",
            "'/*'",
            "'\"'",
            "''",
            "'\\\\'");

    private static final List<String> SECRETS = List.of(
            "'hunter2'",
            "E'\\'hunter2'",
            "$x$hunter2$x$",
            "'hunter2\\'",
            "'a'\n'hunter2'",
            "E'a'\n'\\'hunter2'",
            "U&'hunter2'");

    /** A blank is any of {@link #BETWEEN}, NAME any of {@link #NAMES}, and so on. */
    private static final List<String> STATEMENTS = List.of(
            "CREATE SERVER NAME FOREIGN DATA WRAPPER NAME OPTIONS (a CONSTANT, key SECRET , b CONSTANT )",
            "ALTER SERVER NAME OPTIONS (SET a CONSTANT, SET NAME SECRET )",
            "CREATE USER MAPPING FOR NAME SERVER NAME OPTIONS (a CONSTANT, NAME SECRET )",
            "IMPORT FOREIGN SCHEMA NAME FROM SERVER NAME INTO NAME OPTIONS (a CONSTANT, key SECRET )",
            "CREATE ROLE NAME PASSWORD SECRET VALID UNTIL CONSTANT",
            "SELECT CONSTANT AS NAME , format( 'PASSWORD%L' , CONSTANT , SECRET , CONSTANT )",
            "SELECT CONSTANT AS NAME , set_config( 'app.api_key' , SECRET , false)",
            "SELECT CONSTANT AS NAME , login( password => SECRET )",
            "SET app.secret TO SECRET",
            "DO BODY");

    private static final String BODY =
            "$$BEGIN EXECUTE format('CREATE ROLE %I PASSWORD %L', 'it''s', 'hunter2'); END$$";

    @Test
    void noQuotesAroundASecretShowIt() throws SqlSyntaxException {
        Random random = new Random(7);
        PostgresGrammar grammar = new PostgresGrammar(1);
        for (int i = 0; i < 500; i++) {
            StringBuilder text = new StringBuilder();
            for (String word : any(STATEMENTS, random).split("(?<= )|(?= )")) {
                text.append(
                        switch (word) {
                            case " " -> any(BETWEEN, random);
                            case "NAME" -> any(NAMES, random);
                            case "CONSTANT", "CONSTANT," ->
                                any(CONSTANTS, random) + word.substring("CONSTANT".length());
                            case "SECRET" -> any(SECRETS, random);
                            case "BODY" -> BODY;
                            default -> word;
                        });
            }
            assertThat(grammar.parse(text.toString())).as("%s", text).hasSize(1);
            assertThat(redaction.redact(text.toString())).as("%s", text).doesNotContain("hunter2");
        }
    }

    private static String any(List<String> choices, Random random) {
        return choices.get(random.nextInt(choices.size()));
    }

    @Test
    void keepsTheRestOfTheText() {
        assertThat(redaction.redact("SELECT 'a'; ALTER ROLE x PASSWORD 'p' ; SELECT 'b' -- c"))
                .isEqualTo("SELECT 'a'; ALTER ROLE x PASSWORD '[removed]' ; SELECT 'b' -- c");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT password FROM users WHERE name = 'x'",
                "SELECT * FROM t WHERE a = 'b' AND c = $1",
                "ALTER ROLE x SET work_mem = '5MB'",
                "SELECT '/*', password, \"it's\" FROM users -- don't\n WHERE name = 'C:\\' /* 'x' */ AND a = $$b$$",
            })
    void leavesTextsWithoutSecretsAlone(String text) {
        assertThat(redaction.redact(text)).isEqualTo(text);
    }

    /** It would take hours if a pattern began again at every character. */
    @Test
    void noTextTakesMoreThanLinearTime() {
        for (String text : new String[] {
            "SELECT 1 AS password" + " ".repeat(1_000_000) + "x",
            "SELECT 1 AS " + "password".repeat(125_000),
            "SELECT '" + "://a:".repeat(200_000) + "'",
            "SELECT '" + "eyJ".repeat(300_000) + "'",
            "SELECT " + "'".repeat(1_000_000)
        }) {
            assertThat(redaction.redact(text)).isNotNull();
        }
        for (String text : new String[] {
            "token " + "/*".repeat(500_000),
            "token " + "'a' --\n".repeat(120_000),
            "token " + "$a".repeat(500_000),
            "token " + "$a$ $b".repeat(160_000),
            "token \\ " + "\"\\'".repeat(300_000)
        }) {
            assertThat(Redaction.redactOther(text)).isNotNull();
        }
        String backslashAtTheEnd = "token '" + "\\'".repeat(500_000) + "\\";
        assertThat(Redaction.redactWords(backslashAtTheEnd, "SELECT 1")).isEqualTo("token '[removed]'");
    }

    @Test
    void noTokenIsTooLongForTheStack() {
        String token = "eyJhunter2hunter2" + "..a".repeat(300_000);
        assertThat(Redaction.redactWords("x " + token + " y", "SELECT 1")).isEqualTo("x [removed] y");
        assertThat(redaction.redact("SELECT 1 /* " + token + " */")).isEqualTo("SELECT 1 /* [removed] */");
    }

    @ParameterizedTest
    @CsvSource({"password", "db_passwd", "API_KEY", "x-token", "clientSecret", "credential"})
    void whatIsClaimedUnderATellingNameIsRemoved(String name) {
        assertThat(Redaction.redactClaim(name, "hunter2", "SELECT 1")).isEqualTo("[removed]");
    }

    @Test
    void whatIsClaimedUnderAnotherNameIsKeptButForWhatLooksLikeASecret() {
        assertThat(Redaction.redactClaim("route", "/polls 1000", "SELECT 1")).isEqualTo("/polls 1000");
        assertThat(Redaction.redactClaim("route", "Bearer hunter2", "SELECT 1")).isEqualTo("Bearer [removed]");
    }

    @Test
    void aTextOfAnotherGrammarKeepsItsConstantsButForWhatLooksLikeASecret() {
        assertThat(Redaction.redactOther("CREATE POLICY p COMMENT 'why' /* password='hunter2' */"))
                .isEqualTo("CREATE POLICY p COMMENT 'why' /* password='[removed]' */");
        assertThat(Redaction.redactOther("CREATE POLICY p COMMENT 'Bearer hunter2'"))
                .isEqualTo("CREATE POLICY p COMMENT 'Bearer [removed]'");
    }

    @Test
    void aMessageDoesNotQuoteAStatementThatHadASecret() {
        String statement = redaction.redact("ALTER ROLE x PASSWORD 'hunter2");
        assertThat(Redaction.redactWords("unterminated quoted string at or near \"'hunter2\"", statement))
                .isEqualTo("unterminated quoted string at or near \"[removed]\"");
        assertThat(Redaction.redactWords(
                        "syntax error at or near \"\"hunter2\"\"",
                        redaction.redact("CREATE ROLE x PASSWORD \"hunter2\"")))
                .isEqualTo("syntax error at or near \"[removed]\"");
        assertThat(Redaction.redactWords("role \"hünter2\" does not exist", statement))
                .isEqualTo("role \"[removed]\" does not exist");
        assertThat(Redaction.redactWords("relation \"t\" does not exist", "SELECT * FROM t"))
                .isEqualTo("relation \"t\" does not exist");
        assertThat(Redaction.redactWords("invalid input: \"esp_hunter2\"", "SELECT $1::int"))
                .isEqualTo("invalid input: \"[removed]\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Syntaxfehler bei »hunter2«",
                "erreur de syntaxe sur ou près de « hunter2 »",
                "error de sintaxis en o cerca de «hunter2»",
                "\"hunter2\"またはその近辺で構文エラー"
            })
    void aMessageInAnotherLanguageIsNotKeptOfAStatementThatHadASecret(String message) {
        assertThat(Redaction.redactWords(message, redaction.redact("CREATE ROLE bob PASSWORD hunter2")))
                .isEqualTo("[removed], because these words may quote a secret");
        assertThat(Redaction.redactWords(message, "SELECT hunter2")).isEqualTo(message);
    }
}
