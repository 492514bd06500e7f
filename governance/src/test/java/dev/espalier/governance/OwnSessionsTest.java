package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.postgres.UnixSockets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a database's owner has set for it keeps no rule out of it. */
@ExtendWith(Servers.class)
class OwnSessionsTest {

    /** Where the highest or last value would do nothing. */
    private static final Map<String, String> HOSTILE = Map.ofEntries(
            Map.entry("restrict_nonsystem_relation_kind", "'view, foreign-table'"),
            Map.entry("plpgsql.extra_errors", "'all'"),
            Map.entry("plpgsql.extra_warnings", "'all'"),
            Map.entry("default_tablespace", "'pg_global'"),
            Map.entry("temp_tablespaces", "'pg_global'"),
            Map.entry("search_path", "'nowhere'"),
            Map.entry("backslash_quote", "'off'"),
            Map.entry("bytea_output", "'escape'"),
            Map.entry("client_min_messages", "'error'"),
            Map.entry("default_transaction_isolation", "'serializable'"),
            Map.entry("datestyle", "'SQL, DMY'"),
            Map.entry("intervalstyle", "'sql_standard'"),
            Map.entry("xmloption", "'document'"),
            Map.entry("timezone", "'Asia/Kathmandu'"),
            Map.entry("default_text_search_config", "'german'"),
            Map.entry("extra_float_digits", "-15"));

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aPolicyComesIntoForceWhateverEveryoneMayHaveSetForTheDatabase(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            List<String> set = setAll(shop);
            assertThat(set)
                    .contains("quote_all_identifiers", "backslash_quote", "exit_on_error", "default_tablespace")
                    .contains("plpgsql.extra_errors", "transform_null_equals", "row_security")
                    .hasSizeGreaterThan(80);
            String release = Shop.read(shop.admin, "SHOW server_version").getFirst();
            try (Connection own = shop.server.connectWith(shop.database, "postgres", UnixSockets.ownOptions(release))) {
                assertThat(Shop.read(own, "SHOW work_mem")).as("they hold").containsExactly("64kB");
                UnixSockets.takeBackSettings(own);
                assertThat(Shop.read(own, "SHOW work_mem")).containsExactly("4MB");
                shop.governIn(own);
                assertThat(Probe.run(own)).isEmpty();
                shop.drop("mask_phone");
                shop.governIn(own);
                assertThat(Probe.run(own)).isEmpty();
            }
            shop.run("ALTER DATABASE " + shop.database + " RESET ALL");
            assertThat(shop.read(
                            shop.analyst,
                            "SELECT email, full_name, notes -> 'profile', phone ~ 'SECRET' FROM app__" + profile(shop)
                                    + ".customers WHERE id = 1"))
                    .containsExactly("S***@corp.example|***|{\"email\": \"***\"}|t");
        }
    }

    private static String profile(Shop shop) throws SQLException {
        return Shop.read(
                        shop.admin,
                        "SELECT profile FROM espalier_governance.subject WHERE principal = '" + shop.analyst + "'")
                .getFirst();
    }

    /** Gives every setting that a user may set another value than it has, each as bad as it can be; returns their names. */
    private static List<String> setAll(Shop shop) throws SQLException {
        shop.run("DO $$ BEGIN END $$");
        List<String> set = new ArrayList<>();
        for (String line : Shop.read(shop.admin, """
                SELECT name, vartype, CASE vartype
                    WHEN 'bool' THEN CASE boot_val WHEN 'on' THEN 'off' ELSE 'on' END
                    WHEN 'enum' THEN (SELECT quote_literal(e) FROM unnest(enumvals) e WHERE e <> boot_val ORDER BY e DESC LIMIT 1)
                    WHEN 'string' THEN quote_literal(boot_val)
                    ELSE CASE WHEN min_val::numeric > 0 OR boot_val::numeric > 0 THEN min_val ELSE '1' END
                END
                FROM pg_settings
                WHERE context = 'user'
                  -- These would fill the server's log.
                  AND category !~ '^Reporting and Logging' AND name NOT IN ('client_encoding', 'application_name') AND name !~ '^transaction_(deferrable|isolation|read_only)$'
                ORDER BY name
                """)) {
            String[] setting = line.split("\\|", 3);
            String value = Optional.ofNullable(HOSTILE.get(setting[0])).orElse(setting[2]);
            if (value.equals("null")) {
                // There is no other.
                continue;
            }
            try {
                shop.run("ALTER DATABASE " + shop.database + " SET " + setting[0] + " = " + value);
                set.add(setting[0]);
            } catch (SQLException e) {
                assertThat(e.getSQLState()).as(line + ": " + e.getMessage()).isIn("22023", "0A000", "42704");
            }
        }
        return set;
    }
}
