package dev.espalier.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatementCacheTest {

    private static PostgresGrammar grammar;

    @BeforeAll
    static void load() {
        grammar = new PostgresGrammar(1);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void parsesADistinctTextOnce() throws SqlSyntaxException {
        StatementCache cache = new StatementCache(grammar, 10);
        List<Statement> first = cache.statements(utf8("SELECT 1"));
        assertThat(cache.statements(utf8("SELECT 1"))).isSameAs(first);
        assertThat(cache.statements(utf8("SELECT 2 + 2"))).isNotSameAs(first);
    }

    @Test
    void aLongTextIsParsedOnceForAllWhoAsk() throws SqlSyntaxException {
        StatementCache cache = new StatementCache(grammar, 10);
        String text = "SELECT '" + "x".repeat(100_000) + "'";
        assertThat(cache.atOnce(utf8(text))).isNull();
        assertThat(cache.statements(utf8(text))).isSameAs(cache.statements(utf8(text)));
        assertThat(cache.size()).isZero();
    }

    @Test
    void whoCannotWaitIsToldWhatOthersHaveAskedFor() throws SqlSyntaxException {
        StatementCache cache = new StatementCache(grammar, 10);
        String text = "SELECT '" + "x".repeat(10_000) + "'";
        assertThat(cache.atOnce(utf8(text))).isNull();
        List<Statement> known = cache.statements(utf8(text));
        assertThat(cache.atOnce(utf8(text))).isSameAs(known);
    }

    @Test
    void doesNotDependOnTheCallersArray() throws SqlSyntaxException {
        StatementCache cache = new StatementCache(grammar, 10);
        byte[] text = utf8("SELECT 1 FROM a");
        cache.statements(text);
        text[text.length - 1] = 'b';
        assertThat(cache.statements(text).getFirst().relations())
                .extracting(Relation::name)
                .containsExactly("b");
    }

    @Test
    void remembersRefusals() {
        StatementCache cache = new StatementCache(grammar, 10);
        for (int i = 0; i < 2; i++) {
            assertThatExceptionOfType(SqlSyntaxException.class)
                    .isThrownBy(() -> cache.statements(utf8("SELECT FROM FROM")))
                    .satisfies(e -> assertThat(e.position()).isEqualTo(12));
        }
        assertThat(cache.size()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {10_000, 100_000})
    void doesNotRememberWhatWasNoFaultOfTheText(int length) throws SqlSyntaxException {
        StatementCache cache = new StatementCache(grammar, 10);
        byte[] text = utf8("SELECT '" + "x".repeat(length) + "'");
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(SqlSyntaxException.class)
                .isThrownBy(() -> cache.statements(text))
                .withMessageContaining("interrupted");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(cache.statements(text)).hasSize(1);
    }

    @Test
    void forgetsWhatIsNotAskedForAndKeepsWhatIs() throws SqlSyntaxException {
        StatementCache cache = new StatementCache(grammar, 20);
        List<Statement> asked = cache.statements(utf8("SELECT 'asked'"));
        for (int i = 0; i < 200; i++) {
            cache.statements(utf8("SELECT a" + i));
            assertThat(cache.statements(utf8("SELECT 'asked'"))).isSameAs(asked);
            assertThat(cache.size()).isLessThanOrEqualTo(22);
        }
    }

    @Test
    void doesNotKeepLongTexts() throws SqlSyntaxException {
        StatementCache cache = new StatementCache(grammar, 10);
        cache.statements(utf8("SELECT '" + "x".repeat(20_000) + "'"));
        assertThat(cache.size()).isZero();
    }
}
