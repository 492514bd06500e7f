package dev.espalier.server.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.gateway.StatementInfo;
import dev.espalier.sql.PostgresGrammar;
import dev.espalier.sql.StatementCache;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

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
