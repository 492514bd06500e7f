package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Condition.HasTagValue;
import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.Match;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a thing of several names has by each of them: never what was given on another, and the stricter of what hides. */
@ExtendWith(Servers.class)
class TakenNamesTest {

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatIsGivenOnATableThatTookANameIsNotGivenOnTheOneThatHadIt(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate("CREATE TABLE users (id int)", "INSERT INTO users VALUES (1)");
            shop.grantAll(shop.stranger, Privilege.USE_CATALOG, Privilege.USE_SCHEMA);
            shop.classifyAll();
            Securable users = new Securable(SecurableType.TABLE, SecurableName.of(Shop.CATALOG, "app", "users"));
            Grant early = new Grant(users, shop.stranger, Privilege.SELECT);
            shop.grants.add(early);
            shop.govern();
            shop.migrate("ALTER TABLE users RENAME TO users_old", "CREATE TABLE users (id int)");
            shop.govern();
            assertThat(shop.read(shop.stranger, "SELECT count(*) FROM users_old"))
                    .as("what was given before stays")
                    .containsExactly("1");
            assertThat(shop.read(shop.stranger, "SELECT count(*) FROM users")).containsExactly("0");

            long old = Long.parseLong(Shop.read(shop.admin, "SELECT 'app.users_old'::regclass::oid::bigint")
                    .getFirst());
            shop.grants.remove(early);
            shop.grants.add(new Grant(users, shop.stranger, Privilege.SELECT, Set.of(old)));
            shop.govern();
            assertThat(shop.read(shop.stranger, "SELECT count(*) FROM users")).containsExactly("0");
            assertThatThrownBy(() -> shop.read(shop.stranger, "SELECT count(*) FROM users_old"))
                    .hasMessageContaining("permission denied");

            // As on a branch from an earlier day, where it has the name still.
            shop.migrate("DROP TABLE users", "ALTER TABLE users_old RENAME TO users");
            shop.govern();
            assertThatThrownBy(() -> shop.read(shop.stranger, "SELECT count(*) FROM users"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aColumnWithOtherTagsByAnotherNameIsMaskedByAnyOfThem(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE people (id int, mail text, nick text)",
                    "INSERT INTO people VALUES (1, 'ann@example.com', 'secret')");
            shop.classifyAll();
            shop.tag("people", "nick", "none");
            shop.govern();
            shop.migrate("ALTER TABLE people RENAME mail TO email", "ALTER TABLE people RENAME nick TO alias");
            shop.tag("people", "email", "email");
            shop.tag("people", "alias", "name");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT email, alias FROM people"))
                    .as("the earlier name says none")
                    .containsExactly("a***@example.com|***");
            shop.tag("people", "mail", "none");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT email, alias FROM people"))
                    .as("said later of the earlier name")
                    .containsExactly("a***@example.com|***");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aTablesOwnTagCountsBeforeOneThatItsEarlierNameInherits(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE clients (id int, note text)",
                    "INSERT INTO clients VALUES (1, 'secret')",
                    "CREATE TABLE moved (id int, note text)",
                    "INSERT INTO moved VALUES (1, 'secret')",
                    "CREATE SCHEMA vault");
            shop.classifyAll();
            shop.tag("clients", "note", "note");
            shop.tag("moved", "note", "note");
            shop.tags.put(SecurableName.of(Shop.CATALOG, "app"), Map.of("sensitivity", "low"));
            shop.policies.add(new Policy(
                    "id-high",
                    "high",
                    Optional.empty(),
                    new Securable(SecurableType.CATALOG, SecurableName.of(Shop.CATALOG)),
                    Set.of("analysts"),
                    Set.of("pii"),
                    new HasTagValue("sensitivity", "high"),
                    List.of(new Match("c", new HasTagValue("pii", "note"))),
                    new ColumnMask("system.mask.redact", "c", List.of())));
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT note FROM clients")).containsExactly("secret");

            shop.migrate("ALTER TABLE clients RENAME TO customers_now", "ALTER TABLE moved SET SCHEMA vault");
            shop.tags.put(SecurableName.of(Shop.CATALOG, "app", "customers_now"), Map.of("sensitivity", "high"));
            shop.tags.put(SecurableName.of(Shop.CATALOG, "vault"), Map.of("sensitivity", "high"));
            shop.grants.add(new Grant(
                    new Securable(SecurableType.SCHEMA, SecurableName.of(Shop.CATALOG, "vault")),
                    "analysts",
                    Privilege.SELECT));
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT note FROM customers_now"))
                    .containsExactly("***");
            String masked = Shop.read(
                            shop.admin,
                            "SELECT 'vault__' || profile FROM espalier_governance.subject WHERE principal = '"
                                    + shop.analyst + "'")
                    .getFirst();
            assertThat(shop.read(shop.analyst, "SELECT note FROM " + masked + ".moved"))
                    .as("by a tag of the schema that it lies in now")
                    .containsExactly("***");
        }
    }
}
