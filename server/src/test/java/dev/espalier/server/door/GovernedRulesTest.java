package dev.espalier.server.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.admission.Sight;
import dev.espalier.control.admission.Sight.View;
import dev.espalier.gateway.Refusal;
import dev.espalier.gateway.SessionRules.AsItIs;
import dev.espalier.gateway.SessionRules.Instead;
import dev.espalier.gateway.SessionRules.Later;
import dev.espalier.gateway.SessionRules.Refused;
import dev.espalier.gateway.SessionRules.Sent;
import dev.espalier.gateway.SessionRules.Work;
import dev.espalier.sql.PostgresGrammar;
import dev.espalier.sql.StatementCache;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent for one who sees {@code app.person} and {@code "My App"."Person"} through views. */
class GovernedRulesTest {

    private final GovernedRules rules = rules(Optional.empty());

    private static GovernedRules rules(Optional<String> searchPath) {
        return rules(searchPath, true);
    }

    private static GovernedRules rules(Optional<String> searchPath, boolean mergesIntoViews) {
        return new GovernedRules(
                new StatementCache(new PostgresGrammar(1), 100),
                "ann",
                new ViewNames(sight(
                        new View("app", "person", "app__p1", Optional.of("app__p1_w"), true),
                        new View("My App", "Person", "My App__p1", Optional.empty(), false),
                        new View("app", "item_", "app__p1", Optional.of("app__p1_w"), false),
                        new View("one", "twin", "one__p1", Optional.of("one__p1_w"), false),
                        new View("two", "twin", "two__p1", Optional.of("two__p1_w"), true))),
                searchPath,
                mergesIntoViews,
                () -> {});
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            app | "app__p1", "app"
            other, App,"My App" | "other", "app__p1", "app", "My App__p1", "My App"
            later | "later__p1", "later"
            "$user",app | "$user", "app__p1", "app"
            Ä,app | "Ä", "app__p1", "app"
            a"b,app | "a""b", "app__p1", "app"
            """)
    void aSearchPathThatTheClientBeginsWithFindsViewsBeforeTheirTables(String begunWith, String path) {
        assertThat(rules(Optional.of(begunWith)).searchPath()).contains(path);
    }

    @Test
    void theSchemaOfTheRoleItselfIsFoundThroughItsViews() {
        GovernedRules own = new GovernedRules(
                new StatementCache(new PostgresGrammar(1), 100),
                "ann",
                new ViewNames(sight(new View("ann", "note", "ann__p1", Optional.empty(), true))),
                Optional.of("\"$user\", public"),
                true,
                () -> {});
        assertThat(own.searchPath()).contains("\"ann__p1\", \"$user\", \"public\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"app b", "app,,b", "app,", "\"app", "\"$user\",public", "app__p1,app", ""})
    void aSearchPathThatPostgresRefusesOrThatNoViewsBelongToStaysAsItIs(String begunWith) {
        assertThat(rules(Optional.of(begunWith)).searchPath()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            SET search_path TO app, other | SET search_path TO "app__p1", "app", "other"
            set session search_path = 'app' | SET search_path TO "app__p1", "app"
            SET LOCAL search_path TO App, '' | SET LOCAL search_path TO "app__p1", "app", ''
            SET SCHEMA 'My App' | SET search_path TO "My App__p1", "My App"
            SELECT 1; SET search_path TO app; SELECT 2 FROM app.person | SELECT 1; SET search_path TO "app__p1", "app"; SELECT 2 FROM "app__p1".person
            """)
    void aSearchPathThatIsSetFindsViewsBeforeTheirTables(String sql, String sent) {
        assertThat(sent(sql)).isEqualTo(new Instead(sent));
    }

    /** With the schema that each view lies in, and one that no view lies in yet. */
    private static Sight sight(View... views) {
        Map<String, String> schemas = new HashMap<>(Map.of("later", "later__p1"));
        List.of(views).forEach(view -> schemas.put(view.schema(), view.readSchema()));
        return new Sight(true, "p1", List.of(views), schemas);
    }

    private Object sent(String sql) {
        return rules.sent(sql.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            SELECT * FROM app.person | SELECT * FROM "app__p1".person
            SELECT 'ä', * FROM App . Person p JOIN app.item i USING (id) | SELECT 'ä', * FROM "app__p1" . Person p JOIN app.item i USING (id)
            SELECT app.person.name, app.item.id FROM app.person, app.item | SELECT "app__p1".person.name, app.item.id FROM "app__p1".person, app.item
            SELECT * FROM catalog.app.person | SELECT * FROM catalog."app__p1".person
            SELECT * FROM "My App"."Person" WHERE id IN (SELECT id FROM app.person) | SELECT * FROM "My App__p1"."Person" WHERE id IN (SELECT id FROM "app__p1".person)
            UPDATE app.person SET a = 1 WHERE app.person.id = 2 | UPDATE "app__p1".person SET a = 1 WHERE "app__p1".person.id = 2
            INSERT INTO app.person VALUES (1) ON CONFLICT (id) DO UPDATE SET a = app.person.a + 1 | INSERT INTO "app__p1_w".person VALUES (1) ON CONFLICT (id) DO UPDATE SET a = "app__p1_w".person.a + 1
            INSERT INTO person SELECT * FROM person ON CONFLICT DO NOTHING | INSERT INTO "app__p1_w".person SELECT * FROM person ON CONFLICT DO NOTHING
            MERGE INTO person p USING app.person q ON p.id = q.id WHEN MATCHED THEN DELETE | MERGE INTO "app__p1_w".person p USING "app__p1".person q ON p.id = q.id WHEN MATCHED THEN DELETE
            INSERT INTO person VALUES (1) ON CONFLICT (id) DO UPDATE SET a = app.person.a | INSERT INTO "app__p1_w".person VALUES (1) ON CONFLICT (id) DO UPDATE SET a = "app__p1_w".person.a
            INSERT INTO twin VALUES (1) ON CONFLICT DO NOTHING | INSERT INTO "two__p1_w".twin VALUES (1) ON CONFLICT DO NOTHING
            WITH a AS (INSERT INTO log VALUES (1) ON CONFLICT DO NOTHING) UPDATE app.person SET a = app.person.a + 1 | WITH a AS (INSERT INTO log VALUES (1) ON CONFLICT DO NOTHING) UPDATE "app__p1".person SET a = "app__p1".person.a + 1
            WITH a AS (INSERT INTO log VALUES (1)) INSERT INTO app.person VALUES (2) ON CONFLICT DO NOTHING RETURNING app.person.id | WITH a AS (INSERT INTO log VALUES (1)) INSERT INTO "app__p1_w".person VALUES (2) ON CONFLICT DO NOTHING RETURNING "app__p1_w".person.id
            INSERT INTO app.person SELECT app.person.id FROM app.person ON CONFLICT (id) DO UPDATE SET a = app.person.a | INSERT INTO "app__p1_w".person SELECT "app__p1".person.id FROM "app__p1".person ON CONFLICT (id) DO UPDATE SET a = "app__p1_w".person.a
            INSERT INTO app.person VALUES (1) ON CONFLICT (id) DO UPDATE SET a = (SELECT max(app.person.a) FROM q JOIN app.person ON true), b = (SELECT app.person.b) | INSERT INTO "app__p1_w".person VALUES (1) ON CONFLICT (id) DO UPDATE SET a = (SELECT max("app__p1".person.a) FROM q JOIN "app__p1".person ON true), b = (SELECT "app__p1_w".person.b)
            MERGE INTO app.person USING (SELECT app.person.id FROM app.person) q ON app.person.id = q.id WHEN MATCHED THEN DELETE | MERGE INTO "app__p1_w".person USING (SELECT "app__p1".person.id FROM "app__p1".person) q ON "app__p1_w".person.id = q.id WHEN MATCHED THEN DELETE
            COPY app.person TO STDOUT | COPY "app__p1".person TO STDOUT
            SELECT 1; SELECT 2 FROM app.person | SELECT 1; SELECT 2 FROM "app__p1".person
            """)
    void aNameWithItsSchemaComesToMeanTheView(String sql, String sent) {
        assertThat(sent(sql)).isEqualTo(new Instead(sent));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM person",
                "SELECT 'app.person' -- app.person",
                "WITH person AS (SELECT 1) SELECT * FROM person",
                "INSERT INTO item_ VALUES (1) ON CONFLICT DO NOTHING",
                "INSERT INTO other.person VALUES (1) ON CONFLICT DO NOTHING RETURNING *",
                "SELECT * FROM other.person, app.item",
                "SELECT * FROM app/* */.person",
                "SELECT * FROM U&\"app\".person",
                "SET search_path TO other, public",
                "SET search_path TO DEFAULT",
                "RESET search_path",
                ""
            })
    void anythingElseStaysAsItIs(String sql) {
        assertThat(sent(sql)).isEqualTo(new AsItIs());
    }

    @Test
    void textsThatDifferInConstantsAreEachChangedThemselves() {
        assertThat(sent("SELECT 1, 'x' FROM app.person"))
                .isEqualTo(new Instead("SELECT 1, 'x' FROM \"app__p1\".person"));
        assertThat(sent("SELECT 2, 'y' FROM app.person"))
                .isEqualTo(new Instead("SELECT 2, 'y' FROM \"app__p1\".person"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"EXPLAIN ANALYZE SELECT 1", "SELECT 1; LISTEN everything", "EXPLAIN (ANALYZE) SELECT 1"})
    void whatShowsMoreThanRowsIsRefused(String sql) {
        assertThat(sent(sql)).isInstanceOf(Refused.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO person VALUES (1) ON CONFLICT DO NOTHING RETURNING *",
                "INSERT INTO app.person AS p VALUES (1) ON CONFLICT DO NOTHING RETURNING id, p.*",
                "MERGE INTO app.person p USING q ON p.id = q.id WHEN MATCHED THEN DELETE RETURNING *"
            })
    void allColumnsOfWhatIsPartlyMaskedAreNotReturned(String sql) {
        assertThat(rules.sent(sql.getBytes(StandardCharsets.UTF_8))).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.refusal().sqlState()).isEqualTo("42501");
            assertThat(refused.refusal().hint()).hasValue("Name the columns that are not masked in RETURNING.");
        });
    }

    @Test
    void aTextThatTakesAWhileKeepsNobodyWaiting() {
        String padding = " -- " + "x".repeat(20_000);
        assertThat(sent("EXPLAIN ANALYZE SELECT 1" + padding)).isInstanceOf(Later.class);
        assertThat(state(("EXPLAIN ANALYZE SELECT 1" + padding).getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("42501");
    }

    @Test
    void whatTheGrammarCannotReadIsRefusedAndNotLeftToTheServer() {
        assertThat(state("SELEC app.person".getBytes(StandardCharsets.UTF_8))).isEqualTo("42601");
        assertThat(state("EXPLAIN ANALYZE SELECT 'é'".getBytes(StandardCharsets.ISO_8859_1)))
                .isEqualTo("22021");
        assertThat(state(("EXPLAIN ANALYZE SELECT 1" + "+1".repeat(900_000)).getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("54001");
        // Both are statements to some version of PostgreSQL.
        assertThat(state("EXPLAIN ANALYZE SELECT 1; SELECT $99999999999".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("42601");
        assertThat(state("EXPLAIN ANALYZE SELECT E'\\xe4'".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("42601");
    }

    private static final byte[] UPSERT =
            "INSERT INTO person VALUES (1) ON CONFLICT DO NOTHING".getBytes(StandardCharsets.UTF_8);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TEMP TABLE person (id int)",
                "CREATE TABLE IF NOT EXISTS pg_temp.person (id int)",
                "SELECT 1 AS id INTO TEMP person",
                "CREATE TEMP VIEW person AS SELECT 1 AS id",
                "ALTER TABLE mine RENAME TO person",
                "SET search_path = other",
                "SELECT set_config('search_path', 'other', false)",
                "DO $$BEGIN CREATE TEMP TABLE person (id int); END$$",
            })
    void whatASessionMayHaveOfTheNameIsNotTakenForTheTable(String made) {
        assertThat(state(UPSERT)).isEqualTo("passed on");
        assertThat(state((made + "; MERGE INTO person USING q ON true WHEN MATCHED THEN DELETE")
                        .getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("0A000");
        assertThat(state(UPSERT)).isEqualTo("0A000");
        assertThat(sent("INSERT INTO app.person VALUES (1) ON CONFLICT DO NOTHING"))
                .isEqualTo(new Instead("INSERT INTO \"app__p1_w\".person VALUES (1) ON CONFLICT DO NOTHING"));
        assertThat(sent("INSERT INTO pg_temp.person VALUES (1) ON CONFLICT DO NOTHING"))
                .isEqualTo(new AsItIs());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            app            | passed on
            "app", public  | passed on
            public, app    | 0A000
            "$user",public | 0A000
            """)
    void aSearchPathOfTheClientsOwnHasTheTablesSchemaFirst(String path, String state) {
        Sent sent = rules(Optional.of(path)).sent(UPSERT);
        assertThat(sent instanceof Refused(Refusal refusal) ? refusal.sqlState() : "passed on")
                .isEqualTo(state);
    }

    @Test
    void mergeIntoAViewIsRefusedWhereTheServerDoesNotTakeIt() {
        GovernedRules old = rules(Optional.empty(), false);
        for (String target : List.of("person", "app.person", "\"My App\".\"Person\"")) {
            assertThat(sent(old.sent(("MERGE INTO " + target + " p USING q ON p.id = q.id WHEN MATCHED THEN DELETE")
                            .getBytes(StandardCharsets.UTF_8))))
                    .isInstanceOfSatisfying(Refused.class, refused -> {
                        assertThat(refused.refusal().sqlState()).isEqualTo("0A000");
                        assertThat(refused.refusal().getMessage()).contains("needs PostgreSQL 17");
                        assertThat(refused.refusal().hint())
                                .hasValueSatisfying(hint -> assertThat(hint).contains("ON CONFLICT"));
                    });
        }
        assertThat(sent(old.sent("MERGE INTO item_free i USING person p ON i.id = p.id WHEN MATCHED THEN DELETE"
                        .getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(new AsItIs());
        assertThat(sent(old.sent(UPSERT))).isInstanceOf(Instead.class);
    }

    @Test
    void otherTemporaryTablesChangeNothing() {
        assertThat(sent("CREATE TEMP TABLE ids AS SELECT id FROM person")).isEqualTo(new AsItIs());
        assertThat(state(UPSERT)).isEqualTo("passed on");
    }

    /** What takes a while is said later. */
    private static Sent sent(Sent said) {
        return said instanceof Later(Work _, Supplier<Sent> later) ? later.get() : said;
    }

    private String state(byte[] sql) {
        return sent(rules.sent(sql)) instanceof Refused(Refusal refusal) ? refusal.sqlState() : "passed on";
    }
}
