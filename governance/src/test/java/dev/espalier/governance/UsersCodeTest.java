package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Condition.HasTagValue;
import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.Constant;
import dev.espalier.control.metastore.Policy.RowFilter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What users have written is never run where the superuser brings a database under the rules, neither as him nor in a session of his. */
@ExtendWith(Servers.class)
class UsersCodeTest {

    static int[] versions() {
        return Servers.versions();
    }

    /** A domain whose check makes a superuser where it can, and is broken where it runs in a superuser's session. */
    private static void makeTrap(Shop shop) throws SQLException {
        shop.migrate(
                "CREATE FUNCTION app.raised() RETURNS boolean LANGUAGE plpgsql SET search_path = app, pg_temp AS $$ BEGIN"
                        + " IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN EXECUTE 'ALTER ROLE "
                        + shop.stranger + " SUPERUSER'; END IF;"
                        + " RETURN (SELECT rolsuper FROM pg_roles WHERE rolname = session_user); END $$",
                // What a policy's function may be, to come as far as it can.
                "CREATE FUNCTION app.chk(v int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE SET search_path = app, pg_temp AS"
                        + " $$ BEGIN RETURN NOT raised(); END $$",
                "CREATE DOMAIN app.d AS int CHECK (app.chk(VALUE))",
                "CREATE DOMAIN app.l AS app.d[] DEFAULT '{4}'",
                "CREATE TYPE app.c AS (a app.d, b text)",
                "CREATE TYPE app.r AS RANGE (SUBTYPE = app.d, MULTIRANGE_TYPE_NAME = app.m)",
                "CREATE TYPE app.e AS ENUM ('(1)', 'plain')");
    }

    private static void assertNobodyWasRaised(Shop shop) throws SQLException {
        assertThat(Shop.read(shop.admin, "SELECT rolsuper FROM pg_roles WHERE rolname = '" + shop.stranger + "'"))
                .containsExactly("f");
    }

    @ParameterizedTest
    @MethodSource("versions")
    void constantsInAViewsTextBecomeValuesWhereItIsRead(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            makeTrap(shop);
            String view =
                    "CREATE VIEW app.v AS SELECT id, email, '{1}'::app.d[] AS x, '{1}'::app.l AS l, '(1,\"q''\\\\ E''\")'::app.c AS c,"
                            + " '[1,2)'::app.r AS r, '{[1,2)}'::app.m AS m, concat('{', email) AS t, '{1,2}'::int[] AS i, '(1)'::app.e AS \"E'e\""
                            + " FROM app.customers WHERE 'plain'::app.e <> '(1)'";
            shop.migrate(view);
            assertNobodyWasRaised(shop);
            shop.classifyAll();
            shop.govern();
            assertNobodyWasRaised(shop);
            String read = "SELECT * FROM v WHERE id = 1";
            assertThat(shop.read(shop.analyst, read))
                    .containsExactly(
                            "1|S***@corp.example|{1}|{1}|(1,\"q'\\\\ E'\")|[1,2)|{[1,2)}|{S***@corp.example|{1,2}|(1)");
            shop.migrate("DROP VIEW app.v");
            shop.drop("mask_email");
            shop.govern();
            shop.migrate(view);
            // By the superuser's own session.
            shop.mask("mask_email", "email", "system.mask.redact");
            shop.govern();
            assertNobodyWasRaised(shop);
            assertThat(shop.read(shop.analyst, "SELECT email, x, c FROM v WHERE id = 1"))
                    .containsExactly("***|{1}|(1,\"q'\\\\ E'\")");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void noSettingOfAMigrationChangesWhatConstantsAre(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE VIEW v AS SELECT id, email, '1.2345678901234567'::float8 AS f, '{NULL,a}'::text[] AS n,"
                            + " '-1 day +02:00'::interval AS i, '2001-02-03'::date AS d FROM customers",
                    "CREATE TABLE kept (id int PRIMARY KEY, email text, f float8 DEFAULT '1.2345678901234567',"
                            + " n text[] DEFAULT '{NULL,a}', i interval DEFAULT '-1 day +02:00', d date DEFAULT '2001-02-03')");
            shop.classifyAll();
            shop.tag("kept", "email", "email");
            shop.govern();
            shop.migrate(
                    "SET extra_float_digits = -15",
                    "SET array_nulls = off",
                    "SET intervalstyle = sql_standard",
                    "ALTER VIEW v SET (security_barrier)",
                    "ALTER TABLE kept ALTER id SET DEFAULT 1");
            String constants = "SELECT f = 1.2345678901234567::float8, n[1] IS NULL, i = interval '-22 hours', d ";
            assertThat(shop.read(shop.analyst, constants + "FROM v WHERE id = 1"))
                    .containsExactly("t|t|t|2001-02-03");
            try (Connection session = shop.as(shop.writer)) {
                Shop.run(session, "INSERT INTO kept (email) VALUES ('new@corp.example')");
            }
            assertThat(Shop.read(shop.admin, constants + "FROM app.kept")).containsExactly("t|t|t|2001-02-03");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void defaultsBecomeValuesWhereRowsAreWritten(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            makeTrap(shop);
            shop.migrate(
                    "CREATE TABLE app.kept (id int PRIMARY KEY, email text, x app.d[] DEFAULT '{1}', c app.c DEFAULT '(2,b)',"
                            + " r app.r DEFAULT '[3,4)', l app.l, i int[] DEFAULT '{5,6}')");
            shop.classifyAll();
            shop.tag("kept", "email", "email");
            shop.tag("kept", "l", "name");
            shop.policy(
                    "mask_name",
                    Set.of("analysts"),
                    new HasTagValue("pii", "name"),
                    new ColumnMask("system.mask.null", "c", List.of()));
            shop.govern();
            assertNobodyWasRaised(shop);
            shop.migrate("ALTER TABLE app.kept ADD y app.d[] DEFAULT '{7}', ADD z app.l DEFAULT '{8}'");
            assertNobodyWasRaised(shop);
            try (Connection session = shop.as(shop.writer)) {
                Shop.run(session, "INSERT INTO kept (id, email) VALUES (1, 'new@corp.example')");
            }
            assertThat(Shop.read(shop.admin, "SELECT x, c, r, l, i, y, z FROM app.kept"))
                    .containsExactly("{1}|(2,b)|[3,4)|{4}|{5,6}|{7}|{8}");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aPolicysConstantsAreOfTypesThatRunNothing(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            makeTrap(shop);
            for (String type : List.of("d[]", "c", "r", "m", "l", "d", "e")) {
                shop.migrate("CREATE FUNCTION app.\"takes_" + type + "\"(v text, x app." + type
                        + ") RETURNS boolean LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT v IS NOT NULL; END");
            }
            for (String table : List.of("contacts", "titles")) {
                String column = table.equals("contacts") ? "email" : "title";
                shop.columnTags.clear();
                shop.tag(table, column, "email");
                for (List<String> given : List.of(
                        List.of("d[]", "{1}"),
                        List.of("c", "(1,b)"),
                        List.of("r", "[1,2)"),
                        List.of("m", "{[1,2)}"),
                        List.of("l", "{1}"),
                        List.of("d", "1"))) {
                    filter(shop, given.getFirst(), given.getLast());
                    assertThat(shop.govern().warnings())
                            .as(given.getFirst())
                            .anyMatch(warning -> warning.contains("would be given a constant of the type app."));
                    assertNobodyWasRaised(shop);
                    assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT count(*) FROM " + table))
                            .hasMessageContaining("permission denied");
                }
                for (String label : List.of("(1)", "plain")) {
                    filter(shop, "e", label);
                    shop.govern();
                    assertThat(shop.read(shop.analyst, "SELECT count(*) > 0 FROM " + table))
                            .containsExactly("t");
                }
            }
        }
    }

    private static void filter(Shop shop, String type, String constant) {
        shop.policy(
                "no_apac",
                Set.of("analysts"),
                new HasTagValue("pii", "email"),
                new RowFilter("shop.app.takes_" + type, List.of(new Alias("c"), new Constant(constant))));
    }
}
