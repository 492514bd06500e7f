package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Subject;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nobody keeps the rules from being put in force for good, whatever he holds. */
@ExtendWith(Servers.class)
class StandingInTheWayTest {

    /** Takes all locks that there are but a few. */
    private static final String FILLS = """
            DO $$
            DECLARE
                n integer := 1;
                step integer := 500;
            BEGIN
                PERFORM pg_advisory_lock(-g) FROM generate_series(1, 8) g;
                WHILE step > 0 LOOP
                    BEGIN
                        PERFORM pg_advisory_xact_lock(g) FROM generate_series(n, n + step - 1) g;
                        n := n + step;
                    EXCEPTION WHEN out_of_memory THEN
                        step := step / 2;
                    END;
                END LOOP;
                PERFORM pg_advisory_unlock_all();
            END $$""";

    static int[] versions() {
        return Servers.versions();
    }

    private static void begin(Connection session, String... statements) throws SQLException {
        Shop.run(session, "BEGIN");
        Shop.run(session, statements);
    }

    private static void prepare(Shop shop, String database, String role, String gid, String... statements)
            throws SQLException {
        try (Connection session = shop.server.connect(database, role)) {
            begin(session, statements);
            Shop.run(session, "PREPARE TRANSACTION '" + gid + "_" + shop.database + "'");
        }
    }

    private static String rolledBack(Shop shop, String gid, String owner) {
        return "Rolled back: the prepared transaction " + gid + "_" + shop.database + " of " + owner
                + ", which kept the rules from being changed.";
    }

    private static String ended(String role) {
        return "Ended: a session of " + role + ", which kept the rules from being changed.";
    }

    private static void become(Shop shop, String role, String group) {
        shop.subjects.removeIf(subject -> subject.name().equals(role));
        shop.subjects.add(new Subject(role, Set.of(group), false));
    }

    private static List<String> admit(Shop shop) throws SQLException {
        return shop.governor.admit(shop.admin, shop.rules(), Optional.empty()).remarks();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoComesUnderAPolicyKeepsItFromNobodyByChangesOfWhatIsHis(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version);
                Connection session = shop.as(shop.stranger)) {
            shop.grantAll("others", Privilege.USE_CATALOG, Privilege.USE_SCHEMA);
            become(shop, shop.stranger, "others");
            shop.govern();
            for (String function : List.of("one", "other")) {
                shop.run(
                        "CREATE FUNCTION app." + function + "() RETURNS integer LANGUAGE sql RETURN 1",
                        "ALTER FUNCTION app." + function + " OWNER TO " + shop.stranger);
            }
            shop.run("ALTER ROLE " + shop.stranger + " CREATEDB");
            prepare(shop, "postgres", shop.stranger, "role", "ALTER ROLE CURRENT_USER PASSWORD 'x'");
            prepare(shop, shop.database, shop.stranger, "code", "ALTER FUNCTION app.one() IMMUTABLE");
            begin(session, "ALTER FUNCTION app.other() IMMUTABLE");
            become(shop, shop.stranger, "analysts");
            assertThat(shop.govern().remarks())
                    .contains(
                            rolledBack(shop, "role", shop.stranger),
                            rolledBack(shop, "code", shop.stranger),
                            ended(shop.stranger))
                    .noneMatch(warning -> warning.startsWith("Shut out"));
            assertThat(shop.probe()).isEmpty();
            assertThat(shop.read(shop.stranger, "SELECT DISTINCT salary FROM customers"))
                    .containsExactly("null");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoChangesWhatOthersMayWithATableKeepsNoChangeOfItsMasksWaitingForLong(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version);
                Connection session = shop.as(shop.manager);
                Connection elsewhere = shop.as(shop.manager)) {
            shop.govern();
            prepare(
                    shop,
                    shop.database,
                    shop.manager,
                    "grants",
                    "SET LOCAL ROLE app_owner",
                    "REVOKE TRUNCATE ON app.customers FROM app_owner");
            begin(session, "SET LOCAL ROLE app_owner", "GRANT TRUNCATE ON app.orders TO " + shop.manager);
            begin(elsewhere, "SET LOCAL ROLE app_owner", "REVOKE TRUNCATE ON app.products FROM app_owner");
            shop.mask("mask_email", "email", "system.mask.null");
            shop.mask("mask_address", "address", "system.mask.null");
            assertThat(shop.govern().events()).contains(rolledBack(shop, "grants", "app_owner"), ended(shop.manager));
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT email FROM customers"))
                    .containsExactly("null");
            Shop.run(elsewhere, "COMMIT");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoSignsInIsNotKeptWaitingByWhatHeHasPrepared(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            shop.run(
                    "CREATE FUNCTION app.one() RETURNS integer LANGUAGE sql RETURN 1",
                    "ALTER FUNCTION app.one() OWNER TO " + shop.analyst);
            prepare(shop, shop.database, shop.analyst, "code", "ALTER FUNCTION app.one() IMMUTABLE");
            assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
                var _ = shop.governor.prepareRole(shop.admin, shop.analyst);
            });
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoFillsTheServersTableOfLocksIsEnded(int version) throws SQLException, IOException {
        try (Servers.Running own = new Servers.Running("max_locks_per_transaction=64", "max_prepared_transactions=16");
                Shop shop = new Shop(own, version)) {
            shop.govern();
            String had = ", which had filled the server's table of locks.";
            prepare(shop, "postgres", shop.stranger, "little", "SELECT pg_advisory_xact_lock(1, 1), txid_current()");
            prepare(shop, shop.database, shop.stranger, "full", "SELECT txid_current()", FILLS);
            assertThat(admit(shop))
                    .contains("Rolled back: the prepared transaction full_" + shop.database + " of " + shop.stranger
                            + had);
            prepare(shop, "postgres", shop.stranger, "full", "SELECT txid_current()", FILLS);
            shop.mask("mask_email", "email", "system.mask.null");
            assertThat(admit(shop))
                    .contains("Rolled back: the prepared transaction full_" + shop.database + " of " + shop.stranger
                            + had)
                    .noneMatch(warning -> warning.contains("shared memory"));
            try (Connection session = shop.as(shop.analyst)) {
                begin(session, FILLS);
                var _ = shop.governor.prepareRole(shop.admin, shop.writer);
                assertThat(session.isValid(1)).isFalse();
            }
            assertThat(Shop.read(shop.admin, "SELECT gid FROM pg_prepared_xacts"))
                    .containsExactly("little_" + shop.database);
            assertThat(shop.probe()).isEmpty();
        }
    }
}
