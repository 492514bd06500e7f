package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Condition;
import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.Constant;
import dev.espalier.control.metastore.Policy.Match;
import dev.espalier.control.metastore.Policy.RowFilter;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.Subject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What an agent that acts for somebody sees: what both may see. */
@ExtendWith(Servers.class)
class AgentTest {

    private static final Securable SHOP = new Securable(SecurableType.CATALOG, SecurableName.of(Shop.CATALOG));
    private static final String FIRST_CUSTOMER = " FROM customers ORDER BY id LIMIT 1";

    static int[] versions() {
        return Servers.versions();
    }

    /** A role for the agent {@code claude}, which is in the group of all agents, acting for one of the shop's. */
    private static String actingFor(Shop shop, String principal) throws SQLException {
        Subject of = shop.subjects.stream()
                .filter(subject -> subject.name().equals(principal))
                .findFirst()
                .orElseThrow();
        String role = "agent_of_" + principal;
        shop.run("CREATE ROLE " + role + " LOGIN");
        shop.subjects.add(new Subject(
                role, of.names(), of.manages(), Optional.of(new Subject("claude", Set.of(Subject.AGENTS), false))));
        return role;
    }

    private static void policy(Shop shop, String name, Condition match, Policy.Effect effect) {
        shop.policies.add(new Policy(
                "id-" + name,
                name,
                Optional.empty(),
                SHOP,
                Set.of(Subject.AGENTS),
                Set.of(),
                new Condition.Always(),
                List.of(new Match("c", match)),
                effect));
    }

    @ParameterizedTest
    @MethodSource("versions")
    void anAgentHasAPrivilegeOnlyIfItAndItsPersonHaveIt(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            String agent = actingFor(shop, shop.exempt);
            String count = "SELECT count(*) > 0 FROM orders";
            shop.govern();
            assertThatThrownBy(() -> shop.read(agent, count)).hasMessageContaining("orders");

            shop.grantAll(Subject.AGENTS, Privilege.USE_CATALOG, Privilege.USE_SCHEMA);
            shop.grants.add(new Grant(
                    new Securable(SecurableType.TABLE, SecurableName.of(Shop.CATALOG, "app", "orders")),
                    "claude",
                    Privilege.SELECT));
            shop.govern();
            assertThat(shop.read(agent, count)).containsExactly("t");
            assertThatThrownBy(() -> shop.read(agent, "SELECT 1 FROM customers"))
                    .hasMessageContaining("customers");
            assertThatThrownBy(() -> shop.read(agent, "DELETE FROM orders RETURNING id"))
                    .hasMessageContaining("permission denied");

            String ofStranger = actingFor(shop, shop.stranger);
            shop.grantAll(Subject.AGENTS, Privilege.ALL_PRIVILEGES);
            shop.govern();
            assertThat(shop.read(agent, "SELECT count(*) > 0 FROM customers")).containsExactly("t");
            assertThatThrownBy(() -> shop.read(ofStranger, count))
                    .as("what is given to agents gives nothing that their persons lack")
                    .isInstanceOf(SQLException.class);
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void anAgentSeesMaskedWhatIsMaskedForItOrForItsPerson(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            String ofExempt = actingFor(shop, shop.exempt);
            String ofAnalyst = actingFor(shop, shop.analyst);
            String ofManager = actingFor(shop, shop.manager);
            shop.grantAll(Subject.AGENTS, Privilege.ALL_PRIVILEGES);
            policy(
                    shop,
                    "agents_read_no_mail",
                    new Condition.HasTagValue("pii", "email"),
                    new ColumnMask("system.mask.null", "c", List.of()));
            policy(
                    shop,
                    "agents_read_no_names",
                    new Condition.HasTagValue("pii", "name"),
                    new ColumnMask("system.mask.redact", "c", List.of()));
            shop.govern();

            String mail = "SELECT email" + FIRST_CUSTOMER;
            String name = "SELECT full_name" + FIRST_CUSTOMER;
            assertThat(shop.read(shop.exempt, mail).getFirst()).contains("@");
            for (String agent : List.of(ofExempt, ofManager)) {
                assertThat(shop.read(agent, mail))
                        .as("whom a policy excepts, it does not except his agent")
                        .containsExactly("null");
                assertThat(shop.read(agent, "SELECT phone" + FIRST_CUSTOMER))
                        .isEqualTo(shop.read(shop.exempt, "SELECT phone" + FIRST_CUSTOMER));
            }
            assertThat(shop.read(ofAnalyst, mail))
                    .as("two masks of one column leave nothing of it")
                    .containsExactly("null");
            assertThat(shop.read(ofAnalyst, name)).isEqualTo(shop.read(shop.analyst, name));
            assertThat(shop.read(ofAnalyst, "SELECT phone" + FIRST_CUSTOMER))
                    .isEqualTo(shop.read(shop.analyst, "SELECT phone" + FIRST_CUSTOMER));
            assertThat(shop.governor.prepareRole(shop.admin, ofManager).bound()).isTrue();
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void anAgentReadsNoTokensOfWhatItsPersonWrites(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            String ofWriter = actingFor(shop, shop.writer);
            String ofReader = actingFor(shop, shop.analyst);
            String ofExempt = actingFor(shop, shop.exempt);
            shop.grantAll(Subject.AGENTS, Privilege.USE_CATALOG, Privilege.USE_SCHEMA, Privilege.SELECT);
            shop.policy(
                    "mask_email",
                    Set.of(Subject.EVERYONE),
                    new Condition.HasTagValue("pii", "email"),
                    new ColumnMask("system.mask.token", "c", List.of()));
            shop.govern();

            try (Connection session = shop.as(shop.writer)) {
                Shop.run(session, "INSERT INTO customers (id, email) VALUES (9000, 'guess@corp.example')");
            }
            String guess = "SELECT email FROM customers WHERE id = 9000";
            assertThat(shop.read(shop.writer, guess)).containsExactly("null");
            assertThat(shop.read(ofWriter, guess))
                    .as("what its person wrote without it")
                    .containsExactly("null");
            for (String reader : List.of(shop.analyst, ofReader, ofExempt)) {
                assertThat(shop.read(reader, guess))
                        .as("whose person is not kept from values by tokens, or writes nothing")
                        .first()
                        .asString()
                        .matches("t[0-9a-f]{20}");
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void anAgentSeesTheRowsThatItAndItsPersonMaySee(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            String ofAnalyst = actingFor(shop, shop.analyst);
            String ofExempt = actingFor(shop, shop.exempt);
            shop.grantAll(Subject.AGENTS, Privilege.ALL_PRIVILEGES);
            String regions = "SELECT DISTINCT region FROM customers ORDER BY 1";
            shop.govern();
            List<String> persons = shop.read(shop.analyst, regions);
            List<String> all = shop.read(shop.exempt, regions);
            assertThat(all).hasSizeGreaterThan(persons.size());
            assertThat(shop.read(ofAnalyst, regions)).isEqualTo(persons);

            policy(
                    shop,
                    "agents_read_but_one_region",
                    new Condition.HasTag("region"),
                    new RowFilter("system.mask.is_none_of", List.of(new Alias("c"), new Constant(persons.getFirst()))));
            shop.govern();
            assertThat(shop.read(ofAnalyst, regions)).isEqualTo(persons.subList(1, persons.size()));
            assertThat(shop.read(ofExempt, regions))
                    .isEqualTo(all.stream()
                            .filter(region -> !region.equals(persons.getFirst()))
                            .toList());
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void anAgentThatLacksNothingSharesItsPersonsProfile(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            String agent = actingFor(shop, shop.writer);
            shop.grantAll("claude", Privilege.ALL_PRIVILEGES);
            shop.govern();
            assertThat(Shop.read(
                            shop.admin,
                            "SELECT count(DISTINCT profile) FROM espalier_governance.subject WHERE principal IN ('"
                                    + agent + "', '" + shop.writer + "')"))
                    .containsExactly("1");
        }
    }
}
