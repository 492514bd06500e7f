package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Condition.HasTag;
import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.RowFilter;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Functions of a database's own that no policy can use: what they would mask reads NULL, and what they would filter is closed. */
@ExtendWith(Servers.class)
class PolicyFunctionsTest {

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void functionsThatCannotBeTrustedMaskEverythingOrCloseTheTable(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE FUNCTION app.raises(v text) RETURNS text LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT (v::integer)::text; END",
                    "CREATE FUNCTION app.wild(v text) RETURNS text LANGUAGE sql VOLATILE BEGIN ATOMIC SELECT v; END",
                    "CREATE FUNCTION app.not_boolean(v text) RETURNS text LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT v; END");
            shop.mask("mask_name", "name", "shop.app.unbound");
            shop.mask("mask_address", "address", "shop.app.nowhere");
            shop.mask("mask_phone", "phone", "shop.app.wild");
            shop.mask("mask_money", "money", "system.mask.email");
            shop.policy(
                    "no_apac",
                    Set.of("analysts"),
                    new HasTag("region"),
                    new RowFilter("shop.app.visible", List.of(new Alias("c"))));
            List<String> warnings = shop.govern().warnings();
            assertThat(shop.read(shop.analyst, "SELECT full_name, phone, salary FROM customers WHERE id = 1"))
                    .containsExactly("null|null|null");
            assertThat(shop.read(shop.analyst, "SELECT ship_to FROM orders WHERE id = 1"))
                    .containsExactly("null");
            assertThat(warnings)
                    .anyMatch(warning -> warning.contains("mask_name") && warning.contains("BEGIN ATOMIC"))
                    .anyMatch(warning -> warning.contains("mask_address") && warning.contains("no function"))
                    .anyMatch(warning -> warning.contains("mask_phone") && warning.contains("VOLATILE"))
                    .anyMatch(warning -> warning.contains("mask_money") && warning.contains("numeric"));
            shop.policy(
                    "no_apac",
                    Set.of("analysts"),
                    new HasTag("region"),
                    new RowFilter("shop.app.not_boolean", List.of(new Alias("c"))));
            assertThat(shop.govern().warnings()).anyMatch(warning -> warning.contains("no_apac"));
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT id FROM customers"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aFunctionStaysAsItIsThatMasksAViewWhoseTextCallsItToo(int version, Servers.Running servers)
            throws SQLException {
        String initial = "CREATE OR REPLACE FUNCTION initial(v text) RETURNS text LANGUAGE sql IMMUTABLE"
                + " BEGIN ATOMIC SELECT %s; END";
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    initial.formatted("left(v, 1) || '***'"),
                    "CREATE TABLE pub (id integer, name text)",
                    "INSERT INTO pub VALUES (1, 'Secret')",
                    "CREATE VIEW plain AS SELECT id, initial('x') AS i, name FROM pub",
                    "CREATE VIEW made_again AS SELECT c.email, initial('x') AS i, p.name FROM pub p JOIN customers c ON c.id = p.id");
            shop.classifyAll();
            shop.tag("plain", "name", "name");
            shop.tag("made_again", "name", "name");
            shop.mask("mask_name", "name", "shop.app.initial");
            shop.govern();
            for (String view : List.of("plain", "made_again")) {
                assertThat(shop.read(shop.analyst, "SELECT i, name FROM " + view))
                        .as(view)
                        .containsExactly("x***|S***");
            }
            assertThatThrownBy(() -> shop.migrate(initial.formatted("v"))).hasMessageContaining("policy");
            for (String view : List.of("plain", "made_again")) {
                assertThat(shop.read(shop.analyst, "SELECT name FROM " + view))
                        .as(view)
                        .containsExactly("S***");
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aMaskOrFilterFunctionThatRaisesIsNotUsed(int version, Servers.Running servers) throws SQLException {
        String own = "CREATE OR REPLACE FUNCTION app.own(v text) RETURNS text LANGUAGE plpgsql IMMUTABLE"
                + " SET search_path = pg_catalog, pg_temp AS '%s'";
        String raising =
                own.formatted("BEGIN IF v ~ ''SECRET'' THEN RAISE EXCEPTION ''bad %'', v; END IF; RETURN v; END");
        String quiet = own.formatted("BEGIN RETURN left(v, 2); -- does not raise\n END");
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    raising,
                    "CREATE FUNCTION app.calls(v text) RETURNS text LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT app.own(v); END",
                    "CREATE FUNCTION app.seen(v text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp"
                            + " AS 'BEGIN RAISE NOTICE ''saw %'', v; RETURN true; END'");
            shop.mask("mask_name", "name", "shop.app.own");
            shop.mask("mask_phone", "phone", "shop.app.calls");
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("mask_name") && warning.contains("RAISE or ASSERT"))
                    .anyMatch(warning -> warning.contains("mask_phone") && warning.contains("RAISE or ASSERT"));
            String query = "SELECT full_name, phone FROM customers WHERE id = 1";
            assertThat(shop.read(shop.analyst, query)).containsExactly("null|null");
            shop.migrate(quiet);
            shop.govern();
            assertThat(shop.read(shop.analyst, query)).containsExactly("SE|+4");
            assertThat(shop.probe()).isEmpty();

            shop.run(raising);
            assertThatThrownBy(() -> shop.read(shop.analyst, query))
                    .hasMessageContaining("permission denied")
                    .hasMessageNotContaining("SECRET");
            shop.govern();
            assertThat(shop.read(shop.analyst, query)).containsExactly("null|null");

            shop.policy(
                    "no_apac",
                    Set.of("analysts"),
                    new HasTag("region"),
                    new RowFilter("shop.app.seen", List.of(new Alias("c"))));
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("no_apac") && warning.contains("RAISE or ASSERT"));
            assertThatThrownBy(() -> shop.read(shop.analyst, query)).hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
        }
    }
}
