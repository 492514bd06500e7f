package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.Subject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Profiles keep their names under other rules, and open sessions go on. */
@ExtendWith(Servers.class)
class ContinuityTest {

    private static final String TITLE = "SELECT title FROM products WHERE id = 1";

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void anOpenSessionGoesOnUnderAPolicyThatComesAndGoes(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.tag("products", "title", "title");
            shop.govern();
            String profile = profile(shop, shop.analyst);
            try (Connection open = shop.as(shop.analyst)) {
                Shop.run(open, "PREPARE q AS " + TITLE);
                assertThat(Shop.read(open, "EXECUTE q")).containsExactly("chair");
                shop.mask("mask_title", "title", "system.mask.redact");
                shop.govern();
                assertThat(Shop.read(open, "EXECUTE q")).containsExactly("***");
                assertThat(Shop.read(open, "SELECT full_name FROM customers WHERE id = 1"))
                        .containsExactly("***");
                shop.drop("mask_title");
                shop.govern();
                assertThat(Shop.read(open, "EXECUTE q")).containsExactly("chair");
            }
            assertThat(profile(shop, shop.analyst)).isEqualTo(profile);
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatIsGrantedToAllOfThemAndTakenAgainIsSoInOpenSessions(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            try (Connection open = shop.as(shop.analyst)) {
                assertThat(Shop.read(open, TITLE)).containsExactly("chair");
                shop.grants.removeIf(grant -> grant.principal().equals("analysts"));
                shop.govern();
                assertThatThrownBy(() -> Shop.read(open, "SELECT title FROM app.products WHERE id = 1"))
                        .hasMessageContaining("permission denied");
                assertThat(shop.probe()).isEmpty();
                shop.grantAll("analysts", Privilege.USE_CATALOG, Privilege.USE_SCHEMA, Privilege.SELECT);
                shop.govern();
                assertThat(Shop.read(open, TITLE)).containsExactly("chair");
                assertThat(Shop.read(open, "SELECT full_name FROM customers WHERE id = 1"))
                        .containsExactly("***");
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoMayWriteNoMoreGetsNoNumbersAnyMore(int version, Servers.Running servers) throws SQLException {
        List<String> numbers = List.of("app.orders_id_seq", "app.customers_id_seq", "app.numbers");
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate("CREATE SEQUENCE numbers");
            shop.grantAll("analysts", Privilege.MODIFY);
            shop.govern();
            List<String> writers = List.of(shop.analyst, shop.exempt);
            List<String> profiles = List.of(profile(shop, shop.analyst), profile(shop, shop.exempt));
            for (String writer : writers) {
                for (String sequence : numbers) {
                    assertThat(shop.read(writer, "SELECT nextval('" + sequence + "') > 0"))
                            .containsExactly("t");
                }
            }
            shop.grants.removeIf(grant -> grant.privilege() == Privilege.MODIFY);
            shop.govern();
            assertThat(List.of(profile(shop, shop.analyst), profile(shop, shop.exempt)))
                    .isEqualTo(profiles);
            for (String writer : writers) {
                for (String sequence : numbers) {
                    assertThatThrownBy(() -> shop.read(writer, "SELECT nextval('" + sequence + "')"))
                            .hasMessageContaining("permission denied");
                }
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoPartsFromTheOthersHasAProfileOfHisOwnAndTheyKeepTheirs(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            beAnalyst(shop, shop.stranger, Set.of("analysts"));
            shop.govern();
            String before = profile(shop, shop.analyst);
            assertThat(profile(shop, shop.stranger)).isEqualTo(before);

            beAnalyst(shop, shop.stranger, Set.of("analysts", "writers"));
            shop.govern();
            assertThat(profile(shop, shop.analyst)).isEqualTo(before);
            assertThat(profile(shop, shop.stranger))
                    .as("that of those who may do the same")
                    .isEqualTo(profile(shop, shop.writer));
            assertThat(shop.probe()).isEmpty();

            shop.grantAll(shop.stranger, Privilege.CREATE_TABLE);
            shop.govern();
            assertThat(profile(shop, shop.stranger)).isNotIn(before, profile(shop, shop.writer));
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoeverChangePlacesKeepTheirProfilesWithOtherRights(int version, Servers.Running servers) throws SQLException {
        String update = "UPDATE products SET title = title WHERE id = 1";
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            String first = profile(shop, shop.analyst);
            String second = profile(shop, shop.writer);
            try (Connection reader = shop.as(shop.analyst);
                    Connection writer = shop.as(shop.writer)) {
                Shop.run(writer, update);
                beAnalyst(shop, shop.analyst, Set.of("analysts", "writers"));
                beAnalyst(shop, shop.writer, Set.of("analysts"));
                shop.govern();
                Shop.run(reader, update);
                assertThatThrownBy(() -> Shop.run(writer, update)).hasMessageContaining("permission denied");
            }
            assertThat(profile(shop, shop.analyst)).isEqualTo(first);
            assertThat(profile(shop, shop.writer)).isEqualTo(second);
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whomAPolicyBindsForTheFirstTimeHasAnotherProfile(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            String free = profile(shop, shop.exempt);
            beAnalyst(shop, shop.exempt, Set.of("analysts"));
            shop.govern();
            assertThat(profile(shop, shop.exempt)).isNotEqualTo(free).isEqualTo(profile(shop, shop.analyst));
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aCopyOfADatabaseHasProfilesOfItsOwnBecauseRolesAreAServers(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            beAnalyst(shop, shop.stranger, Set.of("analysts"));
            shop.govern();
            String profile = profile(shop, shop.analyst);
            String copy = shop.database + "_copy";
            shop.server.execute(
                    "postgres",
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '" + shop.database
                            + "'",
                    "CREATE DATABASE " + copy + " TEMPLATE " + shop.database);
            Securable catalog = new Securable(SecurableType.CATALOG, SecurableName.of("copy"));
            Rules rules = new Rules(
                    1,
                    "copy",
                    List.of(new Grant(catalog, shop.analyst, Privilege.USE_CATALOG)),
                    Map.of(),
                    Map.of(),
                    Set.of(),
                    List.of(),
                    shop.subjects);
            try (Connection admin = shop.server.connect(copy)) {
                var _ = shop.governor.admit(admin, rules, Optional.empty());
                assertThat(Shop.read(admin, "SELECT profile FROM espalier_governance.profile"))
                        .hasSize(2)
                        .doesNotContain(profile);
            }
        }
    }

    private static void beAnalyst(Shop shop, String who, Set<String> groups) {
        shop.subjects.removeIf(subject -> subject.name().equals(who));
        shop.subjects.add(new Subject(who, groups, false));
    }

    private static String profile(Shop shop, String principal) throws SQLException {
        return Shop.read(
                        shop.admin,
                        "SELECT profile FROM espalier_governance.subject WHERE principal = '" + principal + "'")
                .getFirst();
    }
}
