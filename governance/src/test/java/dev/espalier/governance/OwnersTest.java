package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.admission.Proof;
import dev.espalier.control.admission.Sight;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What an owner says on a branch gives nobody more than the catalog does, and what nobody may say stops nobody. */
@ExtendWith(Servers.class)
class OwnersTest {

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void grantsThatComeWithAnotherStatementAreUndoneOrRefused(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            String analyst = shop.analyst;
            for (String statement : List.of(
                    "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO " + analyst,
                    "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO " + analyst)) {
                assertThatThrownBy(() -> shop.migrate(statement))
                        .as(statement)
                        .hasMessageContaining("the catalog governs it");
            }
            shop.migrate(
                    "CREATE SCHEMA zz GRANT SELECT ON app.customers TO " + analyst,
                    "CREATE FUNCTION app.leak() RETURNS text LANGUAGE sql SET search_path = app, pg_temp "
                            + "AS 'SELECT string_agg(email, '','') FROM app.customers'",
                    "GRANT EXECUTE ON FUNCTION app.leak() TO " + analyst,
                    "ALTER FUNCTION app.leak() SECURITY DEFINER",
                    "CREATE SCHEMA other",
                    "CREATE TABLE other.copied AS SELECT * FROM app.customers",
                    "ALTER SCHEMA other RENAME TO espalier_mirror");
            assertThat(shop.probe()).isEmpty();
            assertThatThrownBy(() -> shop.migrate("GRANT SELECT ON espalier_mirror.copied TO " + analyst))
                    .hasMessageContaining("the catalog governs it");
            for (String read : List.of(
                    "SELECT email FROM app.customers",
                    "SELECT app.leak()",
                    "SELECT email FROM espalier_mirror.copied")) {
                assertThatThrownBy(() -> shop.read(analyst, read)).hasMessageContaining("permission denied");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void anOwnerGivesAProfileNeitherNumbersNorAWayIntoASchema(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate("CREATE SEQUENCE numbers");
            shop.govern();
            for (String statement : List.of(
                    "GRANT USAGE ON SEQUENCE orders_id_seq TO " + profileRole(shop, shop.analyst),
                    "GRANT USAGE ON SEQUENCE numbers TO " + profileRole(shop, shop.analyst),
                    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA app TO " + profileRole(shop, shop.analyst),
                    "GRANT USAGE ON SCHEMA app TO " + profileRole(shop, shop.stranger))) {
                assertThatThrownBy(() -> shop.migrate(statement))
                        .as(statement)
                        .hasMessageContaining("the catalog governs it");
            }
            shop.run("CREATE ROLE tool_" + shop.database);
            shop.migrate(
                    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA app TO tool_" + shop.database,
                    "GRANT USAGE ON SCHEMA app TO tool_" + shop.database,
                    "CREATE TABLE notes (id serial PRIMARY KEY)",
                    "ALTER SEQUENCE numbers OWNED BY notes.id",
                    "ALTER SEQUENCE notes_id_seq OWNED BY NONE");
            assertThat(shop.probe()).isEmpty();
            assertThat(shop.read(shop.exempt, "SELECT nextval('numbers') > 0 AND nextval('notes_id_seq') > 0"))
                    .containsExactly("t");
        }
    }

    private static String profileRole(Shop shop, String principal) throws SQLException {
        return Shop.read(
                        shop.admin,
                        "SELECT 'espalier_profile_' || profile FROM espalier_governance.subject WHERE principal = '"
                                + principal + "'")
                .getFirst();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void schemasThatAnOwnerHasGivenEspaliersNamesAreRenamedAndNothingInThemRuns(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            String raise = "$$ BEGIN EXECUTE 'ALTER ROLE " + shop.stranger + " SUPERUSER'; RETURN NULL; END $$";
            shop.migrate(
                    "CREATE FUNCTION app.raise_up() RETURNS trigger LANGUAGE plpgsql AS " + raise,
                    "CREATE FUNCTION app.raised() RETURNS oid LANGUAGE plpgsql AS " + raise,
                    "CREATE SCHEMA espalier_mask",
                    "CREATE SCHEMA espalier_secret",
                    "CREATE TABLE espalier_secret.key (one boolean PRIMARY KEY DEFAULT true, inner_pad bytea, outer_pad bytea)",
                    "CREATE TRIGGER up BEFORE INSERT ON espalier_secret.key FOR EACH ROW EXECUTE FUNCTION app.raise_up()",
                    "CREATE SCHEMA espalier_governance",
                    "CREATE TABLE espalier_governance.subject (principal name, profile text)",
                    "CREATE VIEW espalier_governance.known_relation AS SELECT app.raised() AS relid, 'a' AS schema, 'b' AS name");
            assertThat(shop.governor.sight(shop.admin, shop.stranger)).isEqualTo(Sight.FREE);
            Proof proof = shop.govern();
            for (String name : List.of("espalier_governance", "espalier_mask", "espalier_secret")) {
                assertThat(proof.events())
                        .as(name)
                        .anyMatch(warning -> warning.startsWith("The schema " + name + " is called " + name + "_"));
            }
            assertThat(Shop.read(shop.admin, "SELECT rolsuper FROM pg_roles WHERE rolname = '" + shop.stranger + "'"))
                    .containsExactly("f");
            assertThat(shop.read(shop.analyst, "SELECT email FROM customers WHERE id = 1"))
                    .containsExactly("S***@corp.example");
            assertThat(shop.probe()).isEmpty();
            assertThat(shop.govern().events()).noneMatch(warning -> warning.startsWith("The schema "));
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aKeyThatIsAnOwnersIsNotUsed(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.run(
                    "CREATE SCHEMA espalier_secret",
                    "CREATE TABLE espalier_secret.key (one boolean PRIMARY KEY DEFAULT true, inner_pad bytea, outer_pad bytea)",
                    "ALTER TABLE espalier_secret.key OWNER TO app_owner");
            assertThatThrownBy(shop::govern).hasMessageContaining("espalier_secret.key is not a superuser's");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatStoodBesideTheRulesKeepsNobodyFromTakingItAway(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            shop.run(
                    "BEGIN",
                    "SELECT espalier_governance.begin_work()",
                    "GRANT SELECT ON app.customers TO PUBLIC",
                    "GRANT SELECT ON app.orders TO PUBLIC",
                    "SELECT espalier_governance.end_work()",
                    "COMMIT");
            shop.run("CREATE ROLE other_" + shop.database);
            shop.migrate(
                    "GRANT SELECT ON app.products TO other_" + shop.database,
                    "REVOKE SELECT ON app.customers FROM PUBLIC",
                    "REVOKE SELECT ON app.orders FROM PUBLIC");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aTableCannotLeaveTheRulesByWayOfAnExtension(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            shop.run("CREATE EXTENSION citext");
            assertThatThrownBy(() -> shop.run("ALTER EXTENSION citext ADD TABLE app.customers"))
                    .hasMessageContaining("cannot become a part of an extension");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aRuleThatLeadsToWhatIsHiddenTakesWritingAway(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate("CREATE TABLE app.inbox (id int)", "INSERT INTO app.inbox VALUES (1)");
            shop.classifyAll();
            shop.govern();
            assertThat(shop.read(shop.writer, "UPDATE inbox SET id = 2 RETURNING id"))
                    .containsExactly("2");
            shop.migrate("CREATE RULE shows AS ON UPDATE TO app.inbox DO INSTEAD SELECT email FROM app.customers");
            assertThatThrownBy(() -> shop.read(shop.writer, "UPDATE inbox SET id = 3"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
            assertThat(shop.govern().warnings()).anyMatch(warning -> warning.contains("its rule shows"));
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aFunctionThatPoliciesCallDoesNotChangeUnderThem(int version, Servers.Running servers) throws SQLException {
        String mine =
                "CREATE OR REPLACE FUNCTION app.mine(v text) RETURNS text LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT %s; END";
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(mine.formatted("left(v, 2)"));
            shop.mask("mask_name", "name", "shop.app.mine");
            shop.govern();
            for (String statement : List.of(
                    mine.formatted("v"),
                    "ALTER FUNCTION app.mine(text) VOLATILE",
                    "CREATE OR REPLACE FUNCTION app.visible(region text) RETURNS boolean LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT true; END")) {
                assertThatThrownBy(() -> shop.migrate(statement))
                        .as(statement)
                        .hasMessageContaining("a policy of the catalog calls this function");
            }
            shop.migrate(mine.formatted("left(v, 2)"));
            assertThat(shop.read(shop.analyst, "SELECT full_name FROM customers WHERE id = 1"))
                    .containsExactly("SE");
            String hash = Shop.read(shop.admin, "SELECT espalier_governance.frame_hash()")
                    .getFirst();
            shop.run(mine.formatted("upper(left(v, 2))"));
            assertThat(Shop.read(shop.admin, "SELECT espalier_governance.frame_hash()"))
                    .as("what was proved says which function it was")
                    .doesNotContain(hash);
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoMayNotChangeATableKeepsNobodyFromReadingIt(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            for (String statement : List.of(
                    "DROP SCHEMA IF EXISTS nothing",
                    "DROP TABLE IF EXISTS nothing_customers",
                    "CREATE TEMP VIEW customers_2024 AS SELECT 1 AS one")) {
                try (Connection other = shop.as(shop.exempt);
                        Connection reader = shop.as(shop.analyst)) {
                    Shop.run(other, "BEGIN", statement);
                    Shop.run(reader, "SET lock_timeout = '2s'");
                    assertThat(Shop.read(reader, "SELECT count(*) > 0 FROM customers"))
                            .as(statement)
                            .containsExactly("t");
                    Shop.run(other, "ROLLBACK");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aMigrationWhoseTextNamesNoTableGoesThrough(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "ALTER TABLE app.customers ADD COLUMN old1 text, ADD COLUMN old2 text, ADD COLUMN old3 text",
                    "CREATE TABLE app.\"Ünï\" (id int, mail text)",
                    "INSERT INTO app.\"Ünï\" VALUES (1, 'x@example.com')",
                    "CREATE FUNCTION app.migrate() RETURNS void LANGUAGE plpgsql AS "
                            + "'BEGIN ALTER TABLE app.customers DROP COLUMN old1; END'");
            shop.classifyAll();
            shop.tag("Ünï", "mail", "email");
            shop.govern();
            shop.migrate(
                    "SELECT app.migrate()",
                    "DO $$BEGIN EXECUTE format('ALTER TABLE %I.%I DROP COLUMN old2', 'app', 'cust' || 'omers'); END$$",
                    "ALTER TABLE app.\"Ünï\" ALTER COLUMN mail TYPE varchar(80)");
            assertThat(shop.probe()).isEmpty();
            assertThat(shop.read(shop.analyst, "SELECT mail FROM \"Ünï\"")).containsExactly("***");
            assertThat(shop.read(shop.analyst, "SELECT full_name FROM customers WHERE id = 1"))
                    .containsExactly("***");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void sequencesLargeObjectsAndAggregatesAreNotForABranchToGive(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            String analyst = shop.analyst;
            shop.migrate(
                    "CREATE TABLE numbered (id serial PRIMARY KEY, v int)",
                    "CREATE SEQUENCE loose_numbers",
                    "GRANT ALL ON SEQUENCE loose_numbers, numbered_id_seq TO PUBLIC",
                    "SELECT lo_create(4711)");
            shop.classifyAll();
            shop.govern();
            assertThat(shop.probe()).isEmpty();
            for (String sequence : List.of("loose_numbers", "numbered_id_seq")) {
                assertThatThrownBy(() -> shop.read(analyst, "SELECT setval('app." + sequence + "', 1)"))
                        .hasMessageContaining("permission denied");
            }
            assertThat(shop.read(shop.writer, "INSERT INTO app.numbered (v) VALUES (1) RETURNING id"))
                    .containsExactly("1");
            String profile = Shop.read(
                            shop.admin,
                            "SELECT 'espalier_profile_' || profile FROM espalier_governance.subject WHERE principal = '"
                                    + analyst + "'")
                    .getFirst();
            for (String statement : List.of(
                    "GRANT USAGE ON SEQUENCE loose_numbers TO " + analyst,
                    "GRANT UPDATE ON SEQUENCE loose_numbers TO " + profile,
                    "ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO PUBLIC",
                    "GRANT SELECT ON LARGE OBJECT 4711 TO " + profile)) {
                assertThatThrownBy(() -> shop.migrate(statement))
                        .as(statement)
                        .hasMessageContaining("the catalog governs it");
            }
            shop.migrate(
                    "CREATE FUNCTION next_mail(s text, i int) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = app, pg_temp"
                            + " AS 'SELECT concat(s, '' '', email) FROM app.customers WHERE id = i'",
                    "CREATE AGGREGATE mails(int) (SFUNC = next_mail, STYPE = text)");
            assertThatThrownBy(() -> shop.read(analyst, "SELECT app.mails(i) FROM generate_series(1, 3) i"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
        }
    }
}
