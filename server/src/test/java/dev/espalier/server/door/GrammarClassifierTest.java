package dev.espalier.server.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.gateway.StatementInfo;
import dev.espalier.sql.PostgresGrammar;
import dev.espalier.sql.StatementCache;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrammarClassifierTest {

    private final PostgresGrammar grammar = new PostgresGrammar(1);
    private final GrammarClassifier classifier = new GrammarClassifier(grammar, new StatementCache(grammar, 1_000));

    private List<StatementInfo> classify(String sql) {
        return classifier.classify(sql.getBytes(StandardCharsets.UTF_8));
    }

    private String text(String sql) {
        return classify(sql).getFirst().redactedText();
    }

    @Test
    void eachTextOfAShapeKeepsItsOwnConstants() {
        assertThat(text("SELECT v FROM t WHERE id = 41")).isEqualTo("SELECT v FROM t WHERE id = 41");
        assertThat(text("SELECT v FROM t WHERE id = 42")).isEqualTo("SELECT v FROM t WHERE id = 42");
        assertThat(text("SELECT v FROM t WHERE n = 'a'")).isEqualTo("SELECT v FROM t WHERE n = 'a'");
        assertThat(text("SELECT v FROM t WHERE n = 'b'")).isEqualTo("SELECT v FROM t WHERE n = 'b'");
    }

    @Test
    void aSecretIsFoundThoughATextOfTheSameShapeHadNone() {
        assertThat(text("SELECT f('password=aaaaaa')")).doesNotContain("aaaaaa");
        assertThat(text("SELECT f('nothing=aaaaaaa')")).contains("nothing=aaaaaaa");
        assertThat(text("SELECT f('passwor=bbbbbb2')")).contains("bbbbbb2");
        assertThat(text("SELECT f('password=bbbbbb')")).doesNotContain("bbbbbb");
        assertThat(text("SELECT 1 /* nothing=aaaaaa */")).contains("aaaaaa");
        assertThat(text("SELECT 1 /* passwd: hunter */")).doesNotContain("hunter");
    }

    @Test
    void aTextThatDoesNotParseIsKnownAtOnceWithoutItsSecrets() {
        byte[] sql = "ALTER ROLE x PASSWRD 'hunter2'".getBytes(StandardCharsets.UTF_8);
        List<StatementInfo> infos = classifier.atOnce(sql);
        assertThat(infos).isNotNull().isEqualTo(classifier.classify(sql));
        assertThat(infos.getFirst().redactedText()).isEqualTo("ALTER ROLE x PASSWRD '[removed]'");
        assertThat(infos.getFirst().parsed()).isFalse();
    }

    @Test
    void aTextThatOnlyAServerWithOtherQuotesCanReadIsKeptAsThatOneReadsIt() {
        String sql = "SELECT '\\'', ssn FROM hr.people";
        assertThat(classify(sql).getFirst().parsed()).isFalse();
        assertThat(classifier.readWithEscapes(sql.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("SELECT E'\\'', ssn FROM hr.people");
    }

    @Test
    void whatARefusedClientSentIsKeptWithoutItsSecrets() {
        String token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.hunter2";
        for (String secret : List.of(
                "esp_hunter2",
                token,
                "postgresql://ann:hunter2@db/shop",
                "password=hunter2",
                "Bearer hunter2",
                "PASSWORD 'hunter2'")) {
            assertThat(classifier.withoutSecrets(secret, List.of(secret))).doesNotContain("hunter2");
            assertThat(classifier.withoutSecrets("there is no user \"" + secret + "\".", List.of(secret, "shop", "")))
                    .startsWith("there is no user \"")
                    .doesNotContain("hunter2");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "the token's key k1 is none of those that https://idp.example has. Ask it for a new token.",
                "the token's claims cannot be read: Unexpected JSON at 'x'",
                "there is no user with the external id \"17\", the token's subject, in this workspace. Ask for one.",
                "the client secret is none of ci's: it is mistyped, revoked, or another's. A secret is only shown when it is made."
            })
    void theReasonOfARefusalIsKeptWhole(String reason) {
        assertThat(classifier.withoutSecrets(reason, List.of("ann", "shop@dev", "it's psql")))
                .isEqualTo(reason);
    }

    @Test
    void theNameOfACursorIsKnownWhereSqlMakesOrRemovesIt() {
        assertThat(classify("DECLARE c CURSOR FOR SELECT 1").getFirst().named()).contains("c");
        assertThat(classify("CLOSE \"C d\"").getFirst().named()).contains("C d");
        assertThat(classify("CLOSE ALL").getFirst().named()).isEmpty();
    }

    @Test
    void theNameOfAPreparedStatementIsKnownWhereSqlMakesRunsOrRemovesIt() {
        assertThat(classify("PREPARE p AS SELECT 1").getFirst().named()).contains("p");
        assertThat(classify("EXECUTE \"P q\" (1)").getFirst().named()).contains("P q");
        assertThat(classify("DEALLOCATE \"P q\"").getFirst().named()).contains("P q");
        assertThat(classify("DEALLOCATE ALL").getFirst().named()).isEmpty();
    }
}
