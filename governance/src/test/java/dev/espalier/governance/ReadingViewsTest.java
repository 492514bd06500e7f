package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.espalier.control.metastore.Condition.HasTagValue;
import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.Subject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who reads a view sees nothing of what is below it that PostgreSQL would not show him, and runs nobody's code on it. */
@ExtendWith(Servers.class)
class ReadingViewsTest {

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aViewIsClosedToWhomItIsMaskedForWhereItsCodeCouldShowThemWhatIsBelow(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE raw (id integer PRIMARY KEY, email text)",
                    "INSERT INTO raw VALUES (1, 'ANN@example.com')",
                    "CREATE TABLE seen (x text)",
                    "CREATE FUNCTION norm(x text) RETURNS text LANGUAGE plpgsql AS"
                            + " 'BEGIN INSERT INTO seen VALUES (x); RETURN lower(x); END'",
                    "CREATE FUNCTION is_mail(x text) RETURNS boolean LANGUAGE plpgsql AS"
                            + " 'DECLARE it text := x; BEGIN RETURN it IS NOT NULL; END'",
                    "CREATE FUNCTION more(x text, y text) RETURNS text LANGUAGE plpgsql AS"
                            + " 'DECLARE it text := y; BEGIN RETURN it; END'",
                    "CREATE FUNCTION kind(x text) RETURNS text LANGUAGE plpgsql SET search_path = app, pg_temp AS"
                            + " $$BEGIN RETURN CASE WHEN x ~ '^\\w' THEN 'word' ELSE 'none' END; END$$",
                    "CREATE AGGREGATE last_of(text) (SFUNC = more, STYPE = text)",
                    "CREATE OPERATOR ==> (LEFTARG = text, RIGHTARG = text, PROCEDURE = more)",
                    "CREATE DOMAIN mail AS text CHECK (is_mail(VALUE))",
                    "CREATE VIEW by_call AS SELECT id, norm(email) AS email FROM raw",
                    "CREATE VIEW by_condition AS SELECT id, email FROM raw WHERE is_mail(email)",
                    "CREATE VIEW by_operator AS SELECT id, email ==> email AS email FROM raw",
                    "CREATE VIEW by_aggregate AS SELECT id, last_of(email) AS email FROM raw GROUP BY id",
                    "CREATE VIEW by_domain AS SELECT id, email::mail::text AS email FROM raw",
                    "CREATE VIEW by_backslash AS SELECT id, kind(email) AS email FROM raw",
                    "CREATE VIEW below AS SELECT id, email FROM by_call",
                    "CREATE VIEW above AS SELECT id, email FROM below");
            List<String> views = new ArrayList<>(List.of(
                    "by_call", "by_condition", "by_operator", "by_aggregate", "by_domain", "by_backslash", "above"));
            if (version >= 17) {
                shop.migrate(
                        "CREATE VIEW by_json AS SELECT id, json_value(to_jsonb(email), '$' RETURNING mail)::text AS email"
                                + " FROM raw");
                views.add("by_json");
            }
            shop.migrate(
                    "CREATE MATERIALIZED VIEW held AS SELECT id, more(email, email) AS email FROM raw",
                    "CREATE VIEW of_held AS SELECT id, email FROM held",
                    "CREATE VIEW over AS SELECT id FROM by_call");
            shop.classifyAll();
            views.forEach(view -> shop.tag(view, "email", "email"));
            shop.tag("of_held", "email", "email");
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("app.by_call")
                            && warning.contains("ALTER FUNCTION app.norm(text) SET search_path = app, pg_temp"))
                    .anyMatch(warning -> warning.contains("app.by_aggregate")
                            && warning.contains("ALTER FUNCTION app.more(text,text) SET search_path = app, pg_temp"))
                    .anyMatch(warning -> warning.contains("app.by_backslash")
                            && warning.contains("ALTER FUNCTION app.kind(text) SET standard_conforming_strings = on"));
            List<String> closed = new ArrayList<>(views);
            closed.add("over");
            for (String view : closed) {
                assertThatThrownBy(() -> readDeceiving(shop, view), view).hasMessageContaining("permission denied");
            }
            assertThat(readDeceiving(shop, "of_held")).containsExactly("1");
            assertThat(shop.read(shop.exempt, "SELECT email FROM by_domain")).containsExactly("ANN@example.com");
            assertThat(shop.probe()).isEmpty();

            shop.migrate(
                    "ALTER FUNCTION norm(text) SET search_path = app, pg_temp",
                    "ALTER FUNCTION is_mail(text) SET search_path = app, pg_temp",
                    "ALTER FUNCTION more(text, text) SET search_path = app, pg_temp",
                    "ALTER FUNCTION kind(text) SET standard_conforming_strings = on");
            views.removeAll(List.of("by_call", "above"));
            for (String view : views) {
                assertThat(readDeceiving(shop, view)).as(view).containsExactly("1");
            }
            assertThatThrownBy(() -> readDeceiving(shop, "by_call"))
                    .as("what it writes to is not for him")
                    .hasMessageContaining("permission denied for table seen");
            assertThat(shop.probe()).isEmpty();

            shop.migrate("ALTER FUNCTION is_mail(text) RESET search_path");
            for (String view : List.of("by_condition", "by_domain")) {
                assertThatThrownBy(() -> readDeceiving(shop, view), view).hasMessageContaining("permission denied");
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    /** PostgreSQL refuses it from 16 on. */
    @ParameterizedTest
    @MethodSource("versions")
    void aTableThatARuleTurnsIntoAViewIsReadMaskedAtOnce(int version, Servers.Running servers) throws SQLException {
        assumeThat(version).isLessThan(16);
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate("CREATE TABLE turned AS SELECT id, email FROM customers WITH NO DATA");
            shop.classifyAll();
            shop.govern();
            List<String> masked = shop.read(shop.analyst, "SELECT email FROM customers ORDER BY id");
            shop.migrate("CREATE RULE \"_RETURN\" AS ON SELECT TO turned DO INSTEAD SELECT id, email FROM customers");
            assertThat(shop.read(shop.analyst, "SELECT email FROM turned ORDER BY id"))
                    .isEqualTo(masked)
                    .isNotEqualTo(shop.read(shop.exempt, "SELECT email FROM customers ORDER BY id"));
            assertThat(shop.probe()).isEmpty();
        }
    }

    /** With a table and a type of the reader's own by the names that the code uses: nothing comes there, and his check is not called. */
    private static List<String> readDeceiving(Shop shop, String view) throws SQLException {
        try (Connection session = shop.as(shop.analyst)) {
            Shop.run(
                    session,
                    "CREATE TEMP TABLE seen (x text)",
                    "CREATE FUNCTION pg_temp.tell(v varchar) RETURNS boolean LANGUAGE plpgsql AS"
                            + " 'BEGIN RAISE EXCEPTION ''saw %'', v; END'",
                    "CREATE DOMAIN pg_temp.text AS varchar CHECK (pg_temp.tell(VALUE))");
            List<String> rows = Shop.read(session, "SELECT id FROM " + view);
            assertThat(Shop.read(session, "SELECT * FROM pg_temp.seen")).isEmpty();
            return rows;
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void rowSecurityBelowAViewIsCodeOfItsReadersUnlessTheViewsOwnerIsUnderNone(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE raw (id integer PRIMARY KEY, email text)",
                    "INSERT INTO raw VALUES (1, 'ANN@example.com')",
                    "CREATE FUNCTION may(v text) RETURNS boolean LANGUAGE plpgsql AS"
                            + " 'DECLARE it text := v; BEGIN RETURN true; END'",
                    "CREATE POLICY mine ON raw USING (may(email))",
                    "ALTER TABLE raw ENABLE ROW LEVEL SECURITY",
                    "CREATE VIEW of_owner AS SELECT id, email FROM raw");
            shop.classifyAll();
            shop.tag("of_owner", "email", "email");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT email FROM of_owner")).containsExactly("A***@example.com");
            shop.migrate("ALTER TABLE raw FORCE ROW LEVEL SECURITY");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT email FROM of_owner"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aViewMadeAgainShowsNobodyWhatItsOwnerMayNotRead(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = withMaker(servers, version)) {
            shop.govern();
            try (Connection session = shop.as(shop.exempt)) {
                Shop.run(
                        session,
                        "CREATE VIEW sandbox.v AS SELECT s.id, s.amount, (SELECT count(*) FROM app.customers) AS n"
                                + " FROM app.orders s",
                        "CREATE VIEW sandbox.w AS SELECT id, email FROM app.customers",
                        "CREATE VIEW sandbox.over_w AS SELECT id FROM sandbox.w");
                for (String view : List.of("v", "w", "over_w")) {
                    assertThatThrownBy(() -> Shop.read(session, "SELECT * FROM sandbox." + view), view)
                            .hasMessageContaining("permission denied");
                }
            }
            assertThat(shop.probe()).isEmpty();
            assertThat(shop.govern().warnings())
                    .anyMatch(warning ->
                            warning.contains(shop.exempt + ", who owns sandbox.v, may not read app.customers"));
            assertClosed(shop, "v", "w", "over_w");

            shop.grants.add(new Grant(table("customers"), "makers", Privilege.SELECT));
            shop.govern();
            assertClosed(shop, "v");
            assertThat(shop.read(shop.stranger, "SELECT id FROM over_w WHERE id = 1"))
                    .containsExactly("1");
            assertThat(shop.probe()).isEmpty();
            shop.grants.add(new Grant(table("orders"), "makers", Privilege.SELECT));
            shop.govern();
            assertThat(shop.read(shop.stranger, "SELECT amount FROM v WHERE id = 1"))
                    .containsExactly("1");
            assertThat(shop.probe()).isEmpty();

            shop.grants.removeIf(
                    grant -> grant.principal().equals("makers") && grant.on().type() == SecurableType.TABLE);
            shop.govern();
            assertClosed(shop, "v", "w", "over_w");
            assertThat(shop.probe()).isEmpty();
        }
    }

    private static void assertClosed(Shop shop, String... views) {
        for (String view : views) {
            assertThatThrownBy(() -> shop.read(shop.stranger, "SELECT * FROM " + view), view)
                    .hasMessageContaining("permission denied");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatAnOwnerGivesOrTakesChangesWhatViewsShowInTheSameStatement(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = withMaker(servers, version)) {
            String reporter = "reporter_" + shop.database;
            shop.run("CREATE ROLE " + reporter);
            shop.migrate(
                    "CREATE VIEW sandbox.report AS SELECT o.id, o.amount, c.email FROM app.orders o"
                            + " JOIN app.customers c ON c.id = o.customer_id",
                    "GRANT SELECT ON orders, customers TO " + reporter);
            shop.run("ALTER VIEW sandbox.report OWNER TO " + reporter);
            shop.govern();
            String read = "SELECT amount FROM report WHERE id = 1";
            assertThat(shop.read(shop.stranger, read)).containsExactly("1");
            for (String taken : List.of(
                    "REVOKE SELECT ON orders FROM " + reporter
                            + " ;; GRANT SELECT (id, amount, customer_id) ON orders TO " + reporter,
                    "REVOKE SELECT (amount) ON orders FROM " + reporter + " ;; GRANT SELECT ON orders TO "
                            + reporter)) {
                shop.migrate(taken.split(" ;; ")[0]);
                assertThatThrownBy(() -> shop.read(shop.stranger, read), taken)
                        .hasMessageContaining("permission denied");
                assertThat(shop.probe()).isEmpty();
                shop.migrate(taken.split(" ;; ")[1]);
                assertThat(shop.read(shop.stranger, read)).as(taken).containsExactly("1");
                assertThat(shop.probe()).isEmpty();
            }
            shop.run("CREATE ROLE nobody_" + shop.database);
            // Of this PostgreSQL tells nobody.
            shop.run("REASSIGN OWNED BY " + reporter + " TO nobody_" + shop.database);
            assertThat(shop.probe()).anyMatch(finding -> finding.check().equals("view owner"));
            assertThat(shop.govern().events()).anyMatch(event -> event.startsWith("Found and put right: view owner"));
            assertThatThrownBy(() -> shop.read(shop.stranger, read)).hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
        }
    }

    /** The exempt one makes views in a schema of theirs, and reads nothing else; the stranger, for whom addresses are masked, reads what is there. */
    private static Shop withMaker(Servers.Running servers, int version) throws SQLException {
        Shop shop = new Shop(servers, version);
        shop.run("ALTER DATABASE " + shop.database + " SET search_path = app, sandbox, public");
        shop.migrate("CREATE SCHEMA sandbox");
        shop.subjects.removeIf(subject -> Set.of(shop.stranger, shop.exempt).contains(subject.name()));
        shop.subjects.add(new Subject(shop.stranger, Set.of("narrow"), false));
        shop.subjects.add(new Subject(shop.exempt, Set.of("makers"), false));
        Securable sandbox = new Securable(SecurableType.SCHEMA, SecurableName.of(Shop.CATALOG, "sandbox"));
        for (String group : List.of("narrow", "makers")) {
            shop.grantAll(group, Privilege.USE_CATALOG, Privilege.USE_SCHEMA);
            shop.grants.add(new Grant(sandbox, group, Privilege.SELECT));
        }
        shop.grants.add(new Grant(sandbox, "makers", Privilege.CREATE_TABLE));
        shop.policy(
                "mask_email",
                Set.of("analysts", "narrow"),
                new HasTagValue("pii", "email"),
                new ColumnMask("system.mask.email", "c", List.of()));
        return shop;
    }

    private static Securable table(String name) {
        return new Securable(SecurableType.TABLE, SecurableName.of(Shop.CATALOG, "app", name));
    }
}
