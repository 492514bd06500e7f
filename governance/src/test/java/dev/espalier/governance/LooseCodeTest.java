package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Condition.HasTag;
import dev.espalier.control.metastore.LiveCatalogReader;
import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.RowFilter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Code that a caller's temporary tables and types could deceive, wherever it runs. */
@ExtendWith(Servers.class)
class LooseCodeTest {

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aMigrationTakesWritingAwayWhereverItReachesATriggerThatIsNotPinned(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "ALTER FUNCTION log_ticket() SET search_path = app, pg_temp",
                    "ALTER FUNCTION log_contact() SET search_path = app, pg_temp");
            shop.govern();
            List<String> statements = List.of(
                    "UPDATE app.tickets SET note = 'w' WHERE id = 1",
                    "UPDATE app.ticket_list SET note = 'w' WHERE id = 1",
                    "UPDATE app.in_tray SET note = 'w' WHERE id = 1",
                    "DELETE FROM app.accounts WHERE id = 1");
            for (String statement : statements) {
                write(shop, statement);
            }
            shop.migrate(
                    "ALTER FUNCTION log_ticket() SET search_path = app",
                    "ALTER FUNCTION log_contact() RESET search_path");
            for (String statement : statements) {
                assertThatThrownBy(() -> write(shop, statement))
                        .as(statement)
                        .hasMessageContaining("permission denied");
            }
            assertThat(shop.read(shop.writer, "SELECT note FROM app.ticket_list WHERE id = 1"))
                    .containsExactly("w");
            assertThat(shop.probe()).isEmpty();
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("app.accounts")
                            && warning.contains("ALTER FUNCTION app.log_contact() SET search_path = app, pg_temp"));
            shop.migrate(
                    "ALTER FUNCTION log_ticket() SET search_path = app, pg_temp",
                    "ALTER FUNCTION log_contact() SET search_path TO 'app', 'pg_temp'");
            for (String statement : statements) {
                write(shop, statement);
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatAConstraintOrAnIndexCallsWithAMaskedRowIsCodeToo(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            shop.migrate("CREATE FUNCTION short(v text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS"
                    + " 'DECLARE it text := v; BEGIN RETURN length(it) < 1000; END'");
            for (String statement : List.of(
                    "ALTER TABLE customers ADD CONSTRAINT short CHECK (short(email)) ;; ALTER TABLE customers DROP CONSTRAINT short",
                    "CREATE INDEX shortness ON customers (short(email)) ;; DROP INDEX shortness",
                    "ALTER TABLE customers ADD COLUMN is_short boolean GENERATED ALWAYS AS (short(email)) STORED")) {
                write(shop, "UPDATE customers SET born = born + 1 WHERE id = 3");
                shop.migrate(statement.split(" ;; ")[0]);
                try (Connection session = shop.as(shop.writer)) {
                    Shop.run(
                            session,
                            "CREATE FUNCTION pg_temp.tell(v varchar) RETURNS boolean LANGUAGE plpgsql AS"
                                    + " 'BEGIN RAISE EXCEPTION ''saw %'', v; END'",
                            "CREATE DOMAIN pg_temp.text AS varchar CHECK (pg_temp.tell(VALUE))");
                    assertThatThrownBy(
                                    () -> Shop.run(session, "UPDATE customers SET born = born + 1 WHERE id = 3"),
                                    statement)
                            .hasMessageContaining("permission denied");
                }
                assertThat(shop.probe()).isEmpty();
                if (statement.contains(" ;; ")) {
                    shop.migrate(statement.split(" ;; ")[1]);
                    shop.govern();
                    shop.migrate("COMMENT ON TABLE customers IS 'compiled again'");
                }
            }
            shop.migrate("ALTER FUNCTION short(text) SET search_path = app, pg_temp");
            write(shop, "UPDATE customers SET born = born + 1 WHERE id = 3");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aMaskFunctionThatAReadersSettingWouldGiveAnotherMeaningIsNotUsed(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE FUNCTION hide(v text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp"
                            + " AS $$ SELECT regexp_replace(v, '\\w', '*', 'g') $$",
                    "CREATE FUNCTION hide_all(v text) RETURNS text LANGUAGE sql IMMUTABLE"
                            + " BEGIN ATOMIC SELECT app.hide(v); END");
            shop.mask("mask_phone", "phone", "shop.app.hide");
            shop.mask("mask_name", "name", "shop.app.hide_all");
            assertThat(shop.govern().warnings())
                    .anyMatch(
                            warning -> warning.contains("hide_all") && warning.contains("standard_conforming_strings"));
            assertThat(readWithEscapes(shop, "SELECT phone, full_name FROM customers WHERE id = 1"))
                    .containsExactly("null|null");
            shop.migrate("ALTER FUNCTION hide(text) SET standard_conforming_strings = on");
            shop.govern();
            assertThat(readWithEscapes(shop, "SELECT phone, full_name FROM customers WHERE id = 1"))
                    .containsExactly("+** ** *******|********** *");
            assertThat(shop.probe()).isEmpty();

            shop.run(
                    "BEGIN",
                    "SELECT espalier_governance.begin_work()",
                    "ALTER FUNCTION app.hide(text) RESET standard_conforming_strings",
                    "SELECT espalier_governance.end_work()",
                    "COMMIT");
            assertThat(shop.probe()).anyMatch(finding -> finding.check().equals("unsafe function"));
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void masksOfTheLibraryAreTheSameUnderAllSettingsOfTheReader(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.mask("mask_phone", "phone", "system.mask.digits");
            shop.govern();
            String query = "SELECT phone FROM customers ORDER BY id";
            assertThat(readWithEscapes(shop, query)).isEqualTo(shop.read(shop.analyst, query));
        }
    }

    private static List<String> readWithEscapes(Shop shop, String query) throws SQLException {
        try (Connection session = shop.as(shop.analyst)) {
            Shop.run(session, "SET standard_conforming_strings = off");
            return Shop.read(session, query);
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aFilterOrMaskFunctionWithoutTemporaryTablesLastIsNotUsed(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE region_access (region text)",
                    "INSERT INTO region_access VALUES ('EU')",
                    "CREATE FUNCTION may_see(v text) RETURNS boolean LANGUAGE plpgsql STABLE SET search_path = app AS"
                            + " 'BEGIN RETURN EXISTS (SELECT FROM region_access r WHERE r.region = v); END'",
                    "CREATE FUNCTION inner_mask(v text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS"
                            + " 'DECLARE it text := v; BEGIN RETURN left(it, 1); END'",
                    "CREATE FUNCTION outer_mask(v text) RETURNS text LANGUAGE sql IMMUTABLE"
                            + " BEGIN ATOMIC SELECT app.inner_mask(v); END");
            shop.classifyAll();
            shop.policy(
                    "no_apac",
                    Set.of("analysts"),
                    new HasTag("region"),
                    new RowFilter("shop.app.may_see", List.of(new Alias("c"))));
            shop.mask("mask_name", "name", "shop.app.outer_mask");
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("may_see") && warning.contains("pg_temp"))
                    .anyMatch(warning -> warning.contains("outer_mask") && warning.contains("pg_temp"));
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT * FROM customers"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT who FROM events"))
                    .containsExactly("null");

            shop.migrate(
                    "ALTER FUNCTION may_see(text) SET search_path = app, pg_temp",
                    "ALTER FUNCTION inner_mask(text) SET search_path = app, pg_temp");
            shop.govern();
            try (Connection session = shop.as(shop.analyst)) {
                Shop.run(session, "CREATE TEMP TABLE region_access AS VALUES ('US'), ('APAC')");
                assertThat(Shop.read(session, "SELECT DISTINCT region, full_name FROM customers"))
                        .containsExactly("EU|S");
            }
            assertThat(shop.probe()).isEmpty();

            // What a policy calls is not for its owner to change.
            shop.run("ALTER FUNCTION app.inner_mask(text) RESET search_path");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT * FROM customers"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
        }
    }

    private static void write(Shop shop, String statement) throws SQLException {
        try (Connection session = shop.as(shop.writer)) {
            Shop.run(session, statement);
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aPathIsReadAsPostgresDoesAndEachFunctionsOwnCounts(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "ALTER FUNCTION log_ticket() SET search_path = 'app, pg_temp'",
                    "CREATE FUNCTION inner_mask(v text) RETURNS text LANGUAGE plpgsql IMMUTABLE SET search_path = '' AS"
                            + " 'DECLARE it text := v; BEGIN RETURN left(it, 1); END'",
                    "CREATE FUNCTION outer_mask(v text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = app, pg_temp"
                            + " BEGIN ATOMIC SELECT app.inner_mask(v); END");
            shop.mask("mask_name", "name", "shop.app.outer_mask");
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("outer_mask") && warning.contains("pg_temp"));
            assertThatThrownBy(() -> write(shop, "UPDATE app.tickets SET note = 'w' WHERE id = 1"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT who FROM events"))
                    .containsExactly("null");
            shop.migrate(
                    "ALTER FUNCTION log_ticket() SET search_path = \"app\",pg_temp",
                    "ALTER FUNCTION inner_mask(text) SET search_path = pg_catalog, pg_temp");
            shop.govern();
            write(shop, "UPDATE app.tickets SET note = 'w' WHERE id = 1");
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT length(who) FROM events"))
                    .containsExactly("1");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void rowSecurityOfAnApplicationThatCallsLooseCodeClosesWhatIsMasked(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE FUNCTION can_see(v text) RETURNS boolean LANGUAGE plpgsql STABLE SET search_path = app, pg_temp"
                            + " AS 'DECLARE it text := v; BEGIN RETURN it IS NOT NULL; END'");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT count(*) > 0 FROM contacts"))
                    .containsExactly("t");
            shop.migrate(
                    "ALTER TABLE contacts ENABLE ROW LEVEL SECURITY",
                    "CREATE POLICY own ON contacts USING (can_see(email))");
            assertThat(shop.read(shop.analyst, "SELECT count(*) > 0 FROM contacts"))
                    .containsExactly("t");
            shop.migrate("ALTER FUNCTION can_see(text) RESET search_path");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT account_id FROM contacts"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("app.contacts") && warning.contains("can_see"));
            shop.migrate("ALTER FUNCTION can_see(text) SET search_path = app, pg_temp");
            assertThat(shop.read(shop.analyst, "SELECT count(*) > 0 FROM contacts"))
                    .containsExactly("t");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void checksOfDomainsOperatorsKeysOfPartitionsAndRulesAreCodeToo(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE FUNCTION fine(v text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS"
                            + " 'DECLARE it text := v; BEGIN RETURN it <> ''-''; END'",
                    "CREATE FUNCTION same(v text, w text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS"
                            + " 'DECLARE it text := v; BEGIN RETURN it = w; END'",
                    "CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = same)",
                    "CREATE DOMAIN code AS text",
                    "CREATE DOMAIN fine_text AS text CHECK (fine(VALUE))",
                    "CREATE DOMAIN word AS text",
                    "CREATE DOMAIN short_word AS text CHECK (length(VALUE::fine_text) < 100)",
                    "CREATE TABLE parent (code text PRIMARY KEY)",
                    "CREATE TABLE child (one code REFERENCES parent ON UPDATE CASCADE)",
                    "CREATE TABLE person (id integer, email text, note text)",
                    "CREATE TABLE keyed (id integer, email text) PARTITION BY LIST ((email LIKE 'a%'))",
                    "INSERT INTO parent VALUES ('x')",
                    "INSERT INTO person VALUES (1, 'ann@example.com', '')");
            shop.classifyAll();
            shop.tag("person", "email", "email");
            shop.tag("keyed", "email", "email");
            shop.govern();
            write(shop, "UPDATE app.parent SET code = code");
            write(shop, "UPDATE person SET note = 'w'");
            write(shop, "UPDATE keyed SET id = 1");

            shop.migrate("ALTER DOMAIN code ADD CHECK (fine(VALUE))");
            assertThatThrownBy(() -> write(shop, "UPDATE app.parent SET code = 'y'"))
                    .as("a domain's check, as the owner of what refers")
                    .hasMessageContaining("permission denied");
            for (String code : List.of(
                    "ALTER TABLE person ADD CONSTRAINT c CHECK (NOT email === 'none') ;; ALTER TABLE person DROP CONSTRAINT c",
                    "ALTER TABLE person ADD CONSTRAINT c CHECK (email::app.fine_text IS NOT NULL) ;; ALTER TABLE person DROP CONSTRAINT c",
                    "ALTER TABLE person ADD CONSTRAINT c CHECK (email::short_word IS NOT NULL) ;; ALTER TABLE person DROP CONSTRAINT c",
                    "ALTER TABLE person ADD CONSTRAINT c CHECK (email::word IS NOT NULL); ALTER DOMAIN word ADD CONSTRAINT w CHECK (fine(VALUE))"
                            + " ;; ALTER DOMAIN word DROP CONSTRAINT w; ALTER TABLE person DROP CONSTRAINT c",
                    "ALTER TABLE person ADD COLUMN k fine_text GENERATED ALWAYS AS (lower(email)) STORED ;; ALTER TABLE person DROP COLUMN k",
                    "CREATE RULE r AS ON UPDATE TO person DO ALSO SELECT app.fine(OLD.email) ;; DROP RULE r ON person")) {
                shop.migrate(code.split(" ;; ")[0]);
                assertThatThrownBy(() -> write(shop, "UPDATE person SET note = 'w'"))
                        .as(code)
                        .hasMessageContaining("permission denied");
                assertThat(shop.probe()).isEmpty();
                shop.migrate(code.split(" ;; ")[1]);
                shop.govern();
                shop.migrate("COMMENT ON TABLE person IS 'compiled again'");
                write(shop, "UPDATE person SET note = 'w'");
            }
            shop.migrate(
                    "DROP TABLE keyed",
                    "CREATE TABLE keyed (id integer, email text) PARTITION BY LIST ((fine(email)))");
            shop.classifyAll();
            shop.govern();
            assertThatThrownBy(() -> write(shop, "UPDATE keyed SET id = 1"))
                    .as("the key of partitions")
                    .hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void noIndexThatIsMadeConcurrentlyRunsLooseCodeForWhomAPolicyBinds(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE DOMAIN label AS text",
                    "CREATE FUNCTION label(x text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'DECLARE v label := x; BEGIN RETURN v; END'",
                    "CREATE FUNCTION same(a text, b text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN a = b; END'",
                    "CREATE OPERATOR ==== (LEFTARG = text, RIGHTARG = text, PROCEDURE = same)",
                    "CREATE DOMAIN \"Odd Word\" AS text CHECK (same(VALUE, VALUE))",
                    "CREATE TABLE person (id integer, email text, note text)",
                    "INSERT INTO person VALUES (1, 'ann@example.com', '')");
            shop.classifyAll();
            shop.tag("person", "email", "email");
            shop.govern();
            for (String index : List.of(
                    "CREATE INDEX CONCURRENTLY i ON person (label(email))",
                    "CREATE UNIQUE INDEX  concurrently i ON app.person (id) WHERE email ==== 'x'",
                    "CREATE INDEX CONCURRENTLY i ON person (app.U&\"l\\0061bel\"(email))",
                    "CREATE INDEX CONCURRENTLY i ON person ((email::\"Odd Word\"))")) {
                assertThatThrownBy(() -> shop.migrate(index))
                        .as(index)
                        .hasMessageContaining("is made CONCURRENTLY would run ");
            }
            shop.migrate(
                    "CREATE FUNCTION son(x text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN x; END'",
                    "CREATE INDEX CONCURRENTLY ON person (lower(email)) WHERE id > 0");
            write(shop, "UPDATE person SET note = 'w'");
            shop.migrate(
                    "ALTER FUNCTION label(text) SET search_path = app, pg_temp",
                    "CREATE INDEX CONCURRENTLY ON person (label(email))");
            write(shop, "UPDATE person SET note = 'w'");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void noOtherFunctionComesUnderTheNameOfOneThatAPolicyCalls(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE SCHEMA other",
                    "CREATE FUNCTION own_mask(v text) RETURNS text LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT 'masked'; END");
            shop.mask("mask_name", "name", "shop.app.own_mask");
            shop.govern();
            for (String statement : List.of(
                    "ALTER FUNCTION own_mask(text) RENAME TO gone",
                    "ALTER FUNCTION own_mask(text) SET SCHEMA other",
                    "DROP FUNCTION own_mask(text) CASCADE",
                    "DROP FUNCTION visible(text) CASCADE")) {
                assertThatThrownBy(() -> shop.migrate(statement))
                        .as(statement)
                        .hasMessageContaining("a policy of the catalog calls");
            }
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT who FROM events"))
                    .containsExactly("masked");
            shop.drop("mask_name");
            shop.govern();
            shop.migrate("DROP FUNCTION own_mask(text) CASCADE");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatIsTooLongToLookThroughIsLooseAndKeepsNobodyOut(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            // PostgreSQL has no room for four bytes for each of its letters.
            String body = "'BEGIN RETURN NEW; END --' || repeat('x', 270000000)";
            String other = "'BEGIN RETURN NEW; END --' || repeat('x', 2000000)";
            shop.migrate(
                    "CREATE TABLE noted (id int PRIMARY KEY, note text, open text)",
                    "INSERT INTO noted VALUES (1, 'SECRET', 'a')",
                    "DO $d$BEGIN EXECUTE 'CREATE FUNCTION big() RETURNS trigger LANGUAGE plpgsql SET search_path = app, pg_temp AS '"
                            + " || quote_literal(" + body + "); END$d$",
                    "CREATE TRIGGER big BEFORE UPDATE ON noted FOR EACH ROW EXECUTE FUNCTION big()",
                    "DO $d$BEGIN EXECUTE 'CREATE FUNCTION big_too() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp AS '"
                            + " || quote_literal(" + other + "); END$d$",
                    "DO $d$BEGIN EXECUTE 'CREATE POLICY big ON noted USING (open <> ' || quote_literal(repeat('x', 2000000)) || ')'; END$d$",
                    "ALTER TABLE noted ENABLE ROW LEVEL SECURITY");
            shop.classifyAll();
            shop.tag("noted", "note", "name");
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("app.noted") && warning.contains("too long (over 1 MB)"));
            assertThat(LiveCatalogReader.read(shop.admin).functions())
                    .anyMatch(function ->
                            function.name().equals("big") && function.body().isEmpty());
            assertThat(shop.probe()).isEmpty();
            assertThat(shop.read(shop.analyst, "SELECT note FROM noted")).containsExactly("***");
            assertThatThrownBy(() -> write(shop, "UPDATE app.noted SET open = 'b'"))
                    .hasMessageContaining("permission denied");
        }
    }
}
