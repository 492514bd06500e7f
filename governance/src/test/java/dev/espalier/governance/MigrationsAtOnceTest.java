package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.testing.TestWait;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Migrations that are open at the same time end as they would without any rules, and keep nobody from what they do not alter. */
@ExtendWith(Servers.class)
class MigrationsAtOnceTest {

    static int[] versions() {
        return Servers.versions();
    }

    private static Connection open(Shop shop, String... statements) throws SQLException {
        Connection session = shop.as(shop.manager);
        Shop.run(session, "SET ROLE app_owner", "SET search_path = app", "SET lock_timeout = '20s'", "BEGIN");
        Shop.run(session, statements);
        return session;
    }

    private static CompletableFuture<Void> begun(Connection session, String statement) {
        return CompletableFuture.runAsync(() -> {
            try {
                Shop.run(session, statement);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static void untilItWaits(Shop shop, CompletableFuture<Void> statement) {
        TestWait.until(() -> statement.isDone()
                || !Shop.read(
                                shop.admin,
                                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
                        .isEmpty());
    }

    @ParameterizedTest
    @MethodSource("versions")
    void twoMigrationsOfOneTableComeOneAfterTheOther(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            try (Connection first = open(shop, "ALTER TABLE customers ADD COLUMN a int DEFAULT 1");
                    Connection second = open(shop)) {
                CompletableFuture<Void> waits = begun(second, "ALTER TABLE customers ADD COLUMN b int DEFAULT 2");
                untilItWaits(shop, waits);
                Shop.run(first, "COMMIT");
                waits.join();
                Shop.run(second, "COMMIT");
            }
            assertThat(shop.probe()).isEmpty();
            assertThat(shop.read(shop.analyst, "SELECT a, b, full_name FROM customers WHERE id = 1"))
                    .containsExactly("1|2|***");
            try (Connection first = open(shop, "DROP TABLE orders CASCADE");
                    Connection second = open(shop)) {
                CompletableFuture<Void> waits = begun(second, "ALTER TABLE IF EXISTS orders ADD COLUMN b int");
                untilItWaits(shop, waits);
                Shop.run(first, "ROLLBACK");
                waits.join();
                Shop.run(second, "COMMIT");
            }
            assertThat(shop.read(shop.analyst, "SELECT b, ship_to FROM orders WHERE id = 1"))
                    .containsExactly("null|***");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aMigrationKeepsNobodyFromTablesThatItDoesNotAlter(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            List<String> tables =
                    List.of("person", "person_note", "person_tag", "r", "\"Per son\"", "\"of \"\"quotes\"\"\"");
            for (String table : tables) {
                shop.migrate("CREATE TABLE " + table + " (id int PRIMARY KEY, name text)");
            }
            shop.classifyAll();
            for (String table : tables) {
                shop.tag(table.replaceAll("^\"|\"$", "").replace("\"\"", "\""), "name", "name");
            }
            shop.govern();
            try (Connection first = open(
                            shop,
                            "ALTER TABLE person_note ADD COLUMN a int, ADD FOREIGN KEY (a) REFERENCES app.person (id)");
                    Connection second = open(shop, "ALTER TABLE app.\"Per son\" ADD COLUMN b int");
                    Connection third = open(shop, "ALTER TABLE person_tag ADD COLUMN c int");
                    Connection fourth = open(shop, "CREATE VIEW seen AS SELECT id FROM person");
                    Connection reader = shop.as(shop.analyst)) {
                Shop.run(reader, "SET statement_timeout = '10s'");
                for (String table : List.of("person", "r", "\"of \"\"quotes\"\"\"")) {
                    assertThat(Shop.read(reader, "SELECT count(*) FROM " + table))
                            .as(table)
                            .containsExactly("0");
                }
                for (Connection session : List.of(first, second, third, fourth)) {
                    Shop.run(session, "COMMIT");
                }
            }
            for (String table : tables) {
                shop.migrate("ALTER TABLE " + table + " ALTER COLUMN name TYPE varchar(40)");
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void twoMigrationsThatEachMakeTheFirstMaskedTableOfASchemaCloseNone(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate("CREATE SCHEMA fresh");
            shop.govern();
            try (Connection first =
                            open(shop, "CREATE TABLE fresh.a (t text)", "INSERT INTO fresh.a VALUES ('SECRET')");
                    Connection second = open(shop)) {
                CompletableFuture<Void> waits = begun(second, "CREATE TABLE fresh.b (t text)");
                untilItWaits(shop, waits);
                Shop.run(first, "COMMIT");
                waits.join();
                Shop.run(second, "INSERT INTO fresh.b VALUES ('SECRET')", "COMMIT");
            }
            String views = Shop.read(
                            shop.admin,
                            "SELECT 'fresh__' || profile FROM espalier_governance.subject WHERE principal = '"
                                    + shop.analyst + "'")
                    .getFirst();
            for (String table : List.of("a", "b")) {
                assertThat(shop.read(shop.analyst, "SELECT t FROM " + views + "." + table))
                        .as(table)
                        .containsExactly("null");
            }
            assertThat(Shop.read(
                            shop.admin,
                            "SELECT message FROM espalier_governance.failure WHERE relid::regclass::text ~ 'fresh'"))
                    .isEmpty();
            assertThat(shop.probe()).isEmpty();
        }
    }
}
