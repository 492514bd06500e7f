package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.Subject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What CREATE TABLE and EXECUTE give, and CREATE SCHEMA does not. */
@ExtendWith(Servers.class)
class CreatingTest {

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void nobodyMakesSchemasByAGrantAndAWarningSaysSo(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.grantAll(shop.stranger, Privilege.USE_CATALOG, Privilege.USE_SCHEMA, Privilege.CREATE_SCHEMA);
            assertThat(shop.govern().warnings())
                    .anyMatch(warning ->
                            warning.contains("CREATE_SCHEMA on the catalog shop does nothing for " + shop.stranger));
            assertThatThrownBy(() -> shop.read(shop.stranger, "CREATE SCHEMA drafts"))
                    .hasMessageContaining("permission denied for database");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoMayCreateInTheDatabasePublishesNothingAndTakesNobodysName(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.grantAll(shop.stranger, Privilege.USE_CATALOG, Privilege.USE_SCHEMA);
            shop.subjects.add(new Subject("late_" + shop.database, Set.of(), false));
            shop.govern();
            shop.run(
                    "ALTER DATABASE " + shop.database + " OWNER TO " + shop.stranger,
                    "GRANT CREATE ON DATABASE " + shop.database + " TO " + shop.analyst);
            assertThatThrownBy(() -> shop.read(shop.analyst, "CREATE SCHEMA mine"))
                    .hasMessageContaining("schemas are not for " + shop.analyst);
            try (Connection session = shop.as(shop.stranger)) {
                Shop.run(session, "CREATE SCHEMA drafts", "CREATE TABLE drafts.plan (id int)");
                assertThatThrownBy(() -> Shop.run(session, "CREATE PUBLICATION mine FOR TABLE drafts.plan"))
                        .hasMessageContaining("publications are not for " + shop.stranger);
                assertThatThrownBy(() -> Shop.run(session, "CREATE SCHEMA " + shop.analyst))
                        .hasMessageContaining("may not be called " + shop.analyst);
                assertThatThrownBy(() -> Shop.run(session, "CREATE SCHEMA late_" + shop.database))
                        .as("who has no role yet")
                        .hasMessageContaining("may not be called late_");
                assertThatThrownBy(() -> Shop.run(session, "ALTER SCHEMA drafts RENAME TO " + shop.exempt))
                        .hasMessageContaining("may not be called " + shop.exempt);
                assertThatThrownBy(() -> Shop.run(session, "CREATE SCHEMA public__p0123456789"))
                        .hasMessageContaining("may not be called public__p0123456789");
                String profile = Shop.read(
                                shop.admin,
                                "SELECT 'espalier_profile_' || profile FROM espalier_governance.subject WHERE principal = '"
                                        + shop.stranger + "'")
                        .getFirst();
                assertThatThrownBy(() -> Shop.run(session, "ALTER SCHEMA drafts OWNER TO " + profile))
                        .isInstanceOf(SQLException.class);
            }
            shop.govern();
            assertThatThrownBy(() -> shop.read(shop.analyst, "CREATE SCHEMA mine"))
                    .hasMessageContaining("permission denied for database");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoIsBoundByAPolicyMakesNothingAndAWarningSaysSo(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.grantAll("analysts", Privilege.CREATE_TABLE);
            shop.grantAll("pii", Privilege.CREATE_TABLE);
            assertThat(shop.govern().warnings())
                    .filteredOn(warning -> warning.contains("does nothing for"))
                    .singleElement()
                    .asString()
                    .contains("CREATE_TABLE on the catalog shop does nothing for analysts");
            assertThatThrownBy(() -> shop.read(shop.analyst, "CREATE SCHEMA other"))
                    .hasMessageContaining("permission denied for database");
            assertThatThrownBy(() -> shop.read(shop.analyst, "CREATE TABLE app.mine (id int)"))
                    .hasMessageContaining("permission denied for schema app");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoMayCreateTablesMakesThemInThatSchemaAlone(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.grantAll(shop.stranger, Privilege.USE_CATALOG, Privilege.USE_SCHEMA);
            shop.grants.add(new Grant(
                    new Securable(SecurableType.SCHEMA, SecurableName.of(Shop.CATALOG, "app")),
                    shop.stranger,
                    Privilege.CREATE_TABLE));
            shop.govern();
            try (Connection session = shop.as(shop.stranger)) {
                Shop.run(session, "CREATE TABLE app.mine (id int)", "INSERT INTO app.mine VALUES (7)");
                assertThat(Shop.read(session, "SELECT id FROM app.mine")).containsExactly("7");
                assertThatThrownBy(() -> Shop.run(session, "CREATE TABLE public.mine (id int)"))
                        .hasMessageContaining("permission denied for schema public");
                assertThatThrownBy(() -> Shop.run(session, "CREATE SCHEMA other"))
                        .hasMessageContaining("permission denied for database");
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void executeOpensFunctionsThatRunWithTheirOwnersRightsAndTheRestAreEverybodys(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE FUNCTION app.number_of_products() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER"
                            + " SET search_path = app, pg_temp AS 'SELECT count(*) FROM app.products'",
                    "CREATE FUNCTION app.twice(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * n'");
            shop.grantAll(shop.stranger, Privilege.USE_CATALOG, Privilege.USE_SCHEMA);
            shop.govern();
            assertThat(shop.read(shop.stranger, "SELECT app.twice(4)")).containsExactly("8");
            assertThatThrownBy(() -> shop.read(shop.stranger, "SELECT app.number_of_products()"))
                    .hasMessageContaining("permission denied for function");
            shop.grants.add(new Grant(
                    new Securable(SecurableType.SCHEMA, SecurableName.of(Shop.CATALOG, "app")),
                    shop.stranger,
                    Privilege.EXECUTE));
            shop.govern();
            assertThat(shop.read(shop.stranger, "SELECT app.number_of_products() > 0"))
                    .containsExactly("t");
        }
    }
}
