package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Condition;
import dev.espalier.control.metastore.Condition.HasTag;
import dev.espalier.control.metastore.Condition.HasTagValue;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.Constant;
import dev.espalier.control.metastore.Policy.Match;
import dev.espalier.control.metastore.Policy.RowFilter;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.testing.TestWait;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a partition or a child hides is not read through the whole. */
@ExtendWith(Servers.class)
class PartsTest {

    static int[] versions() {
        return Servers.versions();
    }

    private static Shop shop(Servers.Running servers, int version) throws SQLException {
        Shop shop = new Shop(servers, version);
        shop.migrate(
                "CREATE TABLE people (id integer, region text, name text, PRIMARY KEY (id, region)) PARTITION BY LIST (region)",
                "CREATE TABLE people_us PARTITION OF people FOR VALUES IN ('US')",
                "CREATE TABLE people_eu (name text, region text NOT NULL, id integer NOT NULL, PRIMARY KEY (id, region))",
                "ALTER TABLE people ATTACH PARTITION people_eu FOR VALUES IN ('EU')",
                "INSERT INTO people VALUES (1, 'US', 'free'), (2, 'EU', 'SECRETeu')",
                "CREATE VIEW names AS SELECT name FROM people");
        shop.classifyAll();
        return shop;
    }

    private static Policy on(String table, String name, Condition when, Condition match, Policy.Effect effect) {
        return new Policy(
                "id-" + name,
                name,
                Optional.empty(),
                new Securable(SecurableType.TABLE, SecurableName.of(Shop.CATALOG, "app", table)),
                Set.of("analysts"),
                Set.of(),
                when,
                List.of(new Match("c", match)),
                effect);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aMaskOfAPartHoldsForTheWhole(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = shop(servers, version)) {
            shop.tag("people_eu", "name", "eu name");
            shop.policies.add(on(
                    "people_eu",
                    "mask_eu",
                    new Condition.Always(),
                    new HasTagValue("pii", "eu name"),
                    new ColumnMask(
                            "system.mask.partial",
                            "c",
                            List.of(new Constant("1"), new Constant("-"), new Constant("1")))));
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT id, name FROM people ORDER BY id"))
                    .containsExactly("1|-", "2|S-u");
            assertThat(shop.read(shop.analyst, "SELECT name FROM names ORDER BY 1"))
                    .containsExactly("-", "S-u");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aTagOfAPartTakesNoMaskFromTheWhole(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = shop(servers, version)) {
            shop.tag("people", "name", "name");
            shop.tag("people_eu", "name", "eu name");
            shop.policies.add(on(
                    "people",
                    "mask",
                    new Condition.Always(),
                    new Condition.And(
                            new HasTagValue("pii", "name"), new Condition.Not(new HasTagValue("pii", "eu name"))),
                    new ColumnMask("system.mask.redact", "c", List.of())));
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT name FROM people"))
                    .noneMatch(name -> name.contains("free") || name.contains("SECRET"));
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void columnsThatComeWithATypeOrAWholeAreUnderTheRulesAtOnce(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TYPE comp AS (id integer)",
                    "CREATE TABLE typed OF comp",
                    "CREATE TABLE noted OF comp",
                    "CREATE TABLE par (id integer, amount integer)",
                    "CREATE TABLE kid (extra integer) INHERITS (par)",
                    "CREATE TABLE grandkid () INHERITS (kid)");
            shop.classifyAll();
            for (String table : List.of("typed", "kid", "grandkid")) {
                shop.tag(table, "salary", "money");
            }
            shop.tag("grandkid", "pay", "money");
            shop.govern();
            shop.migrate(
                    "ALTER TYPE comp ADD ATTRIBUTE salary integer CASCADE",
                    "ALTER TYPE comp ADD ATTRIBUTE note text CASCADE",
                    "INSERT INTO typed VALUES (1, 4242, 'SECRET')",
                    "INSERT INTO noted VALUES (1, 7, 'SECRET')",
                    "ALTER TABLE par ADD COLUMN salary integer DEFAULT 4242",
                    "ALTER TABLE par RENAME COLUMN amount TO pay",
                    "INSERT INTO kid (id, pay, extra) VALUES (1, 4242, 7)",
                    "INSERT INTO grandkid (id, pay, extra) VALUES (2, 4242, 7)");
            assertThat(shop.read(shop.analyst, "SELECT * FROM typed")).containsExactly("1|null|null");
            assertThat(shop.read(shop.analyst, "SELECT * FROM noted")).containsExactly("1|7|null");
            assertThat(shop.read(shop.analyst, "SELECT id, pay, salary FROM par ORDER BY 1"))
                    .containsExactly("1|null|null", "2|null|null");
            for (String table : List.of("kid", "grandkid")) {
                assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT * FROM app." + table))
                        .hasMessageContaining("permission denied");
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aFilterStaysWhileAPartitionIsDetachedConcurrently(int version, Servers.Running servers) throws Exception {
        try (Shop shop = new Shop(servers, version);
                ExecutorService others = Executors.newSingleThreadExecutor();
                Connection keeper = shop.as(shop.manager)) {
            shop.migrate(
                    "CREATE TABLE deals (id integer, region text) PARTITION BY LIST (region)",
                    "CREATE TABLE deals_eu PARTITION OF deals FOR VALUES IN ('EU')",
                    "CREATE TABLE deals_apac PARTITION OF deals FOR VALUES IN ('APAC')",
                    "INSERT INTO deals VALUES (1, 'EU'), (2, 'APAC')");
            shop.classifyAll();
            shop.tag("deals", "region", "region");
            shop.govern();
            keeper.setAutoCommit(false);
            Shop.run(keeper, "LOCK TABLE app.deals_eu IN ACCESS SHARE MODE");
            var detached = others.submit(() -> {
                shop.migrate(
                        "ALTER TABLE deals /* /* \" */ ; */ DETACH PARTITION /* \" */ deals_eu -- '\n  CONCURRENTLY");
                return true;
            });
            TestWait.until(() -> !Shop.read(shop.admin, "SELECT inhrelid FROM pg_inherits WHERE inhdetachpending")
                    .isEmpty());
            assertThat(shop.read(shop.analyst, "SELECT id FROM deals")).isEmpty();
            shop.run("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%CONCURRENTLY'"
                    + " AND datname = current_database()");
            assertThatThrownBy(detached::get).hasMessageContaining("canceling statement");
            keeper.rollback();
            assertThat(shop.read(shop.analyst, "SELECT id FROM deals")).isEmpty();
            assertThat(shop.probe()).isEmpty();
            shop.migrate("ALTER TABLE deals DETACH PARTITION deals_eu FINALIZE");
            assertThat(shop.read(shop.analyst, "SELECT id FROM deals")).isEmpty();
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT * FROM app.deals_eu"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void newPartitionsOfOneTransactionAreUnderTheRulesOfTheWhole(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = shop(servers, version)) {
            shop.tag("people", "name", "name");
            shop.tag("people_us", "name", "name");
            shop.mask("mask", "name", "system.mask.redact");
            shop.govern();
            shop.migrate(
                    "DO $$ BEGIN FOR i IN 1..3 LOOP EXECUTE format('CREATE TABLE people_%s PARTITION OF people FOR VALUES IN (%s)', i, i); END LOOP; END $$",
                    "INSERT INTO people VALUES (3, '1', 'SECRET')");
            assertThat(shop.read(shop.analyst, "SELECT id, name FROM people ORDER BY id"))
                    .containsExactly("1|***", "2|***", "3|***");
            for (String part : List.of("people_us", "people_1", "people_3")) {
                assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT * FROM app." + part))
                        .hasMessageContaining("permission denied");
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aNewPartitionThatIsMaskedClosesTheOthersWithTheWhole(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = shop(servers, version)) {
            shop.tag("people_apac", "name", "apac name");
            shop.policies.add(on(
                    "people_apac",
                    "mask_apac",
                    new Condition.Always(),
                    new HasTagValue("pii", "apac name"),
                    new ColumnMask("system.mask.redact", "c", List.of())));
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT name FROM app.people_us"))
                    .containsExactly("free");
            shop.migrate(
                    "CREATE TABLE people_apac PARTITION OF people FOR VALUES IN ('APAC')",
                    "INSERT INTO people VALUES (3, 'APAC', 'SECRETapac')");
            assertThat(shop.read(shop.analyst, "SELECT name FROM people WHERE id = 3"))
                    .noneMatch(name -> name.contains("SECRET"));
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT name FROM app.people_us"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void masksThatDifferReadNullInTheWhole(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = shop(servers, version)) {
            shop.tags.put(SecurableName.of(Shop.CATALOG, "app", "people_eu"), Map.of("strict", ""));
            shop.tag("people", "name", "people name");
            shop.tag("people_eu", "name", "people name");
            shop.policies.add(on(
                    "people",
                    "mask_whole",
                    new Condition.Always(),
                    new HasTagValue("pii", "people name"),
                    new ColumnMask("system.mask.phone", "c", List.of())));
            shop.policies.add(on(
                    "people_eu",
                    "mask_part",
                    new HasTag("strict"),
                    new HasTagValue("pii", "people name"),
                    new ColumnMask("system.mask.redact", "c", List.of())));
            assertThat(shop.govern().warnings()).anyMatch(warning -> warning.contains("masks name in another way"));
            assertThat(shop.read(shop.analyst, "SELECT id, name FROM people ORDER BY id"))
                    .containsExactly("1|null", "2|null");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aFilterOfAPartClosesTheWhole(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = shop(servers, version)) {
            shop.tag("people_eu", "region", "region");
            shop.drop("no_apac");
            Policy filter = on(
                    "people_eu",
                    "filter_eu",
                    new Condition.Always(),
                    new HasTag("region"),
                    new RowFilter("system.mask.is_one_of", List.of(new Alias("c"), new Constant("US"))));
            shop.policies.add(filter);
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("people_eu") && warning.contains("cannot read the whole"));
            for (String relation : List.of("people", "names")) {
                assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT * FROM " + relation), relation)
                        .hasMessageContaining("permission denied");
            }
            assertThat(shop.read(shop.exempt, "SELECT count(*) FROM people")).containsExactly("2");
            assertThat(shop.probe()).isEmpty();

            shop.policies.add(on("people", "filter_all", filter.when(), new HasTag("region"), filter.effect()));
            shop.tag("people", "region", "region");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT id FROM people")).containsExactly("1");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aTableThatGetsAMaskedChildShowsNoMoreThanTheChild(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE base_t (id integer, name text)",
                    "CREATE TABLE child_t (id integer, name text)",
                    "CREATE TABLE filtered_t (id integer, name text)",
                    "INSERT INTO base_t VALUES (1, 'free')",
                    "INSERT INTO child_t VALUES (2, 'SECRETchild')",
                    "INSERT INTO filtered_t VALUES (3, 'HIDDEN')");
            shop.classifyAll();
            shop.tag("child_t", "name", "name");
            shop.tag("filtered_t", "name", "region");
            shop.policy(
                    "no_apac",
                    Set.of("analysts"),
                    new HasTag("region"),
                    new RowFilter("system.mask.is_one_of", List.of(new Alias("c"), new Constant("US"))));
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT name FROM base_t")).containsExactly("free");
            shop.migrate("ALTER TABLE child_t INHERIT base_t");
            assertThat(shop.read(shop.analyst, "SELECT name FROM base_t ORDER BY id"))
                    .as("until the rules are compiled")
                    .containsExactly("null", "null");
            assertThat(shop.probe()).isEmpty();
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT name FROM base_t ORDER BY id"))
                    .containsExactly("***", "***");
            shop.migrate("ALTER TABLE filtered_t INHERIT base_t");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT name FROM base_t"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT name FROM base_t"))
                    .as("the part's tag counts for the whole, whose rows are filtered, too")
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aNewPartitionTakesNothingFromTheWhole(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = shop(servers, version)) {
            shop.tag("people", "name", "name");
            shop.govern();
            shop.migrate(
                    "CREATE TABLE people_asia PARTITION OF people FOR VALUES IN ('JP', 'KR') PARTITION BY LIST (region)",
                    "CREATE TABLE people_jp PARTITION OF people_asia FOR VALUES IN ('JP')",
                    "INSERT INTO people VALUES (3, 'JP', 'SECRETjp')");
            assertThat(shop.read(shop.analyst, "SELECT name FROM people WHERE id = 3"))
                    .containsExactly("***");
            assertThat(shop.probe()).isEmpty();
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT name FROM people WHERE id = 3"))
                    .containsExactly("***");
            shop.migrate(
                    "CREATE TABLE people_kr (LIKE people)",
                    "ALTER TABLE people_asia ATTACH PARTITION people_kr FOR VALUES IN ('KR')");
            assertThat(shop.read(shop.analyst, "SELECT name FROM people WHERE id = 3"))
                    .containsExactly("***");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT name FROM people WHERE id = 3"))
                    .containsExactly("***");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void rowsOfAMaskedTableAreNotReadThroughAnotherParent(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE worker (email text)",
                    "CREATE TABLE addressee (email text)",
                    "CREATE TABLE both_of_them () INHERITS (worker, addressee)",
                    "INSERT INTO both_of_them VALUES ('SECRET@example.com')");
            shop.classifyAll();
            shop.tag("worker", "email", "email");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT email FROM worker"))
                    .singleElement()
                    .asString()
                    .doesNotContain("SECRET");
            for (String table : List.of("both_of_them", "addressee")) {
                assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT email FROM " + table))
                        .as(table)
                        .hasMessageContaining("permission denied");
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aSecondParentIsClosedInTheMigrationsOwnTransaction(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            List<String> closed = List.of("addressee", "reader", "signer", "above_signer");
            shop.migrate(
                    "CREATE TABLE worker (email text)",
                    "CREATE TABLE addressee (email text)",
                    "CREATE TABLE reader (email text)",
                    "CREATE TABLE reading () INHERITS (reader)",
                    "CREATE TABLE above_signer (email text)",
                    "CREATE TABLE signer () INHERITS (above_signer)",
                    "CREATE TABLE middle (email text)",
                    "CREATE TABLE signing () INHERITS (middle, signer)",
                    "INSERT INTO signing VALUES ('SECRET@example.com')");
            shop.classifyAll();
            shop.tag("worker", "email", "email");
            shop.govern();
            for (String table : closed) {
                assertThat(shop.read(shop.analyst, "SELECT count(*) < 2 FROM " + table))
                        .as(table)
                        .containsExactly("t");
            }
            shop.migrate(
                    "CREATE TABLE both_of_them () INHERITS (worker, addressee)",
                    "INSERT INTO both_of_them VALUES ('SECRET@example.com')",
                    "ALTER TABLE reading INHERIT worker",
                    "ALTER TABLE middle INHERIT worker");
            for (String table : closed) {
                assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT email FROM " + table))
                        .as(table)
                        .hasMessageContaining("permission denied");
            }
            assertThat(shop.probe()).isEmpty();
            shop.govern();
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatStopsBeingAPartStaysUnderTheRulesOfItsWhole(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE base_t (id integer, name text)",
                    "CREATE TABLE child_t () INHERITS (base_t)",
                    "INSERT INTO child_t VALUES (2, 'SECRETchild')",
                    "CREATE TABLE filtered_t (id integer, area text)",
                    "CREATE TABLE filtered_child () INHERITS (filtered_t)",
                    "INSERT INTO filtered_child VALUES (3, 'APAC'), (4, 'EU')");
            shop.classifyAll();
            shop.tag("people", "name", "name");
            shop.tag("base_t", "name", "name");
            shop.tag("filtered_t", "area", "region");
            shop.govern();
            shop.migrate(
                    "ALTER TABLE people RENAME COLUMN name TO full_name",
                    "CREATE TABLE people_jp PARTITION OF people FOR VALUES IN ('JP')",
                    "INSERT INTO people VALUES (3, 'JP', 'SECRETjp')",
                    "ALTER TABLE people DETACH PARTITION people_us",
                    "ALTER TABLE people DETACH PARTITION people_eu",
                    "ALTER TABLE people DETACH PARTITION people_jp",
                    "ALTER TABLE child_t NO INHERIT base_t",
                    "ALTER TABLE filtered_child NO INHERIT filtered_t");
            for (boolean admitted : new boolean[] {false, true}) {
                if (admitted) {
                    shop.govern();
                }
                String shown = admitted ? "***" : "null";
                shop.migrate(
                        "ALTER TABLE people_eu ADD COLUMN more" + admitted + " integer",
                        "ALTER TABLE child_t ADD COLUMN more" + admitted + " integer");
                assertThat(shop.read(shop.analyst, "SELECT full_name FROM people_us"))
                        .containsExactly(admitted ? "***" : "null");
                assertThat(shop.read(shop.analyst, "SELECT full_name FROM people_eu"))
                        .containsExactly(shown);
                assertThat(shop.read(shop.analyst, "SELECT full_name FROM people_jp"))
                        .containsExactly(shown);
                assertThat(shop.read(shop.analyst, "SELECT name FROM child_t")).containsExactly(shown);
                if (admitted) {
                    assertThat(shop.read(shop.analyst, "SELECT id FROM filtered_child"))
                            .containsExactly("4");
                } else {
                    assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT id FROM filtered_child"))
                            .hasMessageContaining("permission denied");
                }
                assertThat(shop.read(shop.exempt, "SELECT full_name FROM people_eu"))
                        .containsExactly("SECRETeu");
                assertThat(shop.probe()).isEmpty();
            }
            shop.migrate("DROP TABLE people CASCADE", "DROP TABLE base_t");
            shop.run("COMMENT ON SCHEMA espalier_governance IS 'an older version'");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT full_name FROM people_eu"))
                    .containsExactly("***");
            assertThat(shop.read(shop.analyst, "SELECT name FROM child_t")).containsExactly("***");
            assertThat(shop.probe()).isEmpty();
        }
    }
}
