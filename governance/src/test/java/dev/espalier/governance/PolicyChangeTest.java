package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.admission.Proof;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Subject;
import dev.espalier.testing.TestWait;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules change while somebody is at work. */
@ExtendWith(Servers.class)
class PolicyChangeTest {

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aReaderIsNotWaitedForAndHisNextStatementReadsTheNewMask(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version);
                Connection open = governed(shop).as(shop.analyst);
                Connection pooled = shop.as(shop.analyst)) {
            String query =
                    "SELECT full_name, title FROM customers, products WHERE customers.id = 1 AND products.id = 1";
            Shop.run(pooled, "PREPARE q AS " + query);
            for (int i = 0; i < 7; i++) {
                assertThat(Shop.read(pooled, "EXECUTE q")).containsExactly("***|chair");
            }
            // This transaction stays open, and with it the locks on the views.
            open.setAutoCommit(false);
            assertThat(Shop.read(open, query)).containsExactly("***|chair");
            shop.mask("mask_name", "name", "system.mask.name");
            shop.govern();
            assertThat(Shop.read(pooled, "EXECUTE q")).containsExactly("S. *.|chair");
            assertThat(Shop.read(open, query)).containsExactly("S. *.|chair");

            shop.tag("products", "title", "name");
            shop.govern();
            assertThat(Shop.read(pooled, "EXECUTE q"))
                    .as("the first mask on a table")
                    .containsExactly("S. *.|c.");
            assertThat(Shop.read(open, query)).containsExactly("S. *.|c.");
            open.rollback();
            assertThat(shop.probe()).isEmpty();
            shop.mask("mask_name", "name", "system.mask.redact");
            shop.govern();
            assertThat(Shop.read(shop.admin, "SELECT count(*) FROM espalier_governance.retired_schema"))
                    .as("old views are gone when nobody reads them")
                    .containsExactly("0");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aChangeMakesTheViewsThatItIsAboutAndNoOthers(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = governed(new Shop(servers, version));
                Connection open = shop.as(shop.analyst)) {
            String customers = views(shop, "relid = 'app.customers'::regclass");
            String dependents = views(shop, "relid IN ('app.vip'::regclass, 'app.vip_orders'::regclass)");
            String others =
                    views(shop, "relid IN ('app.orders'::regclass, 'app.events'::regclass, 'app.audit_log'::regclass)");
            assertThat(others).isNotEmpty();
            open.setAutoCommit(false);
            Shop.read(open, "SELECT phone FROM customers WHERE id = 1");
            shop.mask("mask_phone", "phone", "system.mask.redact");
            shop.govern();
            assertThat(views(shop, "relid = 'app.customers'::regclass")).isNotEqualTo(customers);
            assertThat(views(shop, "relid IN ('app.vip'::regclass, 'app.vip_orders'::regclass)"))
                    .as("what is made of a table is made again with it")
                    .isNotEqualTo(dependents);
            assertThat(views(
                            shop,
                            "relid IN ('app.orders'::regclass, 'app.events'::regclass, 'app.audit_log'::regclass)"))
                    .isEqualTo(others);
            assertThat(shop.probe()).isEmpty();
            assertThat(Shop.read(shop.admin, "SELECT count(*) > 0 FROM espalier_governance.retired_view"))
                    .as("somebody reads the old view")
                    .containsExactly("t");
            shop.migrate("ALTER TABLE orders ADD COLUMN more integer");
            open.rollback();
            shop.migrate("ALTER TABLE customers DROP COLUMN phone CASCADE");
            assertThat(shop.probe()).isEmpty();
            assertThat(shop.read(shop.analyst, "SELECT email FROM customers WHERE id = 1"))
                    .containsExactly("S***@corp.example");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aColumnThatSomebodyHasLookedAtIsShown(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = governed(new Shop(servers, version))) {
            shop.migrate("ALTER TABLE customers ADD COLUMN shown text DEFAULT 'harmless'");
            assertThat(shop.read(shop.analyst, "SELECT shown FROM customers WHERE id = 1"))
                    .containsExactly("null");
            shop.classifyAll();
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT shown FROM customers WHERE id = 1"))
                    .containsExactly("harmless");
        }
    }

    private static String views(Shop shop, String which) throws SQLException {
        return String.join(
                ",",
                Shop.read(shop.admin, "SELECT view FROM espalier_governance.compiled WHERE " + which + " ORDER BY 1"));
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aFilterThatChangesWaitsForReadersOnlySoLong(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version);
                Connection open = governed(shop).as(shop.analyst);
                Connection elsewhere = shop.as(shop.analyst);
                Connection other = shop.as(shop.analyst)) {
            open.setAutoCommit(false);
            elsewhere.setAutoCommit(false);
            assertThat(Shop.read(open, "SELECT count(*) FROM customers")).containsExactly("201");
            assertThat(Shop.read(elsewhere, "SELECT count(*) FROM products")).containsExactly("2");
            showOnlyEu(shop);
            assertThat(shop.govern().events()).contains(endedOf(shop.analyst));
            assertThat(Shop.read(other, "SELECT DISTINCT region FROM customers"))
                    .containsExactly("EU");
            assertThat(shop.read(shop.exempt, "SELECT count(*) FROM customers")).containsExactly("302");
            assertThatThrownBy(() -> Shop.read(open, "SELECT count(*) FROM customers"))
                    .isInstanceOf(SQLException.class);
            assertThat(Shop.read(elsewhere, "SELECT count(*) FROM products"))
                    .as("who reads other tables goes on")
                    .containsExactly("2");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aTableIsFilteredForTheFirstTimeAlsoWhereSomebodyKeepsReadingIt(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version);
                Connection open = shop.as(shop.manager)) {
            open.setAutoCommit(false);
            Shop.read(open, "SELECT count(*) FROM app.customers");
            assertThat(shop.govern().events()).contains(endedOf(shop.manager));
            assertThat(shop.read(shop.analyst, "SELECT count(*) FROM customers"))
                    .containsExactly("201");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aPreparedTransactionThatKeepsATableWhoseFilterChangesIsRolledBack(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = governed(new Shop(servers, version));
                Connection reader = shop.as(shop.analyst)) {
            Shop.run(reader, "BEGIN", "SELECT 1 FROM customers LIMIT 1", "PREPARE TRANSACTION 'it''s kept'");
            shop.run("BEGIN", "LOCK TABLE app.products IN ACCESS SHARE MODE", "PREPARE TRANSACTION 'elsewhere'");
            showOnlyEu(shop);
            Proof proof = shop.govern();
            assertThat(proof.warnings())
                    .as("what was done is no warning of what is")
                    .doesNotContain(rolledBack("it's kept", shop.analyst));
            assertThat(proof.remarks()).contains(rolledBack("it's kept", shop.analyst));
            assertThat(proof.events()).containsExactly(rolledBack("it's kept", shop.analyst));
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT region FROM customers"))
                    .containsExactly("EU");
            assertThat(Shop.read(shop.admin, "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()"))
                    .containsExactly("elsewhere");
            shop.run("ROLLBACK PREPARED 'elsewhere'");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aPreparedTransactionThatKeepsATableFromItsFirstMaskIsRolledBack(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = governed(new Shop(servers, version));
                Connection writer = shop.as(shop.writer)) {
            Shop.run(writer, "BEGIN", "LOCK TABLE app.products", "PREPARE TRANSACTION 'first'");
            shop.tag("products", "title", "name");
            assertThat(shop.govern().events()).contains(rolledBack("first", shop.writer));
            assertThat(shop.read(shop.analyst, "SELECT title FROM products WHERE id = 1"))
                    .containsExactly("***");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aChangeWaitsLongerForAMigrationAndGivesWayToIt(int version, Servers.Running servers) throws Exception {
        try (Shop shop = governed(new Shop(servers, version));
                Connection migration = shop.as(shop.manager);
                Connection reader = shop.as(shop.analyst);
                Connection watching = shop.server.connect(shop.database);
                ExecutorService others = Executors.newVirtualThreadPerTaskExecutor()) {
            migration.setAutoCommit(false);
            Shop.run(migration, "SET ROLE app_owner", "ALTER TABLE app.orders ADD COLUMN note text");
            reader.setAutoCommit(false);
            assertThat(Shop.read(reader, "SELECT count(*) FROM customers")).containsExactly("201");
            showOnlyEu(shop);
            shop.mask("mask_address", "address", "system.mask.null");
            String governor = Shop.read(shop.admin, "SELECT pg_backend_pid()").getFirst();
            var change = others.submit(shop::govern);
            Set<String> attempts = new HashSet<>();
            TestWait.until(() -> {
                attempts.addAll(Shop.read(
                        watching,
                        "SELECT xact_start FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid = "
                                + governor));
                return attempts.size() > 6;
            });
            assertThat(Shop.read(reader, "SELECT count(*) FROM customers"))
                    .as("whom nothing waits for yet")
                    .containsExactly("201");
            reader.rollback();
            Shop.run(migration, "ALTER TABLE app.customers ADD COLUMN note text");
            migration.commit();
            assertThat(change.get().events()).noneMatch(warning -> warning.startsWith("Ended"));
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT region, note FROM customers"))
                    .containsExactly("EU|null");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void migrationsThatNothingElseEndsAndThoseOfATableWhoseFilterChangesAreWaitedForOnlySoLong(
            int version, Servers.Running servers) throws SQLException {
        try (Shop shop = governed(new Shop(servers, version));
                Connection migration = shop.as(shop.manager);
                Connection elsewhere = shop.as(shop.manager);
                Connection prepared = shop.as(shop.manager)) {
            for (Connection each : List.of(migration, elsewhere, prepared)) {
                Shop.run(each, "BEGIN", "SET LOCAL ROLE app_owner");
            }
            Shop.run(migration, "ALTER TABLE app.customers ADD COLUMN note text");
            Shop.run(elsewhere, "ALTER TABLE app.products ADD COLUMN note text");
            Shop.run(prepared, "ALTER TABLE app.contacts ADD COLUMN note text", "PREPARE TRANSACTION 'migration'");
            showOnlyEu(shop);
            shop.mask("mask_email", "email", "system.mask.null");
            assertThat(shop.govern().events()).contains(endedOf(shop.manager), rolledBack("migration", "app_owner"));
            Shop.run(elsewhere, "COMMIT");
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT region FROM customers"))
                    .containsExactly("EU");
            assertThat(shop.probe()).isEmpty();
        }
    }

    private static String rolledBack(String gid, String owner) {
        return "Rolled back: the prepared transaction " + gid + " of " + owner
                + ", which kept the rules from being changed.";
    }

    private static String endedOf(String role) {
        return "Ended: a session of " + role + ", which kept the rules from being changed.";
    }

    private static void showOnlyEu(Shop shop) {
        shop.policy(
                "no_apac",
                Set.of("analysts"),
                new dev.espalier.control.metastore.Condition.HasTag("region"),
                new Policy.RowFilter(
                        "system.mask.is_one_of", List.of(new Policy.Alias("c"), new Policy.Constant("EU"))));
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aMigrationBesideAChangeGivesNothingAgainThatTheChangeTakes(int version, Servers.Running servers)
            throws Exception {
        try (Shop shop = new Shop(servers, version);
                Connection holding = shop.server.connect(shop.database);
                Connection watching = shop.server.connect(shop.database);
                ExecutorService others = Executors.newVirtualThreadPerTaskExecutor()) {
            shop.migrate(
                    "CREATE TABLE person (id integer, phone text)", "INSERT INTO person VALUES (1, 'SECRETphone')");
            shop.classifyAll();
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT phone FROM app.person")).containsExactly("SECRETphone");
            shop.tag("person", "phone", "name");
            // The change is made, and waits for this before it is committed.
            holding.setAutoCommit(false);
            Shop.read(holding, "SELECT * FROM espalier_governance.state FOR UPDATE");
            var change = others.submit(shop::govern);
            awaitWaiting(watching, 1);
            var migration = others.submit(() -> {
                shop.migrate("COMMENT ON TABLE person IS 'people'");
                return true;
            });
            awaitWaiting(watching, 2);
            holding.rollback();
            change.get();
            migration.get();
            shop.run(
                    "BEGIN",
                    "SELECT espalier_governance.begin_work()",
                    "SELECT espalier_governance.revoke_beside_the_rules()",
                    "SELECT espalier_governance.end_work()",
                    "COMMIT");
            assertThat(shop.probe()).isEmpty();
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT phone FROM app.person"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.read(shop.analyst, "SELECT phone FROM person")).containsExactly("***");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aViewThatAMigrationMakesBesideAChangeIsMadeOfWhatTheChangeMakes(int version, Servers.Running servers)
            throws Exception {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate("CREATE VIEW mailing AS SELECT c.id, c.code, c.email, p.title FROM customers c, products p");
            shop.classifyAll();
            shop.govern();
            try (Connection reader = shop.as(shop.analyst);
                    Connection migration = shop.as(shop.manager);
                    Connection watching = shop.server.connect(shop.database);
                    ExecutorService others = Executors.newVirtualThreadPerTaskExecutor()) {
                Shop.run(reader, "BEGIN", "SELECT 1 FROM customers LIMIT 1");
                Shop.run(
                        migration,
                        "BEGIN",
                        "SET LOCAL ROLE app_owner",
                        "ALTER TABLE app.products ADD COLUMN note integer");
                shop.tag("customers", "code", "name");
                var change = others.submit(shop::govern);
                awaitWaiting(watching, 1);
                Shop.run(migration, "COMMIT");
                assertThat(change.get().events()).noneMatch(warning -> warning.startsWith("Found and put right: "));
                assertThat(shop.probe()).isEmpty();
                assertThat(shop.read(shop.analyst, "SELECT code FROM mailing WHERE id = 1"))
                        .containsOnly("***");
                Shop.run(reader, "COMMIT");
            }
        }
    }

    private static void awaitWaiting(Connection watching, int sessions) {
        TestWait.until(() -> Shop.read(
                        watching,
                        "SELECT count(*) >= " + sessions
                                + " FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
                .contains("t"));
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoLeavesAGroupLosesAtOnceWhatItGave(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version);
                Connection session = governed(shop).as(shop.exempt)) {
            assertThat(Shop.read(session, "SELECT email FROM app.customers WHERE id = 1"))
                    .containsExactly("SECRETuser1@corp.example");
            shop.subjects.removeIf(subject -> subject.name().equals(shop.exempt));
            shop.subjects.add(new Subject(shop.exempt, Set.of("analysts"), false));
            shop.govern();
            assertThatThrownBy(() -> Shop.read(session, "SELECT email FROM app.customers WHERE id = 1"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.read(shop.exempt, "SELECT email FROM customers WHERE id = 1"))
                    .containsExactly("S***@corp.example");
            shop.subjects.removeIf(subject -> subject.name().equals(shop.exempt));
            shop.subjects.add(new Subject(shop.exempt, Set.of(), true));
            shop.govern();
            assertThat(Shop.read(
                            shop.admin,
                            "SELECT count(*) FROM pg_auth_members m WHERE m.member = '" + shop.exempt + "'::regrole"))
                    .containsExactly("0");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void anOlderInstallationIsReplacedAndNamesAreKept(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = governed(new Shop(servers, version))) {
            shop.migrate("ALTER TABLE app.customers RENAME COLUMN full_name TO shown_name");
            String key = Shop.read(shop.admin, "SELECT inner_pad FROM espalier_secret.key")
                    .getFirst();
            shop.run("COMMENT ON SCHEMA espalier_governance IS 'an older version'");
            try (Connection open = shop.as(shop.analyst)) {
                open.setAutoCommit(false);
                Shop.read(open, "SELECT email FROM customers");
                shop.govern();
                open.rollback();
            }
            assertThat(shop.read(shop.analyst, "SELECT shown_name FROM customers WHERE id = 1"))
                    .containsExactly("***");
            assertThat(Shop.read(shop.admin, "SELECT inner_pad FROM espalier_secret.key"))
                    .containsExactly(key);
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aFilterOfTheLibrarysStaysWhenAnInstallationIsReplaced(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            showOnlyEu(shop);
            shop.govern();
            shop.run("COMMENT ON SCHEMA espalier_governance IS 'an older version'");
            assertThat(shop.govern().events()).noneMatch(warning -> warning.contains("Found and put right"));
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT region FROM customers"))
                    .containsExactly("EU");
            assertThat(Shop.read(shop.admin, "SELECT count(*) FROM pg_policy WHERE polname LIKE 'espalier\\_filter%'"))
                    .doesNotContain("0");
            assertThat(Shop.read(shop.admin, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'espalier\\_old%'"))
                    .isEmpty();
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void anInstallationIsReplacedAgainWhileSomebodyStillReadsWhatTheFirstOneMade(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = governed(new Shop(servers, version));
                Connection open = shop.as(shop.analyst)) {
            open.setAutoCommit(false);
            Shop.read(open, "SELECT email FROM customers");
            for (int i = 0; i < 2; i++) {
                shop.run("COMMENT ON SCHEMA espalier_governance IS 'an older version'");
                shop.govern();
            }
            assertThat(shop.read(shop.analyst, "SELECT email FROM customers WHERE id = 1"))
                    .containsExactly("S***@corp.example");
            open.rollback();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoManagesAndIsBoundOwnsNothingAnyMore(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.run(
                    "CREATE SCHEMA own AUTHORIZATION " + shop.stranger,
                    "SET ROLE " + shop.stranger,
                    "CREATE TABLE own.t (id integer PRIMARY KEY, mail text)",
                    "RESET ROLE",
                    "ALTER ROLE " + shop.stranger + " CREATEDB");
            shop.subjects.removeIf(subject -> subject.name().equals(shop.stranger));
            shop.subjects.add(new Subject(shop.stranger, Set.of("analysts"), true));
            shop.columnTags.put(
                    new dev.espalier.control.metastore.ColumnName(Shop.CATALOG, "own", "t", "mail"),
                    java.util.Map.of("pii", "email"));
            shop.run("INSERT INTO own.t VALUES (1, 'SECRET@corp.example')");
            shop.govern();
            assertThat(shop.probe()).isEmpty();
            assertThatThrownBy(() -> shop.read(shop.stranger, "SELECT mail FROM own.t"))
                    .hasMessageContaining("permission denied");
            assertThat(Shop.read(shop.admin, "SELECT tableowner FROM pg_tables WHERE schemaname = 'own'"))
                    .containsExactly("espalier_keeper");
            assertThat(shop.read(shop.stranger, "SELECT title FROM products WHERE id = 1"))
                    .as("who manages has all privileges, behind the masks")
                    .containsExactly("chair");
        }
    }

    private static Shop governed(Shop shop) throws SQLException {
        shop.govern();
        return shop;
    }
}
