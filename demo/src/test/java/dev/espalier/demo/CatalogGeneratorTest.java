package dev.espalier.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.demo.ProgressListener.Step;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class CatalogGeneratorTest {

    /** Content of seed 42 at scale 1. A demonstration that changes by itself is no demonstration. */
    private static final Map<String, String> PINNED = Map.of(
            "final_entities", "49d02db03758c72937405640f0621ee7",
            "refresh_state", "2ae5619d0b7e04c7b2ed3a965eb5d053",
            "search", "4a695f0f457637cdd841cf0a2d334f82");

    private final TestServer server;

    CatalogGeneratorTest(TestServer server) {
        this.server = server;
    }

    @BeforeEach
    void createDatabases() throws SQLException {
        server.newDatabase("one").close();
        server.newDatabase("other").close();
    }

    @AfterEach
    void dropDatabases() throws SQLException {
        server.drop("one");
        server.drop("other");
    }

    @Test
    void givesTheSameRowsInTheSameOrderForTheSameSeed() throws SQLException {
        assertThat(hashesOf("one", 7, 2)).isEqualTo(hashesOf("other", 7, 2));
    }

    @Test
    void givesOtherRowsForAnotherSeed() throws SQLException {
        Map<String, String> rows = hashesOf("one", 7, 1);
        Map<String, String> otherRows = hashesOf("other", 8, 1);
        for (String table :
                List.of("final_entities", "refresh_state", "refresh_keys", "relations", "search", "locations")) {
            assertThat(rows.get(table)).as(table).isNotEqualTo(otherRows.get(table));
        }
    }

    @Test
    void givesTheRowsOfTheReleaseOnEveryMachine() throws SQLException {
        Locale locale = Locale.getDefault();
        // The locale with the most surprises: another lower case of I, other digits.
        Locale.setDefault(Locale.forLanguageTag("tr-TR-u-nu-arab"));
        try {
            assertThat(hashesOf("one", 42, 1))
                    .as("rows of seed 42; if they were meant to change, write the new hashes here")
                    .containsAllEntriesOf(PINNED);
        } finally {
            Locale.setDefault(locale);
        }
    }

    @Test
    void leavesNothingBehindWhenALoadFailsAndLoadsAgain() throws SQLException {
        try (Connection connection = server.connect("one")) {
            assertThatThrownBy(() -> new CatalogGenerator(1, 1).load(connection, (step, done, total) -> {
                        if (step == Step.INDEXES) {
                            throw new IllegalStateException("the listener has seen enough");
                        }
                    }))
                    .hasMessage("the listener has seen enough");
            assertThat(connection.getAutoCommit()).isTrue();
            assertThat(Rows.strings(
                            connection, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"))
                    .isEmpty();
            assertThat(CatalogGenerator.isLoaded(connection)).isFalse();

            new CatalogGenerator(1, 1).load(connection, (step, done, total) -> {});

            assertThat(CatalogGenerator.isLoaded(connection)).isTrue();
        }
    }

    @Test
    void refusesADatabaseThatHasACatalogAndLeavesItAsItWas() throws SQLException {
        Map<String, String> before = hashesOf("one", 1, 1);
        try (Connection connection = server.connect("one")) {
            assertThatThrownBy(() -> new CatalogGenerator(2, 1).load(connection, (step, done, total) -> {}))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("Database one already has a catalog")
                    .hasMessageContaining("load into another database");
            assertThat(Rows.hashes(connection)).isEqualTo(before);
        }
    }

    @Test
    void refusesAConnectionInsideATransaction() throws SQLException {
        try (Connection connection = server.connect("one")) {
            connection.setAutoCommit(false);
            assertThatThrownBy(() -> new CatalogGenerator(1, 1).load(connection, (step, done, total) -> {}))
                    .hasMessageContaining("set auto-commit");
        }
    }

    @Test
    void refusesAScaleThatMakesNothing() {
        assertThatThrownBy(() -> new CatalogGenerator(1, 0)).hasMessageContaining("1 is the smallest");
    }

    @Test
    void tellsItsProgressStepByStep() throws SQLException {
        List<String> heard = new ArrayList<>();
        try (Connection connection = server.connect("one")) {
            new CatalogGenerator(1, 2)
                    .load(connection, (step, done, total) -> heard.add(step + " " + done + "/" + total));
        }
        assertThat(heard)
                .contains("ROWS 1/16")
                .endsWith(
                        "ROWS 15/16",
                        "ROWS 16/16",
                        "INDEXES 0/1",
                        "INDEXES 1/1",
                        "CONSTRAINTS 0/1",
                        "CONSTRAINTS 1/1",
                        "VACUUM 0/1",
                        "VACUUM 1/1");
    }

    @Test
    void findsTheScaleForASize() {
        assertThat(CatalogGenerator.referenceSize()).isEqualTo(6);
        assertThat(CatalogGenerator.scaleFor(1)).isEqualTo(1);
        assertThat(CatalogGenerator.scaleFor(1_000_000_000)).isEqualTo(99);
    }

    private Map<String, String> hashesOf(String database, long seed, int scale) throws SQLException {
        try (Connection connection = server.connect(database)) {
            new CatalogGenerator(seed, scale).load(connection, (step, done, total) -> {});
            return Rows.hashes(connection);
        }
    }
}
