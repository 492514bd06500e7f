package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

/** Views of an application, made again of what is masked, show nobody more than they did. */
@ExtendWith(Servers.class)
class ViewsTest {

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aSecurityBarrierStaysOne(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE people (id integer, email text, salary numeric, dept text)",
                    "INSERT INTO people VALUES (1, 'ann@example.com', 10, 'sales'), (2, 'bob@example.com', 4242, 'board')",
                    "CREATE VIEW sales_people WITH (security_barrier) AS SELECT id, email, salary FROM people WHERE dept = 'sales'",
                    "CREATE VIEW masked_itself WITH (security_barrier = on) AS SELECT id, salary, 'x' AS word FROM people WHERE dept = 'sales'",
                    "CREATE VIEW above AS SELECT id, email, salary FROM sales_people");
            shop.classifyAll();
            shop.tag("people", "email", "email");
            shop.tag("masked_itself", "word", "name");
            shop.govern();
            try (Connection session = shop.as(shop.analyst)) {
                Shop.run(
                        session,
                        "CREATE FUNCTION pg_temp.leak(i integer, v numeric) RETURNS boolean LANGUAGE plpgsql COST 1e-7 AS"
                                + " 'BEGIN IF v > 1000 THEN RAISE EXCEPTION ''saw %'', v; END IF; RETURN true; END'");
                for (String view : List.of("sales_people", "masked_itself", "above")) {
                    assertThat(Shop.read(session, "SELECT id, salary FROM " + view + " WHERE pg_temp.leak(id, salary)"))
                            .as(view)
                            .containsExactly("1|10");
                }
            }
            shop.migrate("ALTER VIEW sales_people RESET (security_barrier)");
            shop.migrate("ALTER VIEW sales_people SET (security_barrier)");
            try (Connection session = shop.as(shop.analyst)) {
                Shop.run(
                        session,
                        "CREATE FUNCTION pg_temp.leak(i integer, v numeric) RETURNS boolean LANGUAGE plpgsql COST 1e-7 AS"
                                + " 'BEGIN IF v > 1000 THEN RAISE EXCEPTION ''saw %'', v; END IF; RETURN true; END'");
                assertThat(Shop.read(session, "SELECT id FROM sales_people WHERE pg_temp.leak(id, salary)"))
                        .containsExactly("1");
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aSecurityInvokerIsReadByThoseWhoMayReadWhatItIsMadeOf(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE people (id integer, email text, word text)",
                    "CREATE TABLE salaries (id integer, salary integer)",
                    "INSERT INTO people VALUES (1, 'ann@example.com', 'w')",
                    "INSERT INTO salaries VALUES (1, 77)",
                    "CREATE VIEW paid WITH (security_invoker) AS SELECT email, salary FROM people JOIN salaries USING (id)",
                    "CREATE VIEW pay WITH (security_invoker) AS SELECT salary, 'x' AS word FROM salaries",
                    "CREATE VIEW above WITH (security_invoker = on) AS SELECT * FROM paid",
                    "CREATE VIEW lent AS SELECT * FROM paid");
            shop.classifyAll();
            shop.subjects.removeIf(subject -> subject.name().equals(shop.stranger));
            shop.subjects.add(new Subject(shop.stranger, Set.of("narrow"), false));
            shop.grantAll("narrow", Privilege.USE_CATALOG, Privilege.USE_SCHEMA);
            for (String table : List.of("people", "paid", "pay", "above", "lent")) {
                shop.grants.add(new Grant(table(table), "narrow", Privilege.SELECT));
            }
            List<String> views = new ArrayList<>(List.of("paid", "pay", "above", "lent"));
            shop.govern();
            for (String view : views) {
                assertThatThrownBy(() -> shop.read(shop.stranger, "SELECT * FROM " + view), view)
                        .hasMessageContaining("permission denied");
            }
            shop.tag("people", "email", "email");
            shop.tag("pay", "word", "name");
            shop.policy(
                    "mask_email",
                    Set.of("analysts", "narrow"),
                    new HasTagValue("pii", "email"),
                    new ColumnMask("system.mask.email", "c", List.of()));
            shop.policy(
                    "mask_name",
                    Set.of("analysts", "narrow"),
                    new HasTagValue("pii", "name"),
                    new ColumnMask("system.mask.redact", "c", List.of()));
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("paid") && warning.contains("security_invoker"));
            for (String view : views) {
                assertThatThrownBy(() -> shop.read(shop.stranger, "SELECT * FROM " + view), view)
                        .hasMessageContaining("permission denied");
                assertThat(shop.read(shop.analyst, "SELECT salary FROM " + view))
                        .as(view)
                        .containsExactly("77");
            }
            assertThat(shop.probe()).isEmpty();

            shop.grants.add(new Grant(table("salaries"), "narrow", Privilege.SELECT));
            shop.govern();
            for (String view : views) {
                assertThat(shop.read(shop.stranger, "SELECT salary FROM " + view))
                        .as(view)
                        .containsExactly("77");
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    private static Securable table(String name) {
        return new Securable(SecurableType.TABLE, SecurableName.of(Shop.CATALOG, "app", name));
    }
}
