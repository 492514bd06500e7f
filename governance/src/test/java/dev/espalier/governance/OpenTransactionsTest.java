package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Condition.Always;
import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.testing.TestWait;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is made in a transaction that is open while rules change is under the rules that there are when it commits. */
@ExtendWith(Servers.class)
class OpenTransactionsTest {

    private static final String MAKES = "CREATE TABLE app.copy AS SELECT 1 AS id, 4242 AS n";

    static int[] versions() {
        return Servers.versions();
    }

    private static Connection open(Shop shop, String... statements) throws SQLException {
        Connection session = shop.as(shop.manager);
        Shop.run(session, "SET ROLE app_owner");
        Shop.run(session, statements);
        return session;
    }

    private static void forAnalysts(Shop shop, Privilege privilege, boolean given) {
        Grant grant =
                new Grant(new Securable(SecurableType.CATALOG, SecurableName.of(Shop.CATALOG)), "analysts", privilege);
        shop.grants.remove(grant);
        if (given) {
            shop.grants.add(grant);
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aTableThatIsMadeBesideARevokeOrAMaskIsUnderItOrNotMade(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            for (String begin : List.of("BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ")) {
                try (Connection migration = open(shop, begin, MAKES)) {
                    forAnalysts(shop, Privilege.SELECT, false);
                    shop.govern();
                    assertThatThrownBy(() -> Shop.run(migration, "COMMIT"))
                            .as(begin)
                            .isInstanceOfSatisfying(
                                    SQLException.class,
                                    e -> assertThat(e.getSQLState()).isEqualTo("40001"));
                }
                forAnalysts(shop, Privilege.SELECT, true);
                shop.govern();
            }
            try (Connection migration = open(shop, "BEGIN", MAKES)) {
                shop.policy(
                        "mask_all",
                        Set.of("analysts"),
                        new Always(),
                        new ColumnMask("system.mask.null", "c", List.of()));
                shop.govern();
                assertThatThrownBy(() -> Shop.run(migration, "COMMIT")).hasMessageContaining("the rules have changed");
                shop.drop("mask_all");
                shop.govern();
            }
            // Beside a change that says nothing else of it, and in a statement that comes after the change.
            try (Connection migration = open(shop, "BEGIN", MAKES)) {
                shop.mask("mask_email", "email", "system.mask.redact");
                shop.govern();
                Shop.run(migration, "COMMIT");
            }
            assertThat(shop.read(shop.analyst, "SELECT n FROM copy")).containsExactly("4242");
            try (Connection migration = open(
                    shop,
                    "BEGIN",
                    "CREATE TABLE app.other AS SELECT 1 AS id",
                    "CREATE TABLE app.gone ()",
                    "DROP TABLE app.gone")) {
                forAnalysts(shop, Privilege.SELECT, false);
                shop.govern();
                Shop.run(migration, "ALTER TABLE app.other ADD n int", "COMMIT");
            }
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT id FROM app.other"))
                    .hasMessageContaining("permission denied");
            assertThat(Shop.read(shop.admin, "SELECT count(*) FROM espalier_governance.adopted"))
                    .containsExactly("0");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoCommitsAndDoesNotEndKeepsNoChangeWaitingForLong(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            try (Connection ready = open(shop, "BEGIN", MAKES, "SET CONSTRAINTS ALL IMMEDIATE");
                    Connection prepared = open(
                            shop,
                            "BEGIN",
                            "CREATE TABLE app.other AS SELECT 1 AS id",
                            "PREPARE TRANSACTION 'other_" + shop.database + "'")) {
                forAnalysts(shop, Privilege.SELECT, false);
                assertThat(shop.govern().events())
                        .anyMatch(warning -> warning.startsWith("Ended: a session of " + shop.manager))
                        .anyMatch(warning -> warning.contains("the prepared transaction other_" + shop.database));
                assertThatThrownBy(() -> Shop.run(ready, "COMMIT")).isInstanceOf(SQLException.class);
                assertThat(prepared.isValid(1)).isTrue();
            }
            assertThat(Shop.read(shop.admin, "SELECT to_regclass('app.copy'), to_regclass('app.other')"))
                    .containsExactly("null|null");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatWasOpenWhenTheFirstRulesCameIsUnderThemWhenItHasEnded(int version, Servers.Running servers)
            throws Exception {
        try (Shop shop = new Shop(servers, version);
                Connection migration = open(shop, "BEGIN", MAKES, "GRANT SELECT ON app.copy TO PUBLIC");
                Connection looking = shop.server.connect(shop.database)) {
            var governing = CompletableFuture.supplyAsync(() -> {
                try {
                    return shop.governor.admit(shop.admin, shop.rules(), Optional.empty());
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            TestWait.until(
                    "the rules are in the database",
                    () -> Shop.read(looking, "SELECT to_regnamespace('espalier_governance') IS NOT NULL")
                            .equals(List.of("t")));
            Shop.run(migration, "COMMIT");
            var _ = governing.get();
            String open = "SELECT count(*) FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) x"
                    + " WHERE c.relname IN ('copy', 'products') AND x.grantee = 0";
            assertThat(Shop.read(looking, open)).containsExactly("0");
            // Whatever has come later nevertheless is gone when somebody signs in.
            Shop.run(
                    looking,
                    "BEGIN",
                    "SELECT espalier_governance.begin_work()",
                    "GRANT SELECT ON app.products TO PUBLIC",
                    "SELECT espalier_governance.end_work()",
                    "COMMIT");
            var _ = shop.governor.prepareRole(looking, shop.analyst);
            assertThat(Shop.read(looking, open)).containsExactly("0");
            assertThat(shop.probe()).isEmpty();
        }
    }
}
