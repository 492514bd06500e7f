package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.espalier.control.metastore.Subject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a principal's role has, and what one of them does closes the database to nobody else. */
@ExtendWith(Servers.class)
class PrincipalsTest {

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aPathThatIsEmptyIsNone(int version, Servers.Running servers) throws SQLException {
        for (String empty : List.of(
                "ALTER ROLE CURRENT_USER SET search_path = ''",
                "SELECT set_config('search_path', '', false);"
                        + " ALTER ROLE CURRENT_USER SET search_path FROM CURRENT")) {
            try (Shop shop = new Shop(servers, version)) {
                shop.govern();
                try (Connection session = shop.as(shop.analyst)) {
                    Shop.run(session, empty.split("; "));
                }
                // A profile of its own again.
                become(shop, shop.analyst, "analysts", "writers");
                shop.govern();
                assertThat(path(shop, shop.analyst)).isEmpty();
                assertThat(shop.probe()).isEmpty();
                assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT email FROM customers"))
                        .hasMessageContaining("does not exist");
                shop.run("ALTER ROLE " + shop.analyst + " SET search_path = '', \"a,b\", app");
                shop.govern();
                assertThat(path(shop, shop.analyst)).singleElement().asString().contains("\"a,b\", app__p");
                assertThat(shop.read(shop.analyst, "SELECT email FROM customers WHERE id = 1"))
                        .containsExactly("S***@corp.example");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void nobodyTakesHisRolesOutOfPolicies(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE deals (id integer, region text)",
                    "INSERT INTO deals VALUES (1, 'EU'), (2, 'APAC')",
                    "CREATE TABLE offers (id integer)",
                    "INSERT INTO offers VALUES (1), (2)",
                    "CREATE POLICY everybody ON offers USING (true)",
                    "CREATE POLICY small ON offers AS RESTRICTIVE TO " + shop.analyst + " USING (id < 2)",
                    "ALTER TABLE offers ENABLE ROW LEVEL SECURITY");
            shop.classifyAll();
            shop.tag("deals", "region", "region");
            shop.govern();
            String profile = "espalier_profile_"
                    + Shop.read(
                                    shop.admin,
                                    "SELECT profile FROM espalier_governance.subject WHERE principal = '" + shop.analyst
                                            + "'")
                            .getFirst();
            for (String statement : List.of(
                    "DROP OWNED BY " + profile,
                    "DROP OWNED BY CURRENT_USER",
                    "DO $$BEGIN EXECUTE 'DROP OWNED BY " + profile + ", CURRENT_USER'; END$$")) {
                try (Connection session = shop.as(shop.analyst)) {
                    assertThatThrownBy(() -> Shop.run(session, statement))
                            .as(statement)
                            .hasMessageContaining("DROP OWNED is not for ");
                }
            }
            // Of whom the rules say nothing.
            String member = "member_" + shop.database;
            shop.run("CREATE ROLE " + member + " LOGIN IN ROLE " + profile);
            try (Connection session = shop.as(member)) {
                Shop.run(session, "DROP OWNED BY " + profile);
            }
            for (String table : List.of("deals", "offers")) {
                assertThat(shop.read(shop.analyst, "SELECT id FROM " + table)).containsExactly("1");
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aDatabaseWithAnEmptyPathIsGoverned(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.run("ALTER DATABASE " + shop.database + " SET search_path = ''");
            shop.govern();
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void routinesOfAllKindsAreTakenFromWhomAPolicyBinds(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.run(
                    "CREATE AGGREGATE app.n(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0')",
                    "CREATE AGGREGATE app.ordered(ORDER BY anyelement)"
                            + " (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = mode_final, FINALFUNC_EXTRA)",
                    "CREATE PROCEDURE app.nothing() LANGUAGE sql BEGIN ATOMIC SELECT 1; END",
                    "ALTER AGGREGATE app.n(*) OWNER TO " + shop.stranger,
                    "ALTER AGGREGATE app.ordered(ORDER BY anyelement) OWNER TO " + shop.stranger,
                    "ALTER PROCEDURE app.nothing() OWNER TO " + shop.stranger);
            become(shop, shop.stranger, "analysts");
            shop.govern();
            assertThat(shop.probe()).isEmpty();
            assertThat(
                            Shop.read(
                                    shop.admin,
                                    "SELECT DISTINCT pg_get_userbyid(proowner) FROM pg_proc WHERE proname IN ('n', 'ordered', 'nothing')"))
                    .containsExactly("espalier_keeper");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoCannotBeSettledIsShutOutAlone(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            // Only a superuser may own one, so that it cannot be given away.
            shop.run(
                    "ALTER ROLE " + shop.stranger + " SUPERUSER NOINHERIT",
                    "CREATE FOREIGN DATA WRAPPER theirs",
                    "ALTER FOREIGN DATA WRAPPER theirs OWNER TO " + shop.stranger);
            become(shop, shop.stranger, "analysts");
            try (Connection session = shop.as(shop.stranger)) {
                assertThat(admit(shop))
                        .anyMatch(warning -> warning.startsWith("Shut out: " + shop.stranger + ", because "));
                assertThatThrownBy(() -> Shop.read(session, "SELECT 1")).isInstanceOf(SQLException.class);
            }
            assertThat(shop.probe()).isEmpty();
            assertThatThrownBy(() -> shop.read(shop.stranger, "SELECT 1"))
                    .hasMessageContaining("not permitted to log in");
            assertThat(shop.read(shop.analyst, "SELECT email FROM customers WHERE id = 1"))
                    .containsExactly("S***@corp.example");
            // As a sign-in makes the role.
            shop.run("ALTER ROLE " + shop.stranger + " LOGIN");
            var _ = shop.governor.prepareRole(shop.admin, shop.stranger);
            assertThatThrownBy(() -> shop.read(shop.stranger, "SELECT 1"))
                    .hasMessageContaining("not permitted to log in");
            assertThat(shop.probe()).isEmpty();
            shop.run("COMMENT ON SCHEMA espalier_governance IS 'an older version'");
            admit(shop);
            assertThatThrownBy(() -> shop.read(shop.stranger, "SELECT 1"))
                    .hasMessageContaining("not permitted to log in");
            assertThat(shop.probe()).isEmpty();
            shop.run("DROP FOREIGN DATA WRAPPER theirs");
            shop.govern();
            assertThat(shop.read(shop.stranger, "SELECT email FROM customers WHERE id = 1"))
                    .containsExactly("S***@corp.example");
            assertThat(admit(shop)).noneMatch(warning -> warning.startsWith("Shut out: "));
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void namesThatSomebodyGivesHisOwnThingsCloseNothing(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version);
                Connection before = shop.as(shop.analyst);
                Connection after = shop.as(shop.analyst)) {
            String function =
                    "CREATE FUNCTION pg_temp.get_raw_page() RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'";
            Shop.run(
                    before,
                    function,
                    "CREATE TEMPORARY TABLE t (a text)",
                    "CREATE FUNCTION pg_temp.yes() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN true; END'",
                    "CREATE POLICY espalier_filter_x ON t USING (pg_temp.yes())");
            shop.migrate("CREATE FUNCTION app.dblink() RETURNS integer LANGUAGE sql AS 'SELECT 1'");
            shop.govern();
            assertThat(shop.probe()).isEmpty();
            Shop.run(after, function, "CREATE TEMPORARY TABLE t (a text)");
            for (String statement : List.of(
                    "CREATE POLICY espalier_filter_x ON t USING (true)",
                    "CREATE POLICY mine ON t USING (true); ALTER POLICY mine ON t RENAME TO espalier_open_x")) {
                assertThatThrownBy(() -> Shop.run(after, statement)).hasMessageContaining("are the catalog's");
            }
            assertThat(admit(shop)).noneMatch(warning -> warning.startsWith("Found and put right: "));
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatReachesOtherServersIsTakenFromWhomTheRulesGovern(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.run("CREATE ROLE other_" + shop.database);
            shop.govern();
            String all = "SELECT bool_or(has_function_privilege('%s', oid, 'EXECUTE')) FROM pg_proc"
                    + " WHERE proname ~ '^(dblink|dblink_exec|get_raw_page)$'";
            shop.run("CREATE EXTENSION dblink", "CREATE EXTENSION pageinspect");
            assertThat(Shop.read(shop.admin, all.formatted(shop.analyst))).containsExactly("f");
            assertThat(Shop.read(shop.admin, all.formatted("other_" + shop.database)))
                    .containsExactly("t");
            shop.run(
                    "BEGIN",
                    "SELECT espalier_governance.begin_work()",
                    "GRANT EXECUTE ON FUNCTION dblink(text) TO PUBLIC",
                    "GRANT EXECUTE ON FUNCTION pg_read_file(text) TO " + shop.analyst,
                    "SELECT espalier_governance.end_work()",
                    "COMMIT");
            assertThat(admit(shop)).anyMatch(warning -> warning.startsWith("Found and put right: dangerous function"));
            assertThat(Shop.read(shop.admin, all.formatted(shop.analyst))).containsExactly("f");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoTakesTheGovernorsLockLosesHisSession(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            try (Connection session = shop.as(shop.analyst)) {
                Shop.run(session, "SELECT pg_advisory_lock(" + 0x6573_7061_6c69_6572L + ")");
                shop.govern();
                assertThatThrownBy(() -> Shop.read(session, "SELECT 1")).isInstanceOf(SQLException.class);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aPreparedTransactionThatHoldsTheGovernorsLockIsRolledBack(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version);
                Connection session = shop.as(shop.analyst)) {
            shop.govern();
            String prepared = "it''s " + shop.database;
            Shop.run(
                    session,
                    "BEGIN",
                    "SELECT pg_advisory_xact_lock(" + 0x6573_7061_6c69_6572L + ")",
                    "PREPARE TRANSACTION '" + prepared + "'");
            assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
                var _ = shop.governor.prepareRole(shop.admin, shop.writer);
            });
            assertThat(Shop.read(shop.admin, "SELECT 1 FROM pg_prepared_xacts WHERE gid = '" + prepared + "'"))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoKeepsHisOwnSettingsLockedIsInNobodysWay(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version);
                Connection session = shop.as(shop.analyst)) {
            shop.govern();
            Shop.run(
                    session,
                    "ALTER ROLE CURRENT_USER SET search_path = app",
                    "BEGIN",
                    "ALTER ROLE CURRENT_USER IN DATABASE " + shop.database + " SET work_mem = '5MB'",
                    "PREPARE TRANSACTION 'settings of " + shop.analyst + "'");
            try {
                become(shop, shop.analyst, "analysts", "writers");
                shop.mask("mask_phone", "phone", "system.mask.null");
                assertThat(admit(shop)).noneMatch(warning -> warning.startsWith("Shut out"));
                assertThat(shop.probe()).isEmpty();
                // As he signs in: the two are one profile now, under the name of either.
                var _ = shop.governor.prepareRole(shop.admin, shop.writer);
                assertThat(shop.read(shop.writer, "SELECT phone FROM customers WHERE id = 1"))
                        .containsExactly("null");
                var _ = shop.governor.prepareRole(shop.admin, shop.analyst);
            } finally {
                shop.run("ROLLBACK PREPARED 'settings of " + shop.analyst + "'");
            }
            var _ = shop.governor.prepareRole(shop.admin, shop.analyst);
            assertThat(shop.read(shop.analyst, "SELECT phone FROM customers WHERE id = 1"))
                    .containsExactly("null");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void tablesOfTheSchemaThatIsCalledLikeAPrincipalAreReadMaskedByTheirNames(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.run("ALTER DATABASE " + shop.database + " SET search_path = \"$user\", app");
            shop.run(
                    "GRANT app_owner TO " + shop.manager, "CREATE SCHEMA " + shop.analyst + " AUTHORIZATION app_owner");
            shop.migrate(
                    "CREATE TABLE " + shop.analyst + ".letters (id int, body text)",
                    "INSERT INTO " + shop.analyst + ".letters VALUES (1, 'SECRET')");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT id, body FROM letters")).containsExactly("1|null");
            assertThat(shop.read(shop.analyst, "SELECT full_name FROM customers WHERE id = 1"))
                    .containsExactly("***");
            assertThat(shop.probe()).isEmpty();
        }
    }

    private static void become(Shop shop, String role, String... groups) {
        shop.subjects.removeIf(subject -> subject.name().equals(role));
        shop.subjects.add(new Subject(role, Set.of(groups), false));
    }

    private static List<String> admit(Shop shop) throws SQLException {
        return shop.governor.admit(shop.admin, shop.rules(), Optional.empty()).remarks();
    }

    /** Of this database alone. */
    private static List<String> path(Shop shop, String role) throws SQLException {
        return Shop.read(
                shop.admin,
                "SELECT c FROM pg_db_role_setting CROSS JOIN unnest(setconfig) c WHERE setdatabase <> 0 AND c LIKE 'search_path=%'"
                        + " AND setrole = '" + role + "'::regrole");
    }
}
