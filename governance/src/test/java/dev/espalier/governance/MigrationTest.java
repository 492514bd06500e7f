package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.ColumnName;
import dev.espalier.control.metastore.Condition;
import dev.espalier.control.metastore.LiveCatalog.ColumnRef;
import dev.espalier.control.metastore.LiveCatalog.Renamed;
import dev.espalier.control.metastore.LiveCatalogReader;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.Constant;
import dev.espalier.control.metastore.Policy.Match;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.Subject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Migrations run as the application's owner, who knows nothing of masks; each recompiles in its own transaction. */
@ExtendWith(Servers.class)
class MigrationTest {

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aMigrationKeepsEveryMaskAndShowsNothingNew(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();

            shop.migrate(
                    "ALTER TABLE app.customers ADD COLUMN iban text",
                    "UPDATE app.customers SET iban = 'SECRETiban' || id",
                    "ALTER TABLE customers ADD COLUMN points integer DEFAULT 7");
            assertThat(shop.read(shop.analyst, "SELECT iban, points FROM customers WHERE id = 1"))
                    .as("a new text reads NULL, a new number is shown")
                    .containsExactly("null|7");
            assertThat(shop.read(shop.exempt, "SELECT iban FROM customers WHERE id = 1"))
                    .containsExactly("SECRETiban1");

            shop.migrate("ALTER TABLE customers ALTER COLUMN phone TYPE varchar(60)");
            assertThat(shop.read(shop.analyst, "SELECT phone, pg_typeof(phone) FROM customers WHERE id = 1"))
                    .containsExactly("***T1|character varying");

            shop.migrate("ALTER TABLE app.customers RENAME COLUMN full_name TO display_name");
            assertThat(shop.read(shop.analyst, "SELECT display_name FROM customers WHERE id = 1"))
                    .containsExactly("***");

            shop.migrate("ALTER TABLE app.customers RENAME TO clients");
            assertThat(shop.read(shop.analyst, "SELECT email, display_name, salary FROM clients WHERE id = 1"))
                    .containsExactly("S***@corp.example|***|null");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT * FROM app.clients"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT region FROM clients ORDER BY 1"))
                    .containsExactly("EU", "US");

            shop.migrate("ALTER TABLE clients DROP COLUMN iban", "ALTER TABLE clients DROP COLUMN rank");
            assertThat(shop.read(shop.analyst, "SELECT count(*) FROM clients")).containsExactly("201");

            shop.migrate("ALTER TABLE products ADD COLUMN internal_note text DEFAULT 'SECRETnote'");
            assertThat(shop.read(shop.analyst, "SELECT title, internal_note FROM products WHERE id = 1"))
                    .as("a table without masks becomes a masked one")
                    .containsExactly("chair|null");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT * FROM app.products"))
                    .hasMessageContaining("permission denied");

            assertThat(shop.probe()).isEmpty();
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT email, display_name, salary FROM clients WHERE id = 1"))
                    .as("the rules go by the names that things had")
                    .containsExactly("S***@corp.example|***|null");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void newTablesViewsAndFunctionsAreClosedOrMasked(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            // A filter on anything that has no tags would close new tables.
            shop.govern();
            shop.migrate(
                    "CREATE TABLE app.fresh (id integer PRIMARY KEY, secret text, amount integer)",
                    "INSERT INTO app.fresh VALUES (1, 'SECRETfresh', 5)",
                    "CREATE VIEW app.fresh_view AS SELECT c.id, c.email, c.salary FROM app.customers c",
                    "CREATE MATERIALIZED VIEW app.fresh_copy AS SELECT salary, email FROM app.orders o JOIN app.customers c ON true LIMIT 5",
                    "CREATE TABLE app.copied AS SELECT * FROM app.customers",
                    "CREATE FUNCTION app.peek() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT email FROM app.customers LIMIT 1'",
                    "CREATE TABLE app.events_apac PARTITION OF app.events FOR VALUES IN ('APAC')");
            assertThat(shop.read(shop.analyst, "SELECT * FROM fresh")).containsExactly("1|null|5");
            assertThat(shop.read(shop.analyst, "SELECT email, salary FROM fresh_view WHERE id = 1"))
                    .as("columns of a view made of masked ones")
                    .containsExactly("null|null");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT * FROM fresh_copy"))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT app.peek()"))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT * FROM app.events_apac"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.read(shop.exempt, "SELECT secret FROM fresh")).containsExactly("SECRETfresh");
            assertThat(shop.probe()).isEmpty();
            shop.migrate("DROP TABLE app.fresh", "DROP VIEW app.fresh_view", "DROP TABLE app.events_apac");
            assertThat(shop.probe()).isEmpty();
            shop.govern();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aTableThatTakesAnothersPlaceIsMaskedAsThatOneWas(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.drop("no_apac");
            shop.govern();
            shop.migrate(
                    "CREATE TABLE app.new_orders (id bigint PRIMARY KEY, customer_id bigint, amount numeric, ship_to text)",
                    "INSERT INTO app.new_orders SELECT * FROM app.orders",
                    "ALTER TABLE app.orders RENAME TO old_orders",
                    "ALTER TABLE app.new_orders RENAME TO orders");
            assertThat(shop.read(shop.analyst, "SELECT id, ship_to FROM orders WHERE id = 1"))
                    .containsExactly("1|null");
            assertThat(shop.read(shop.analyst, "SELECT id, ship_to FROM old_orders WHERE id = 1"))
                    .containsExactly("1|***");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT id, ship_to FROM orders WHERE id = 1"))
                    .containsExactly("1|***");
            shop.migrate(
                    "DROP TABLE app.orders CASCADE",
                    "CREATE TABLE app.orders (id bigint PRIMARY KEY, customer_id bigint, amount numeric, ship_to text)",
                    "INSERT INTO app.orders VALUES (1, 1, 1, 'SECRETagain')");
            assertThat(shop.read(shop.analyst, "SELECT id, ship_to FROM orders"))
                    .containsExactly("1|null");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT id, ship_to FROM orders"))
                    .containsExactly("1|***");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void tablesThatTradeNamesAreUnderTheRulesOfBoth(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE app.people (id int, mail text)",
                    "INSERT INTO app.people VALUES (1, 'old@example.com')",
                    "CREATE TABLE app.people_next (id int, mail text)",
                    "INSERT INTO app.people_next VALUES (1, 'new@example.com')");
            shop.classifyAll();
            shop.tag("people", "mail", "email");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT mail FROM people_next")).containsExactly("new@example.com");
            shop.migrate("ALTER TABLE app.people RENAME TO people_old", "ALTER TABLE app.people_next RENAME TO people");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT mail FROM people")).containsExactly("n***@example.com");
            assertThat(shop.read(shop.analyst, "SELECT mail FROM people_old")).containsExactly("o***@example.com");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatComesUnderANameThatTheRulesHideIsHiddenAtOnce(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            shop.migrate("ALTER TABLE customers DROP COLUMN salary CASCADE, ADD COLUMN salary numeric DEFAULT 4242");
            assertThat(shop.read(shop.analyst, "SELECT salary FROM customers WHERE id = 1"))
                    .as("in one statement")
                    .containsExactly("null");
            shop.migrate("ALTER TABLE customers DROP COLUMN salary");
            shop.govern();
            shop.migrate("ALTER TABLE customers ADD COLUMN salary numeric DEFAULT 4242");
            assertThat(shop.read(shop.analyst, "SELECT salary FROM customers WHERE id = 1"))
                    .as("with an admission between")
                    .containsExactly("null");
            assertThat(shop.probe()).isEmpty();
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT salary FROM customers WHERE id = 1"))
                    .containsExactly("null");
            assertThat(shop.read(shop.exempt, "SELECT salary FROM customers WHERE id = 1"))
                    .containsExactly("4242");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aTableThatHasLostTheColumnOfItsFilterIsClosedUntilItIsFoundAgain(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            shop.migrate(
                    "ALTER TABLE customers ADD COLUMN zone text",
                    "UPDATE customers SET zone = region",
                    "ALTER TABLE customers DROP COLUMN region CASCADE");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT count(*) FROM customers"))
                    .as("at once")
                    .hasMessageContaining("permission denied");
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("no_apac cannot filter shop.app.customers")
                            && warning.contains("take the tag of that name away"));
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT count(*) FROM customers"))
                    .as("with the next look at the branch")
                    .hasMessageContaining("permission denied");
            assertThat(shop.read(shop.exempt, "SELECT count(*) FROM customers"))
                    .isEqualTo(Shop.read(shop.admin, "SELECT count(*) FROM app.customers"));

            shop.tag("customers", "zone", "region");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT zone FROM customers ORDER BY 1"))
                    .containsExactly("EU", "US");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aMaskThatHasLostAColumnItTakesReadsNull(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE app.facts (id int, value text, key text)",
                    "INSERT INTO app.facts VALUES (1, 'SECRET', 'iban'), (2, 'blue', 'colour')");
            shop.classifyAll();
            shop.tag("facts", "value", "value");
            shop.columnTags.put(new ColumnName(Shop.CATALOG, "app", "facts", "key"), Map.of("key", ""));
            shop.policies.add(new Policy(
                    "id-by_key",
                    "by_key",
                    Optional.empty(),
                    new Securable(SecurableType.CATALOG, SecurableName.of(Shop.CATALOG)),
                    Set.of("analysts"),
                    Set.of("pii"),
                    new Condition.Always(),
                    List.of(
                            new Match("v", new Condition.HasTagValue("pii", "value")),
                            new Match("k", new Condition.HasTag("key"))),
                    new ColumnMask("system.mask.when_key", "v", List.of(new Alias("k"), new Constant("iban")))));
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT value FROM facts WHERE id = 2"))
                    .containsExactly("blue");

            shop.migrate("ALTER TABLE facts ADD COLUMN kind text", "ALTER TABLE facts DROP COLUMN key CASCADE");
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("by_key cannot mask shop.app.facts.value"));
            assertThat(shop.read(shop.analyst, "SELECT value FROM facts ORDER BY id"))
                    .containsExactly("null", "null");
            assertThat(shop.read(shop.exempt, "SELECT value FROM facts WHERE id = 1"))
                    .containsExactly("SECRET");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatTheDefaultBranchHasRenamedIsUnderTheRulesOfItsNewNameAlsoOnABranchThatLacksTheRename(
            int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE app.people (id int, mail text, zone text)",
                    "INSERT INTO app.people VALUES (1, 'ann@example.com', 'EU'), (2, 'bob@example.com', 'APAC')");
            shop.classifyAll();
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT mail FROM people ORDER BY id"))
                    .containsExactly("ann@example.com", "bob@example.com");
            // There they are persons.email and persons.region since, and tagged.
            shop.renamed("people", "mail", "persons", "email");
            shop.renamed("people", "zone", "persons", "region");
            shop.tag("persons", "email", "email");
            shop.tag("persons", "region", "region");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT mail FROM people")).containsExactly("a***@example.com");
            assertThat(shop.read(shop.exempt, "SELECT count(*) FROM people")).containsExactly("2");
            assertThat(shop.probe()).isEmpty();

            shop.migrate(
                    "ALTER TABLE people RENAME mail TO email",
                    "ALTER TABLE people RENAME zone TO region",
                    "ALTER TABLE people RENAME TO persons");
            assertThat(shop.read(shop.analyst, "SELECT email FROM persons")).containsExactly("a***@example.com");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT email FROM persons")).containsExactly("a***@example.com");
            assertThat(LiveCatalogReader.read(shop.admin).renamed())
                    .as("so control learns of it where this is the default branch")
                    .contains(new Renamed(
                            new ColumnRef("app", "people", "mail"), new ColumnRef("app", "persons", "email")));
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatTakesTheNameOfARenamedThingIsNotUnderItsRules(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE people (id int, name text)",
                    "INSERT INTO people VALUES (1, 'ann')",
                    "CREATE TABLE letters (id int, body text)",
                    "INSERT INTO letters VALUES (1, 'dear bob')");
            shop.classifyAll();
            shop.govern();
            shop.renamed("people", "name", "people", "full_name");
            shop.renamed("letters", "body", "old_letters", "body");
            shop.tag("people", "full_name", "name");
            shop.tag("old_letters", "body", "name");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT name FROM people")).containsExactly("***");

            // What comes under the later name is not what was renamed.
            shop.migrate(
                    "ALTER TABLE people RENAME name TO kept",
                    "ALTER TABLE people ADD name text",
                    "ALTER TABLE people RENAME name TO full_name",
                    "ALTER TABLE people RENAME kept TO name",
                    "ALTER TABLE letters RENAME TO kept",
                    "CREATE TABLE letters (id int, body text)",
                    "ALTER TABLE letters RENAME TO old_letters",
                    "ALTER TABLE kept RENAME TO letters");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT name FROM people")).containsExactly("***");
            assertThat(shop.read(shop.analyst, "SELECT body FROM letters")).containsExactly("***");

            shop.migrate(
                    "ALTER TABLE people DROP full_name",
                    "ALTER TABLE people RENAME name TO full_name",
                    "ALTER TABLE people ADD name text DEFAULT 'harmless'",
                    "DROP TABLE old_letters",
                    "ALTER TABLE letters RENAME TO old_letters",
                    "CREATE TABLE letters AS SELECT 1 AS id, 'harmless' AS body");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT full_name, name FROM people"))
                    .containsExactly("***|harmless");
            assertThat(shop.read(shop.analyst, "SELECT body FROM old_letters")).containsExactly("***");
            assertThat(shop.read(shop.analyst, "SELECT body FROM letters")).containsExactly("harmless");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatIsSaidOfAThingByTheNameThatItHasNowHolds(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE app.letters (id int, body text)", "INSERT INTO app.letters VALUES (1, 'secret')");
            shop.classifyAll();
            shop.govern();
            shop.migrate(
                    "ALTER TABLE app.letters RENAME TO posted", "ALTER TABLE app.posted RENAME COLUMN body TO words");
            shop.tag("posted", "words", "name");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT words FROM posted")).containsExactly("***");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aKnownTableThatTakesARuledOnesNameIsHiddenAsThatOneWas(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE pay (id integer, amount integer)",
                    "CREATE TABLE deals (id integer, region text, amount integer)",
                    "INSERT INTO pay VALUES (1, 4242)",
                    "INSERT INTO deals VALUES (1, 'APAC', 1)");
            shop.classifyAll();
            shop.tag("pay", "amount", "money");
            shop.tag("deals", "region", "region");
            shop.govern();
            shop.migrate(
                    "CREATE TABLE pay_new AS TABLE pay",
                    "CREATE TABLE deals_new (id integer, region varchar(9), amount integer)",
                    "INSERT INTO deals_new SELECT * FROM deals");
            shop.govern();
            for (boolean admitted : new boolean[] {false, true}) {
                shop.migrate("DROP TABLE pay", "DROP TABLE deals");
                if (admitted) {
                    shop.govern();
                }
                shop.migrate("ALTER TABLE pay_new RENAME TO pay", "ALTER TABLE deals_new RENAME TO deals");
                assertThat(shop.read(shop.analyst, "SELECT id, amount FROM pay"))
                        .containsExactly("1|null");
                assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT * FROM deals"))
                        .hasMessageContaining("permission denied");
                assertThat(shop.probe()).isEmpty();
                shop.govern();
                assertThat(shop.read(shop.analyst, "SELECT id, amount FROM pay"))
                        .containsExactly("1|null");
                assertThat(shop.read(shop.analyst, "SELECT * FROM deals")).isEmpty();
                assertThat(shop.read(shop.exempt, "SELECT id, amount FROM pay")).containsExactly("1|4242");
                shop.migrate("CREATE TABLE pay_new AS TABLE pay", "CREATE TABLE deals_new AS TABLE deals");
                shop.govern();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void anOwnerCannotTakeAFilterAwayAndHisOwnPoliciesWork(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            String policy = Shop.read(
                            shop.admin, "SELECT polname FROM pg_policy WHERE polname LIKE 'espalier_filter%' LIMIT 1")
                    .getFirst();
            assertThatThrownBy(() -> shop.migrate("DROP POLICY " + policy + " ON app.customers"))
                    .hasMessageContaining("is the catalog's");
            shop.migrate("ALTER TABLE app.customers DISABLE ROW LEVEL SECURITY");
            shop.migrate("ALTER POLICY " + policy + " ON app.customers USING (true)");
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT region FROM customers ORDER BY 1"))
                    .containsExactly("EU", "US");
            assertThat(shop.probe()).isEmpty();
            shop.migrate("CREATE POLICY own ON app.customers USING (region = 'EU')");
            for (String reader : new String[] {shop.exempt, shop.analyst}) {
                assertThat(shop.read(reader, "SELECT DISTINCT region FROM customers"))
                        .containsExactly("EU");
            }
            assertThat(shop.probe()).isEmpty();
            shop.migrate("ALTER POLICY own ON app.customers USING (region <> 'EU')");
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT region FROM customers"))
                    .as("both have to let a row through")
                    .containsExactly("US");
            shop.migrate("DROP POLICY own ON app.customers");
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT region FROM customers"))
                    .as("row security without a policy lets nothing through")
                    .isEmpty();
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aMaskFunctionThatIsReplacedByAnUnsafeOneClosesItsTable(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE FUNCTION app.mine(v text) RETURNS text LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT left(v, 2); END");
            shop.mask("mask_name", "name", "shop.app.mine");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT full_name FROM customers WHERE id = 1"))
                    .containsExactly("SE");
            shop.run(
                    "CREATE OR REPLACE FUNCTION app.mine(v text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN left(v, 2); END'");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT full_name FROM customers WHERE id = 1"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("mine") && warning.contains("NULL"));
            assertThat(shop.read(shop.analyst, "SELECT full_name FROM customers WHERE id = 1"))
                    .containsExactly("null");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatCommentsStringsAndNamesSayIsNotDone(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            shop.migrate(
                    "ALTER TABLE customers ALTER COLUMN born TYPE timestamptz -- then DETACH it CONCURRENTLY",
                    "/* DETACH \" CONCURRENTLY */ ALTER TABLE customers ALTER COLUMN born TYPE timestamp",
                    "ALTER TABLE customers ALTER COLUMN born TYPE text USING born || 'detach it concurrently'",
                    "ALTER TABLE customers ADD \"detach it\" text, ALTER COLUMN born TYPE varchar /* concurrently */");
            assertThat(shop.read(shop.analyst, "SELECT count(*) FROM customers"))
                    .hasSize(1);
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void statementsOfEveryKindGoThrough(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            shop.migrate(
                    "CREATE INDEX CONCURRENTLY by_phone ON customers (phone)",
                    "REINDEX INDEX CONCURRENTLY by_phone",
                    "ALTER TYPE level ADD VALUE 'middle'",
                    "ALTER TYPE level RENAME VALUE 'middle' TO 'medium'",
                    "CREATE TYPE pair AS (a text, b integer)",
                    "ALTER TABLE orders ADD COLUMN p pair",
                    "UPDATE orders SET p = ('SECRETpair', 1)",
                    "ALTER TYPE pair ADD ATTRIBUTE c text",
                    "ALTER DOMAIN address ADD CONSTRAINT short CHECK (length(VALUE) < 100)",
                    "CREATE STATISTICS st ON email, phone FROM customers",
                    "ALTER TABLE customers ADD CONSTRAINT positive CHECK (salary > 0) NOT VALID",
                    "ALTER TABLE customers VALIDATE CONSTRAINT positive",
                    "ALTER TABLE customers ALTER COLUMN born TYPE timestamptz",
                    "ALTER TABLE customers ADD COLUMN doubled numeric GENERATED ALWAYS AS (salary * 2) STORED",
                    "CREATE TRIGGER later AFTER DELETE ON customers FOR EACH ROW EXECUTE FUNCTION app.audit()",
                    "COMMENT ON COLUMN customers.email IS 'mail'",
                    "REFRESH MATERIALIZED VIEW mails",
                    "CREATE OR REPLACE VIEW vip AS SELECT id, email, salary, region, phone FROM app.customers WHERE region = 'EU'",
                    "ALTER VIEW vip_orders RENAME TO vip_sales",
                    "ALTER TABLE events DETACH PARTITION events_us CONCURRENTLY",
                    "CREATE TABLE events_more (LIKE events)",
                    "ALTER TABLE events ATTACH PARTITION events_more FOR VALUES IN ('MORE')",
                    "ALTER SCHEMA app RENAME TO application",
                    "CREATE SCHEMA more CREATE TABLE more.t (id integer PRIMARY KEY, v text)",
                    "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA application");
            assertThat(
                            shop.read(
                                    shop.analyst,
                                    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname ~ '^application__p'"
                                            + " AND has_table_privilege(c.oid, 'SELECT') AND c.relname IN ('customers', 'orders', 'vip', 'vip_sales', 'events')"))
                    .containsExactly("5");
            String views = shop.governor
                    .prepareRole(shop.admin, shop.analyst)
                    .views()
                    .getFirst()
                    .readSchema();
            assertThat(shop.read(
                            shop.analyst,
                            "SELECT email, salary, doubled, rank FROM " + views + ".customers WHERE id = 1"))
                    .containsExactly("S***@corp.example|null|null|low");
            assertThat(shop.read(shop.analyst, "SELECT p FROM " + views + ".orders WHERE id = 1"))
                    .containsExactly("null");
            assertThat(shop.read(shop.analyst, "SELECT email, phone FROM " + views + ".vip WHERE id = 3"))
                    .as("the view's new column is text, and nobody has looked at it")
                    .containsExactly("S***@corp.example|null");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT * FROM application.events_more"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.read(shop.analyst, "SELECT count(*) FROM " + views + ".customers WHERE region = 'APAC'"))
                    .as("the schema of the filter's function has another name, and the filter holds")
                    .containsExactly("0");
            shop.migrate(
                    "DROP SCHEMA more CASCADE",
                    "DROP TABLE application.customers CASCADE",
                    "DROP TYPE application.pair CASCADE");
            assertThat(shop.probe()).isEmpty();
            shop.govern();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aTableWhoseFilterIsGoneIsClosedAlsoWhereAViewReadsIt(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE deals (id integer, region text)",
                    "INSERT INTO deals VALUES (1, 'EU'), (2, 'APAC')",
                    "CREATE VIEW deals_now AS SELECT * FROM deals",
                    "CREATE VIEW deals_today AS SELECT * FROM deals_now");
            shop.classifyAll();
            shop.tag("deals", "region", "region");
            shop.govern();
            for (String relation : new String[] {"deals", "deals_now", "deals_today"}) {
                assertThat(shop.read(shop.analyst, "SELECT id FROM " + relation))
                        .containsExactly("1");
            }
            shop.run("DROP FUNCTION app.visible(text) CASCADE");
            for (boolean admitted : new boolean[] {false, true}) {
                if (admitted) {
                    shop.govern();
                }
                for (String relation : new String[] {"deals", "deals_now", "deals_today"}) {
                    assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT id FROM " + relation))
                            .as(relation)
                            .hasMessageContaining("permission denied");
                }
                assertThat(shop.probe()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aFilterShowsNoRowThatTheTablesOwnRowSecurityHides(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE deals (id integer, region text, who text)",
                    "INSERT INTO deals VALUES (1, 'EU', 'a'), (2, 'EU', 'b'), (3, 'APAC', 'c')",
                    "CREATE POLICY own ON deals USING (id <> 2)",
                    "CREATE POLICY owners ON deals TO app_owner USING (true)",
                    "ALTER TABLE deals ENABLE ROW LEVEL SECURITY",
                    "CREATE TABLE shut (id integer, region text)",
                    "INSERT INTO shut VALUES (1, 'EU')",
                    "ALTER TABLE shut ENABLE ROW LEVEL SECURITY");
            shop.classifyAll();
            shop.tag("deals", "who", "name");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT id FROM deals ORDER BY 1"))
                    .containsExactly("1", "3");
            shop.tag("deals", "region", "region");
            shop.tag("shut", "region", "region");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT id FROM deals")).containsExactly("1");
            assertThat(shop.read(shop.exempt, "SELECT id FROM deals ORDER BY 1"))
                    .containsExactly("1", "3");
            assertThat(shop.read(shop.analyst, "SELECT id FROM shut")).isEmpty();
            assertThat(shop.probe()).isEmpty();

            // As an earlier version left it.
            String profile = Shop.read(
                            shop.admin,
                            "SELECT profile FROM espalier_governance.subject WHERE principal = '" + shop.analyst + "'")
                    .getFirst();
            shop.run(
                    "BEGIN",
                    "SELECT espalier_governance.begin_work()",
                    "CREATE POLICY espalier_open_" + profile + " ON app.deals TO espalier_view_" + profile
                            + " USING (true)",
                    "UPDATE espalier_governance.compiled_filter SET definition = espalier_governance.policy_definition(profile, relid)"
                            + " WHERE relid = 'app.deals'::regclass",
                    "SELECT espalier_governance.end_work()",
                    "COMMENT ON SCHEMA espalier_governance IS 'an older version'",
                    "COMMIT");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT id FROM deals")).containsExactly("1");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aMaskShowsNoRowThatAPolicyForItsReaderAloneHides(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate("CREATE VIEW sales WITH (security_invoker = true) AS"
                    + " SELECT o.amount, c.email FROM orders o JOIN customers c ON c.id = o.customer_id");
            shop.classifyAll();
            shop.govern();
            List<String> queries = List.of("SELECT max(amount) FROM orders", "SELECT max(amount) FROM sales");
            shop.migrate(
                    "CREATE POLICY everybody ON orders USING (true)",
                    "CREATE POLICY small ON orders AS RESTRICTIVE FOR SELECT TO " + shop.stranger
                            + " USING (amount < 10)",
                    "ALTER TABLE orders ENABLE ROW LEVEL SECURITY");
            for (String query : queries) {
                assertThat(shop.read(shop.analyst, query))
                        .as("a policy for somebody else: " + query)
                        .doesNotContain("null");
            }
            shop.subjects.removeIf(subject -> subject.name().equals(shop.stranger));
            shop.subjects.add(new Subject(shop.stranger, Set.of("analysts"), false));
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.startsWith("app.orders: closed to some") && warning.contains("small"));
            for (String query : queries) {
                for (String reader : List.of(shop.stranger, shop.analyst)) {
                    assertThatThrownBy(() -> shop.read(reader, query))
                            .as(query)
                            .hasMessageContaining("permission denied");
                }
                assertThat(shop.read(shop.writer, query)).as(query).doesNotContain("null");
            }
            assertThat(shop.probe()).isEmpty();
            shop.migrate("ALTER POLICY small ON orders TO PUBLIC USING (current_user <> '" + shop.stranger
                    + "' OR amount < 10)");
            assertThat(shop.read(shop.stranger, queries.getFirst())).containsExactly("9");
            assertThat(shop.read(shop.analyst, queries.getFirst())).containsExactly("500");
            shop.migrate("ALTER POLICY small ON orders TO " + shop.analyst + ", app_owner");
            for (String query : queries) {
                assertThatThrownBy(() -> shop.read(shop.analyst, query))
                        .as(query)
                        .hasMessageContaining("permission denied");
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aViewThatIsMadeAgainShowsNoRowThatAPolicyForItsOwnerHides(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            String owner = "sales_" + shop.database;
            shop.run("CREATE ROLE " + owner, "GRANT USAGE, CREATE ON SCHEMA app TO " + owner);
            shop.migrate(
                    "GRANT SELECT ON orders TO " + owner,
                    "CREATE POLICY everybody ON orders USING (true)",
                    "CREATE POLICY small ON orders AS RESTRICTIVE TO " + owner + " USING (amount < 10)",
                    "ALTER TABLE orders ENABLE ROW LEVEL SECURITY");
            shop.run(
                    "SET ROLE " + owner,
                    "CREATE VIEW app.small_orders AS SELECT amount, ship_to FROM app.orders",
                    "RESET ROLE");
            shop.classifyAll();
            shop.govern();
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT max(amount) FROM small_orders"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.read(shop.analyst, "SELECT max(amount) FROM orders"))
                    .containsExactly("500");
            assertThat(shop.read(shop.exempt, "SELECT max(amount) FROM small_orders"))
                    .containsExactly("9");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aColumnThatComesWhileTheRulesAreCompiledIsNotKnown(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            shop.migrate("CREATE TABLE late (id integer, a text)", "INSERT INTO late VALUES (1, 'a')");
            shop.classifyAll();
            Snapshot snapshot = SnapshotReader.read(shop.admin, shop.rules());
            shop.migrate("ALTER TABLE late ADD COLUMN b text DEFAULT 'SECRETb'");
            Applier applier = new Applier(shop.admin);
            shop.run("BEGIN", "SELECT espalier_governance.begin_work()");
            applier.apply(Compiler.compile(shop.rules(), snapshot), snapshot, applier.held());
            shop.run("SELECT espalier_governance.end_work()", "COMMIT");
            assertThat(shop.read(shop.analyst, "SELECT a, b FROM late")).containsExactly("a|null");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aSessionThatReadsBackslashesAsEscapesMigratesAsAnyOther(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            shop.migrate(
                    "SET standard_conforming_strings = off",
                    "ALTER TABLE customers ALTER COLUMN phone TYPE varchar(60)",
                    "ALTER TABLE customers ADD COLUMN note text");
            assertThat(shop.read(shop.analyst, "SELECT email, phone, note FROM customers WHERE id = 1"))
                    .containsExactly("S***@corp.example|***T1|null");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aBlockOfCodeThatNamesOneTableAltersOthersToo(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            shop.migrate("""
                    -- Types of texts.
                    /* All of them. */ DO $$ BEGIN
                        EXECUTE 'ALTER TABLE app.' || 'cust' || 'omers ALTER COLUMN phone TYPE varchar(70)';
                        ALTER TABLE app.orders ALTER COLUMN ship_to TYPE varchar(500);
                    END $$
                    """);
            assertThat(shop.read(shop.analyst, "SELECT phone FROM customers WHERE id = 1"))
                    .containsExactly("***T1");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void anOpenMigrationKeepsNeitherMigrationsNorChangesOfOtherTables(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            try (Connection open = shop.as(shop.manager)) {
                open.setAutoCommit(false);
                Shop.run(open, "SET LOCAL ROLE app_owner", "ALTER TABLE app.products ADD COLUMN colour text");
                shop.migrate("SET lock_timeout = '5s'", "ALTER TABLE app.orders ADD COLUMN note text");
                shop.mask("mask_phone", "phone", "system.mask.redact");
                shop.govern();
                assertThat(shop.read(shop.analyst, "SELECT phone FROM customers WHERE id = 1"))
                        .containsExactly("***");
                open.commit();
            }
            assertThat(shop.read(shop.analyst, "SELECT colour FROM products WHERE id = 1"))
                    .containsExactly("null");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aDumpOfAGovernedDatabaseIsRestoredForThoseWhomNoRuleIsFor(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            String application = "application_" + shop.database;
            shop.run(
                    "CREATE ROLE " + application + " LOGIN",
                    "GRANT USAGE ON SCHEMA app TO " + application,
                    "ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA app GRANT SELECT ON TABLES TO "
                            + application);
            for (String table : new String[] {"filtered", "plain"}) {
                shop.migrate(
                        "CREATE TABLE " + table + " (id integer, region text)",
                        "INSERT INTO " + table + " VALUES (1, 'EU'), (2, 'APAC')",
                        "ALTER TABLE " + table + " ENABLE ROW LEVEL SECURITY",
                        "CREATE POLICY espalier_filter_p0123456789 ON " + table
                                + " AS RESTRICTIVE USING (app.visible(region)) WITH CHECK (app.visible(region))",
                        "CREATE POLICY espalier_open ON " + table + " USING (true) WITH CHECK (true)");
                assertThat(shop.read(application, "SELECT count(*) FROM app." + table))
                        .containsExactly("2");
            }
            shop.classifyAll();
            shop.tag("filtered", "region", "region");
            shop.govern();
            for (String table : new String[] {"filtered", "plain"}) {
                assertThat(shop.read(application, "SELECT count(*) FROM app." + table))
                        .containsExactly("2");
            }
            assertThat(shop.read(shop.analyst, "SELECT id FROM filtered")).containsExactly("1");
            assertThat(shop.probe()).isEmpty();

            shop.migrate(
                    "CREATE TABLE own (id integer)",
                    "CREATE POLICY mine ON own USING (id > 1)",
                    "ALTER TABLE own ENABLE ROW LEVEL SECURITY");
            for (String statement : new String[] {
                "CREATE POLICY espalier_open ON own USING (true) WITH CHECK (true)",
                "CREATE POLICY espalier_open ON plain FOR SELECT USING (true)",
                "CREATE POLICY espalier_filter_p0123456789 ON plain USING (true)"
            }) {
                assertThatThrownBy(() -> shop.migrate(statement))
                        .as(statement)
                        .hasMessageContaining("are the catalog's");
            }
        }
    }
}
