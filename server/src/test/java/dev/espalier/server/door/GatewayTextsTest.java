package dev.espalier.server.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.admission.Sight;
import dev.espalier.control.admission.Sight.View;
import dev.espalier.control.replay.Obstacle;
import dev.espalier.sql.PostgresGrammar;
import dev.espalier.sql.StatementCache;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GatewayTextsTest {

    private final GatewayTexts texts = new GatewayTexts(new StatementCache(new PostgresGrammar(1), 100));

    @ParameterizedTest
    @ValueSource(strings = {"SELECT 1", "TABLE t", "VALUES (1)", "WITH q AS (SELECT * FROM t) SELECT count(*) FROM q"})
    void whatReadsCanBeRunAgain(String text) {
        assertThat(texts.obstacle(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            SELECT * FROM t FOR UPDATE                            | CHANGES
            SELECT 1 INTO x                                       | CHANGES
            WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d | CHANGES
            SELECT 1; DROP TABLE t                                | CHANGES
            SELECT * FROM t WHERE id = $1                         | PARAMETERS
            SELECT FROM WHERE                                     | INCOMPLETE
            """)
    void whatDoesMoreOrIsNotWholeCannot(String text, Obstacle obstacle) {
        assertThat(texts.obstacle(text)).contains(obstacle);
    }

    @Test
    void whoIsBoundIsLedToHisViews() {
        Sight sight = new Sight(
                true, "p1", List.of(new View("public", "people", "public__p", Optional.empty(), true)), Map.of());
        assertThat(texts.sent("SELECT * FROM public.people", sight)).isEqualTo("SELECT * FROM \"public__p\".people");
        assertThat(texts.sent("SELECT * FROM public.people", Sight.FREE)).isEqualTo("SELECT * FROM public.people");
    }
}
