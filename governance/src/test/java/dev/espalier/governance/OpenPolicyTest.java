package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The policies by which a table is filtered for some and open to others stay as they were compiled. */
@ExtendWith(Servers.class)
class OpenPolicyTest {

    private static final String ROWS = "SELECT count(*) FROM customers";

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void anOwnerNeitherDropsNorChangesThem(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            String filter = Shop.read(
                            shop.admin,
                            "SELECT min(polname) FROM pg_policy WHERE polname ~ '^espalier_filter' AND polrelid = 'app.customers'::regclass")
                    .getFirst();
            shop.migrate("CREATE TABLE mine (id int)", "CREATE POLICY mine ON mine USING (true)");
            for (String statement : List.of(
                    "DROP POLICY espalier_open ON customers",
                    "DROP POLICY " + filter + " ON customers",
                    "ALTER POLICY espalier_open ON customers USING (false)",
                    "ALTER POLICY espalier_open ON customers TO app_owner",
                    "ALTER POLICY mine ON mine RENAME TO espalier_open")) {
                for (String quoting : List.of("off", "on")) {
                    assertThatThrownBy(() -> shop.migrate("SET quote_all_identifiers = " + quoting, statement))
                            .as(statement + ", quote_all_identifiers " + quoting)
                            .hasMessageContaining("the catalog's");
                }
            }
            shop.migrate(
                    "SET quote_all_identifiers = on",
                    "ALTER TABLE customers ADD COLUMN quoted int",
                    "CREATE TABLE made (id int, note text)");
            assertThat(shop.probe()).isEmpty();
            assertThat(shop.read(shop.exempt, ROWS)).isEqualTo(Shop.read(shop.admin, ROWS));
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void oneThatIsNotOpenAnyMoreIsFoundAndMadeAgain(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            shop.run("ALTER POLICY espalier_open ON app.customers USING (false)");
            assertThat(shop.probe()).as("at once").isEmpty();
            assertThat(shop.read(shop.exempt, ROWS)).isEqualTo(Shop.read(shop.admin, ROWS));
            shop.run("BEGIN", "SELECT espalier_governance.begin_work()");
            shop.run("ALTER POLICY espalier_open ON app.customers USING (false)");
            shop.run("SELECT espalier_governance.end_work()", "COMMIT");
            assertThat(shop.probe()).anyMatch(finding -> finding.toString().contains("customers"));
            shop.govern();
            assertThat(shop.probe()).isEmpty();
            assertThat(shop.read(shop.exempt, ROWS)).isEqualTo(Shop.read(shop.admin, ROWS));
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT region FROM customers ORDER BY 1"))
                    .containsExactly("EU", "US");
        }
    }
}
