package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Condition;
import dev.espalier.control.metastore.Condition.HasTagValue;
import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.Constant;
import dev.espalier.control.metastore.Policy.Match;
import dev.espalier.control.metastore.Policy.RowFilter;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who writes cannot change what decides what he is shown, nor try out what is hidden from him. */
@ExtendWith(Servers.class)
class TellingColumnsTest {

    static int[] versions() {
        return Servers.versions();
    }

    /** Values of settings are masked where their key says that they are addresses. */
    private static Shop shop(Servers.Running servers, int version) throws SQLException {
        Shop shop = new Shop(servers, version);
        shop.migrate(
                "CREATE TABLE kind (name text PRIMARY KEY, note text)",
                "CREATE TABLE kind_of_kind (name text PRIMARY KEY REFERENCES kind ON UPDATE CASCADE)",
                "CREATE TABLE setting (id integer PRIMARY KEY, key text, value text, note text)",
                "CREATE TABLE search (key text, value text, note text)",
                "CREATE TABLE fact (id integer PRIMARY KEY, key text DEFAULT 'other', value text)",
                "INSERT INTO kind VALUES ('email'), ('other')",
                "INSERT INTO setting VALUES (1, 'email', 'SECRETset@corp.example'), (2, 'other', 'shown')",
                "INSERT INTO search VALUES ('email', 'SECRETsearch@corp.example'), ('other', 'shown')",
                "INSERT INTO fact VALUES (1, 'email', 'SECRETfact@corp.example')");
        shop.classifyAll();
        for (String table : List.of("setting", "search", "fact")) {
            shop.tag(table, "value", "by key");
            shop.tag(table, "key", "key");
        }
        shop.policies.add(new Policy(
                "id-by-key",
                "by_key",
                Optional.empty(),
                new Securable(SecurableType.CATALOG, SecurableName.of(Shop.CATALOG)),
                Set.of("analysts"),
                Set.of("pii"),
                new Condition.Always(),
                List.of(
                        new Match("v", new HasTagValue("pii", "by key")),
                        new Match("k", new HasTagValue("pii", "key"))),
                new ColumnMask("system.mask.when_key", "v", List.of(new Alias("k"), new Constant("email")))));
        return shop;
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aColumnThatAMaskIsGivenIsNotForWhomItMasksToChange(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = shop(servers, version)) {
            shop.govern();
            assertThat(shop.read(shop.writer, "SELECT value FROM setting ORDER BY id"))
                    .containsExactly("***", "shown");
            for (String statement : List.of(
                    "UPDATE setting SET key = 'x' WHERE id = 1 RETURNING *",
                    "UPDATE setting SET key = 'x', note = 'w' WHERE id = 1 RETURNING *",
                    "UPDATE search SET key = 'x' RETURNING *",
                    "UPDATE search SET note = 'w', key = DEFAULT RETURNING *")) {
                assertThatThrownBy(() -> shop.read(shop.writer, statement))
                        .as(statement)
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                refused -> assertThat(refused.getSQLState()).isEqualTo("42501"));
            }
            assertThat(shop.read(shop.writer, "UPDATE setting SET key = key, note = 'w' WHERE id = 1 RETURNING *"))
                    .containsExactly("1|email|***|w");
            assertThat(shop.read(shop.writer, "UPDATE search SET note = 'w' WHERE key = 'email' RETURNING *"))
                    .containsExactly("email|***|w");
            assertThat(shop.read(shop.writer, "INSERT INTO setting VALUES (3, 'x', 'own') RETURNING value"))
                    .containsExactly("own");
            write(shop, "INSERT INTO search (key) VALUES ('email')");
            assertThat(shop.read(shop.writer, "DELETE FROM search RETURNING key, value"))
                    .containsExactlyInAnyOrder("email|***", "other|shown", "email|null");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void noForeignKeyChangesAColumnThatAMaskIsGivenForWhomItMasks(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = shop(servers, version)) {
            shop.govern();
            write(shop, "UPDATE kind SET note = 'w'");
            write(shop, "UPDATE kind_of_kind SET name = name");
            shop.migrate(
                    "ALTER TABLE fact ADD CONSTRAINT k FOREIGN KEY (key) REFERENCES kind ON UPDATE CASCADE ON DELETE SET DEFAULT");
            for (String statement : List.of(
                    "UPDATE kind SET name = 'zz' WHERE name = 'email'",
                    "DELETE FROM kind",
                    "UPDATE kind SET note = ''")) {
                assertThatThrownBy(() -> write(shop, statement))
                        .as(statement)
                        .hasMessageContaining("permission denied");
            }
            write(shop, "INSERT INTO kind VALUES ('new')");
            write(shop, "UPDATE kind_of_kind SET name = name");
            assertThat(shop.probe()).isEmpty();
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("app.kind") && warning.contains("foreign keys of app.fact"));
            shop.drop("by_key");
            shop.govern();
            write(shop, "UPDATE kind SET note = 'w'");
            shop.policy(
                    "no_email",
                    Set.of("analysts"),
                    new HasTagValue("pii", "key"),
                    new RowFilter("system.mask.is_none_of", List.of(new Alias("c"), new Constant("email"))));
            shop.govern();
            assertThatThrownBy(() -> write(shop, "UPDATE kind SET name = 'zz' WHERE name = 'email'"))
                    .as("rows that a filter hides")
                    .hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
            shop.migrate("ALTER TABLE fact DROP CONSTRAINT k");
            write(shop, "UPDATE kind SET note = 'w'");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void noForeignKeyChangesRowsThatAreHiddenFromHimAndShowsThemInErrors(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE usr (id integer PRIMARY KEY, code text UNIQUE, email text)",
                    "CREATE TABLE doc (id integer PRIMARY KEY, owner integer NOT NULL REFERENCES usr ON UPDATE CASCADE, body text)",
                    "CREATE TABLE memo (id integer PRIMARY KEY, code text REFERENCES usr (code) ON UPDATE CASCADE, body text)",
                    "INSERT INTO usr VALUES (1, 'a', 'SECRET@corp.example')",
                    "INSERT INTO doc VALUES (1, 1, 'SECRETdoc')");
            shop.classifyAll();
            shop.tag("usr", "email", "email");
            shop.tag("doc", "body", "raw");
            shop.tag("memo", "body", "raw");
            shop.govern();
            write(shop, "UPDATE usr SET email = email WHERE id = 1");
            write(shop, "DELETE FROM usr WHERE id = 7");
            assertThatThrownBy(() -> write(shop, "UPDATE usr SET code = 'b' WHERE id = 1"))
                    .as("the key of memo")
                    .hasMessageContaining("column code decides");
            for (String table : List.of("doc", "memo")) {
                shop.migrate("ALTER TABLE " + table
                        + " ADD COLUMN other integer NOT NULL DEFAULT 1 REFERENCES usr ON DELETE SET NULL");
                assertThatThrownBy(() -> write(shop, "DELETE FROM usr WHERE id = 1"))
                        .hasMessageContaining("permission denied");
                assertThat(shop.probe()).isEmpty();
            }
            shop.migrate("ALTER TABLE doc DROP COLUMN other");
            assertThatThrownBy(() -> write(shop, "DELETE FROM usr WHERE id = 7"))
                    .hasMessageContaining("permission denied");
            shop.migrate("DROP TABLE memo");
            write(shop, "DELETE FROM usr WHERE id = 7");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aForeignKeyIsFollowedByTheColumnsThatItChangesAlone(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE country (id integer PRIMARY KEY, name text)",
                    "CREATE TABLE city (id integer PRIMARY KEY, name text, country_id integer REFERENCES country ON UPDATE CASCADE ON DELETE SET NULL)",
                    "CREATE TABLE buyer (id integer PRIMARY KEY, city_id integer REFERENCES city ON UPDATE CASCADE, email text)",
                    "CREATE TABLE same (id integer PRIMARY KEY REFERENCES city ON UPDATE CASCADE)",
                    "CREATE TABLE after_same (id integer PRIMARY KEY REFERENCES same ON UPDATE CASCADE, email text)");
            shop.classifyAll();
            shop.tag("buyer", "email", "email");
            shop.govern();
            write(shop, "UPDATE country SET name = 'w'");
            write(shop, "DELETE FROM country");
            write(shop, "DELETE FROM city");
            write(shop, "UPDATE same SET id = 1");
            assertThatThrownBy(() -> write(shop, "UPDATE city SET name = 'w'"))
                    .hasMessageContaining("permission denied");
            shop.tag("buyer", "email", "none");
            shop.tag("after_same", "email", "email");
            shop.govern();
            for (String table : List.of("city", "same")) {
                assertThatThrownBy(() -> write(shop, "UPDATE " + table + " SET id = 1"))
                        .hasMessageContaining("permission denied");
            }
            write(shop, "UPDATE country SET name = 'w'");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatAViewIsMaskedOrFilteredByIsNotForHimToChangeWhereItComesFrom(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE attr (id integer PRIMARY KEY, kind text REFERENCES kind, value text)",
                    "INSERT INTO attr VALUES (1, 'email', 'SECRETattr')",
                    "CREATE VIEW attrs AS SELECT a.id, k.name AS key, a.value FROM attr a JOIN kind k ON k.name = a.kind");
            shop.classifyAll();
            shop.tag("attrs", "value", "by key");
            shop.tag("attrs", "key", "key");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT value FROM attrs")).containsExactly("***");
            assertThat(shop.read(shop.writer, "SELECT value FROM attrs")).containsExactly("null");
            shop.drop("by_key");
            shop.policy(
                    "no_email",
                    Set.of("analysts"),
                    new HasTagValue("pii", "key"),
                    new RowFilter("system.mask.is_none_of", List.of(new Alias("c"), new Constant("email"))));
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT value FROM attrs")).isEmpty();
            assertThatThrownBy(() -> shop.read(shop.writer, "SELECT value FROM attrs"))
                    .hasMessageContaining("attrs");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whateverComparesAMaskedColumnKeepsTheOthersFromBeingTriedOut(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE pay (id integer, team integer, cap integer, factor integer, salary integer, note text, PRIMARY KEY (id, team)) PARTITION BY LIST (team)",
                    "CREATE TABLE pay_1 PARTITION OF pay FOR VALUES IN (1)",
                    "CREATE TABLE flat (id integer PRIMARY KEY, cap integer, salary integer)",
                    "CREATE FUNCTION fits(f flat) RETURNS boolean LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT f.cap >= f.salary; END",
                    "CREATE TABLE ranged (id integer, cap integer, salary integer) PARTITION BY RANGE (cap, salary)",
                    "CREATE TABLE ranged_1 PARTITION OF ranged FOR VALUES FROM (1, 0) TO (1, 1000)",
                    "INSERT INTO ranged VALUES (1, 1, 73)",
                    "INSERT INTO pay VALUES (1, 1, 90000, 1, 73)",
                    "INSERT INTO flat VALUES (1, 90000, 73)");
            shop.classifyAll();
            shop.tag("pay", "salary", "money");
            shop.tag("flat", "salary", "money");
            shop.tag("ranged", "salary", "money");
            shop.govern();
            write(shop, "UPDATE ranged SET id = 2");
            assertThatThrownBy(() -> write(shop, "UPDATE ranged SET cap = 1"))
                    .as("the key of partitions")
                    .hasMessageContaining("permission denied");
            for (String code : List.of(
                    "ALTER TABLE pay_1 ADD CONSTRAINT c CHECK (cap >= salary) ;; ALTER TABLE pay_1 DROP CONSTRAINT c",
                    "CREATE INDEX i ON pay ((salary * cap)) ;; DROP INDEX i; COMMENT ON TABLE pay IS 'compiled again'",
                    "CREATE INDEX i ON pay_1 (note) WHERE salary > cap ;; DROP INDEX i; COMMENT ON TABLE pay IS 'compiled again'",
                    "ALTER TABLE flat ADD CONSTRAINT c CHECK (fits(flat)) ;; ALTER TABLE flat DROP CONSTRAINT c",
                    "ALTER TABLE pay ADD COLUMN total integer GENERATED ALWAYS AS (salary / cap) STORED ;; ALTER TABLE pay DROP COLUMN total",
                    "ALTER TABLE flat ENABLE ROW LEVEL SECURITY; CREATE POLICY y ON flat USING (true) WITH CHECK (fits(flat)) ;; DROP POLICY y ON flat; ALTER TABLE flat DISABLE ROW LEVEL SECURITY")) {
                shop.migrate(code.split(" ;; ")[0]);
                assertThatThrownBy(() -> write(
                                shop,
                                "UPDATE " + (code.contains("flat") ? "flat" : "pay") + " SET cap = 80000 WHERE id = 1"))
                        .as(code)
                        .hasMessageContaining("column cap decides");
                assertThat(shop.probe()).isEmpty();
                shop.migrate(code.split(" ;; ")[1]);
                write(shop, "UPDATE pay SET cap = cap + 1 WHERE id = 1");
                write(shop, "UPDATE flat SET cap = cap + 1 WHERE id = 1");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatIsCheckedTogetherWithAMaskedColumnIsNotForHimToTryOut(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE pay (id integer PRIMARY KEY, cap integer, doubled integer GENERATED ALWAYS AS (2 * cap) STORED, salary integer, note text,"
                            + " CHECK (doubled >= 2 * salary))",
                    "INSERT INTO pay (id, cap, salary) VALUES (1, 90000, 73219)");
            shop.classifyAll();
            shop.tag("pay", "salary", "money");
            shop.govern();
            assertThatThrownBy(() -> write(shop, "UPDATE pay SET cap = 80000 WHERE id = 1"))
                    .hasMessageContaining("column cap decides what is masked for you, or is checked together with it");
            write(shop, "UPDATE pay SET note = 'w', cap = cap WHERE id = 1");
            shop.migrate("ALTER TABLE pay DROP CONSTRAINT pay_check");
            write(shop, "UPDATE pay SET cap = 80000 WHERE id = 1");
            shop.migrate(
                    "ALTER TABLE pay ENABLE ROW LEVEL SECURITY",
                    "CREATE POLICY within ON pay USING (true) WITH CHECK (cap >= salary)");
            assertThatThrownBy(() -> write(shop, "UPDATE pay SET cap = 70000 WHERE id = 1"))
                    .hasMessageContaining("column cap decides");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aFunctionWithItsOwnersRightsThatCouldRunItsCallersCodeIsNotForWhomAPolicyBinds(
            int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE FUNCTION describe(v anyelement) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp"
                            + " AS $$BEGIN RETURN pg_typeof(v) || ': ' || v::text; END$$",
                    "CREATE FUNCTION work(x integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp"
                            + " AS $$BEGIN CREATE TEMP TABLE IF NOT EXISTS work (x int); INSERT INTO work VALUES (x); END$$",
                    "CREATE FUNCTION plain(x integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp"
                            + " AS $$BEGIN RETURN x; /* temporary: not a temp table */ END$$");
            shop.classifyAll();
            shop.migrate(
                    "CREATE FUNCTION drain(c refcursor) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp"
                            + " AS $$BEGIN MOVE ALL IN c; END$$",
                    "CREATE FUNCTION inner_work(x integer) RETURNS integer LANGUAGE plpgsql AS $$BEGIN CREATE TEMP TABLE IF NOT EXISTS work (x int); RETURN x; END$$",
                    "CREATE FUNCTION outer_work(x integer) RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = app, pg_temp"
                            + " BEGIN ATOMIC SELECT app.inner_work(x); END");
            for (String function : List.of("describe", "work", "plain", "drain", "outer_work")) {
                shop.grants.add(new Grant(
                        new Securable(SecurableType.FUNCTION, SecurableName.of(Shop.CATALOG, "app", function)),
                        "analysts",
                        Privilege.EXECUTE));
            }
            List<String> warnings = shop.govern().warnings();
            assertThat(shop.read(shop.analyst, "SELECT app.plain(1)")).containsExactly("1");
            for (String call : List.of(
                    "SELECT app.describe('a'::text)",
                    "SELECT app.work(1)",
                    "SELECT app.drain('x')",
                    "SELECT app.outer_work(1)")) {
                assertThatThrownBy(() -> shop.read(shop.analyst, call)).hasMessageContaining("permission denied");
            }
            assertThat(warnings)
                    .anyMatch(
                            warning -> warning.contains("app.describe") && warning.contains("takes values of any type"))
                    .anyMatch(warning -> warning.contains("app.work") && warning.contains("names temporary tables"));
            shop.migrate(
                    "CREATE TABLE noted (id integer PRIMARY KEY, email text)",
                    "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql SET search_path = app, pg_temp"
                            + " AS $$BEGIN CREATE TEMP TABLE IF NOT EXISTS seen (x text); INSERT INTO seen VALUES (OLD.email); RETURN NEW; END$$",
                    "CREATE TRIGGER keep BEFORE UPDATE ON noted FOR EACH ROW EXECUTE FUNCTION keep()");
            shop.classifyAll();
            shop.tag("noted", "email", "email");
            shop.govern();
            assertThatThrownBy(() -> write(shop, "UPDATE noted SET id = id")).hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
        }
    }

    private static void write(Shop shop, String statement) throws SQLException {
        try (Connection session = shop.as(shop.writer)) {
            Shop.run(session, statement);
        }
    }
}
