package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.ColumnName;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An application's view, made again of masked views, names and calls what the application's own does. */
@ExtendWith(Servers.class)
class ReboundViewsTest {

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aViewCallsNobodysFunctionsButThoseItWasMadeWith(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE DOMAIN mail AS text CHECK (VALUE ~ '@')",
                    "CREATE FUNCTION fmt(v mail) RETURNS text LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT '<' || v || '>'; END",
                    "CREATE TABLE people (id integer PRIMARY KEY, email mail)",
                    "INSERT INTO people VALUES (1, 'ann@example.com')",
                    "CREATE SCHEMA another",
                    "CREATE TABLE another.place (id integer)",
                    "INSERT INTO another.place VALUES (1)",
                    "CREATE VIEW shown AS SELECT id, fmt(email) AS text FROM people",
                    "CREATE VIEW placed AS SELECT p.id, fmt(p.email) AS text FROM people p JOIN another.place USING (id)",
                    "CREATE FUNCTION another.fmt(v text) RETURNS text LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT 'another'::text; END");
            shop.classifyAll();
            shop.tag("people", "email", "email");
            assertThat(shop.govern().warnings())
                    .anyMatch(warning ->
                            warning.contains("app.placed") && warning.contains("would call another.fmt(text)"));
            assertThat(shop.read(shop.analyst, "SELECT text FROM shown")).containsExactly("<a***@example.com>");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT text FROM placed"))
                    .hasMessageContaining("permission denied");

            shop.migrate("ALTER FUNCTION another.fmt(text) RENAME TO other_fmt", "COMMENT ON VIEW placed IS 'again'");
            assertThat(shop.read(shop.analyst, "SELECT text FROM placed")).containsExactly("<a***@example.com>");
            // Masks of its own call more.
            shop.tag("placed", "text", "name");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT text FROM placed")).doesNotContain("<a***@example.com>");

            shop.migrate(
                    "CREATE FUNCTION fmt(v text) RETURNS text LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT 'text'::text; END",
                    "COMMENT ON VIEW placed IS 'again'",
                    "COMMENT ON VIEW shown IS 'again'");
            for (String view : List.of("shown", "placed")) {
                assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT text FROM " + view), view)
                        .hasMessageContaining("permission denied");
            }
            assertThat(shop.read(shop.exempt, "SELECT text FROM shown")).containsExactly("<ann@example.com>");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aTableOfTheSameNameElsewhereTakesNoViewAway(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE SCHEMA aaa",
                    "CREATE TABLE aaa.place (id bigint)",
                    "INSERT INTO aaa.place VALUES (1)",
                    "CREATE VIEW mailed AS SELECT id, email FROM customers",
                    "CREATE VIEW placed AS SELECT c.id, c.email FROM customers c JOIN aaa.place USING (id)",
                    "CREATE TABLE aaa.customers (id integer)",
                    "CREATE VIEW paired AS SELECT c.id, c.email FROM customers c LEFT JOIN aaa.customers USING (id)");
            shop.classifyAll();
            shop.govern();
            shop.migrate("ALTER TABLE customers ADD COLUMN note2 integer");
            for (String view : List.of("mailed", "placed", "paired")) {
                assertThat(shop.read(shop.analyst, "SELECT email FROM " + view + " WHERE id = 1"))
                        .as(view)
                        .containsExactly("S***@corp.example");
            }
            assertThat(shop.probe()).isEmpty();

            shop.migrate(
                    "CREATE TABLE aaa.contacts (email text)",
                    "CREATE VIEW torn AS SELECT a.email, b.email AS other FROM contacts a, aaa.contacts b");
            shop.classifyAll();
            shop.columnTags.put(new ColumnName(Shop.CATALOG, "aaa", "contacts", "email"), Map.of("pii", "email"));
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("app.torn")
                            && warning.contains("app.contacts")
                            && warning.contains("aaa.contacts"));
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT * FROM torn"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void operatorsOfAnotherSchemaStayWhatTheyAre(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.run("CREATE SCHEMA extensions", "CREATE EXTENSION citext SCHEMA extensions");
            shop.run("GRANT USAGE ON SCHEMA extensions TO PUBLIC");
            shop.migrate(
                    "CREATE TABLE nicks (id bigint, nick extensions.citext)",
                    "INSERT INTO nicks VALUES (1, 'ann')",
                    "SET search_path = app, extensions",
                    "CREATE VIEW nicked AS SELECT c.email, nullif(n.nick, 'ANN'::citext) IS NULL AS is_ann"
                            + " FROM customers c JOIN nicks n USING (id)",
                    "CREATE TABLE users (id bigint PRIMARY KEY, nick citext, email text)",
                    "INSERT INTO users VALUES (1, 'ann', 'ann@example.com')",
                    "CREATE VIEW grouped AS SELECT u.id, u.nick, u.email, count(*) AS n"
                            + " FROM users u JOIN nicks k ON k.id = u.id GROUP BY u.id");
            shop.classifyAll();
            shop.tag("users", "email", "email");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT id, n FROM grouped"))
                    .as("by operators that a type is sorted by")
                    .containsExactly("1|1");
            assertThat(shop.read(shop.exempt, "SELECT is_ann FROM nicked")).containsExactly("t");
            assertThat(shop.read(shop.analyst, "SELECT email, is_ann FROM nicked"))
                    .containsExactly("S***@corp.example|t");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatGroupsByAKeyIsGroupedByItsOtherColumnsToo(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE codes (code text PRIMARY KEY, note text)",
                    "CREATE VIEW per_customer AS SELECT c.id, c.email, count(*) AS \"GROUP BY \""
                            + " FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.ship_to <> ' GROUP BY '"
                            + " GROUP BY c.id HAVING max(o.amount) > 0 ORDER BY c.full_name",
                    "CREATE VIEW twice AS SELECT a.id, a.email, b.phone FROM"
                            + " (SELECT id, email FROM customers GROUP BY id) a JOIN (SELECT id, phone FROM customers GROUP BY id) b USING (id)",
                    "CREATE VIEW distinctly AS SELECT c.id, c.email, count(*) FROM customers c JOIN orders o ON o.customer_id = c.id"
                            + " GROUP BY DISTINCT c.id, o.ship_to",
                    "CREATE VIEW per_code AS SELECT code, note FROM codes GROUP BY code",
                    "CREATE VIEW sampled AS SELECT id, email FROM customers TABLESAMPLE system (100)");
            shop.classifyAll();
            shop.tag("codes", "code", "name");
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("app.twice") && warning.contains("GROUP BY as well"))
                    .anyMatch(warning -> warning.contains("app.distinctly") && warning.contains("GROUP BY as well"))
                    .anyMatch(warning -> warning.contains("app.per_code") && warning.contains("GROUP BY as well"))
                    .anyMatch(warning -> warning.contains("app.sampled") && warning.contains("TABLESAMPLE"));
            String counts = "SELECT id, \"GROUP BY \" FROM per_customer WHERE id IN (1, 3, 4) ORDER BY id";
            assertThat(shop.read(shop.analyst, counts))
                    .isEqualTo(shop.read(shop.exempt, counts))
                    .hasSize(3);
            assertThat(shop.read(shop.analyst, "SELECT email FROM per_customer WHERE id = 1"))
                    .containsExactly("S***@corp.example");
            for (String view : List.of("twice", "distinctly", "per_code", "sampled")) {
                assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT * FROM " + view), view)
                        .hasMessageContaining("permission denied");
            }
            assertThat(shop.probe()).isEmpty();
        }
    }
}
