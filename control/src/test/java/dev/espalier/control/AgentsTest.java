package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.PolicyDefinition.MatchText;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.request.Address;
import dev.espalier.identity.PrincipalKind;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who acts for whom, and who may connect to which branch. */
class AgentsTest extends GovernedShop {
    private static Logins.Destination asAgent(String principal, String agent) {
        return test.plane
                .logins()
                .open(
                        test.plane.principals().named(principal).orElseThrow(),
                        Optional.of(agent),
                        Address.parse("shop/" + DATABASE),
                        Optional.empty());
    }

    @Test
    void anAgentHasARoleOfItsOwnForEachPersonWhichTheRulesKnowAndWhichNeverManages() throws SQLException {
        define(mask());
        String unknown = asAgent("ann", "cluade").role();
        assertThat(unknown)
                .startsWith("espalier_agent_")
                .isEqualTo(asAgent("ann", "cladue").role());
        assertThat(admittedSubject(unknown).agent().orElseThrow().names())
                .containsExactlyInAnyOrder(Subject.AGENTS, Subject.EVERYONE);

        user("claude");
        Directory.Entry group = group("assistants", "claude");
        String known = asAgent("ann", "claude").role();
        assertThat(known).isNotEqualTo(unknown);
        Subject subject = admittedSubject(known);
        assertThat(subject.names()).contains("ann", "analysts").doesNotContain("claude");
        assertThat(subject.agent().orElseThrow().names()).contains("claude", "assistants", Subject.AGENTS);

        String ofManager = asAgent("bob", "claude").role();
        assertThat(ofManager).isNotEqualTo(known);
        assertThat(isSuperuser(ofManager)).isEqualTo("f");
        assertThat(test.admission.prepared).contains(new TestAdmission.Prepared(DATABASE, ofManager));

        long claude = test.plane
                .directory()
                .get(test.plane.principals().named("claude").orElseThrow())
                .id();
        define(mask("hide_phone", Set.of("claude"), Set.of(), "phone"));
        assertThatThrownBy(() -> test.plane.directory().delete(root, PrincipalKind.SERVICE_PRINCIPAL, claude))
                .hasMessageContaining("policies are for it");
        test.plane
                .directory()
                .change(
                        root,
                        PrincipalKind.SERVICE_PRINCIPAL,
                        claude,
                        entry -> new Directory.Change(
                                entry.name(), entry.fullName(), entry.externalId(), false, Set.of()));
        assertThatThrownBy(() -> asAgent("ann", "claude"))
                .hasMessageContaining("claude is a service principal that is not");
        test.plane.metastore().policies().delete(root, CATALOG, "hide_phone");
        test.plane.directory().delete(root, PrincipalKind.GROUP, group.id());
        test.plane.directory().delete(root, PrincipalKind.SERVICE_PRINCIPAL, claude);
    }

    private static Subject admittedSubject(String role) {
        return test.admission.admitted.getLast().rules().subjects().stream()
                .filter(subject -> subject.name().equals(role))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void anAgentOfARemovedOnesNameGetsNothingThatWasTheRemovedOnes() throws SQLException {
        define(mask());
        user("helper");
        String role = asAgent("ann", "helper").role();
        test.execute("production", "GRANT CREATE ON SCHEMA public TO " + role);
        try (Connection session = test.connectAs(role, "production", DATABASE);
                var statement = session.createStatement()) {
            statement.execute("CREATE TABLE note (v int)");
        }
        test.plane
                .directory()
                .delete(
                        root,
                        PrincipalKind.SERVICE_PRINCIPAL,
                        test.plane
                                .directory()
                                .get(test.plane.principals().named("helper").orElseThrow())
                                .id());
        user("helper");
        assertThat(asAgent("ann", "helper").role()).isEqualTo(role);
        assertThat(test.query("production", "SELECT tableowner FROM pg_tables WHERE tablename = 'note'"))
                .startsWith(role.replace("espalier_", "") + " (deleted ");
    }

    @Test
    void whereThereAreNoRulesAnAgentHasItsPersonsRole() {
        test.succeed(test.plane.projects().create(CALLER, "free", PLAIN));
        assertThat(test.plane
                        .logins()
                        .open(root, Optional.of("claude"), Address.parse("free/" + DATABASE), Optional.empty())
                        .role())
                .isEqualTo("root");
    }

    @Test
    void theSessionsThatARemovedPrincipalHoldsAsAnAgentEndAndNoneBegins() {
        define(mask());
        user("bot");
        Directory.Entry bot =
                test.plane.directory().get(test.plane.principals().named("bot").orElseThrow());
        test.succeed(test.plane.projects().create(CALLER, "unruled", PLAIN));
        Logins.Destination ruled = asAgent("ann", "bot");
        Logins.Destination free = test.plane
                .logins()
                .open(root, Optional.of(bot.uid()), Address.parse("unruled/" + DATABASE), Optional.empty());
        List<String> ended = new ArrayList<>();
        enter(ruled, () -> ended.add("ruled"));
        enter(free, () -> ended.add("free"));
        enter(asAgent("ann", "claude"), () -> ended.add("another agent's"));

        test.plane.directory().delete(root, bot.kind(), bot.id());

        assertThat(ended).containsExactlyInAnyOrder("ruled", "free");
        for (Logins.Destination begun : List.of(ruled, free)) {
            assertThatThrownBy(() -> enter(begun, () -> {}))
                    .hasMessageContaining("has been removed during the sign-in");
        }
    }

    private static void enter(Logins.Destination to, Runnable removed) {
        var _ = test.plane.logins().enter(to, "psql", _ -> {}, removed);
    }

    private static void connect(String principal, Optional<String> agent, String branch) {
        test.plane
                .logins()
                .open(
                        test.plane.principals().named(principal).orElseThrow(),
                        agent,
                        Address.parse("shop/" + DATABASE + "@" + branch),
                        Optional.empty());
    }

    @Test
    void onceUseBranchWasGivenOnlyWhoHasItConnectsToAnyBranchButTheDefaultThoughNobodyHasItAnyMore() {
        define(mask());
        test.succeed(branch("usable"));
        connect("ann", Optional.empty(), "usable");

        grant("steward", CATALOG, Privilege.USE_BRANCH);
        assertThatThrownBy(() -> connect("ann", Optional.empty(), "usable"))
                .hasMessageContaining("ann may not connect to projects/shop/branches/usable")
                .hasMessageContaining("GRANT USE BRANCH ON CATALOG " + DATABASE + " TO `ann`");
        connect("ann", Optional.empty(), "production");
        connect("steward", Optional.empty(), "usable");
        connect("bob", Optional.empty(), "usable");

        grant("analysts", CATALOG, Privilege.USE_BRANCH);
        connect("ann", Optional.empty(), "usable");
        assertThatThrownBy(() -> connect("ann", Optional.of("claude"), "usable"))
                .hasMessageContaining("TO `agents`");
        assertThatThrownBy(() -> connect("bob", Optional.of("claude"), "usable"))
                .hasMessageContaining("TO `agents`");
        grant(Subject.AGENTS, CATALOG, Privilege.USE_BRANCH);
        connect("ann", Optional.of("claude"), "usable");

        for (String principal : List.of("steward", "analysts", Subject.AGENTS)) {
            revoke(principal, CATALOG, Privilege.USE_BRANCH);
        }
        assertThatThrownBy(() -> connect("ann", Optional.empty(), "usable"))
                .hasMessageContaining("GRANT USE BRANCH ON CATALOG " + DATABASE + " TO `ann`");
        connect("ann", Optional.empty(), "production");

        Directory.Entry lookers = group("lookers", "ann");
        grant("lookers", CATALOG, Privilege.USE_BRANCH);
        connect("ann", Optional.empty(), "usable");
        test.plane.directory().delete(root, PrincipalKind.GROUP, lookers.id());
        assertThatThrownBy(() -> connect("ann", Optional.empty(), "usable"))
                .hasMessageContaining("ann may not connect to projects/shop/branches/usable");

        grant(Subject.EVERYONE, CATALOG, Privilege.USE_BRANCH);
        connect("ann", Optional.empty(), "usable");
        connect("ann", Optional.of("claude"), "usable");
        test.succeed(test.plane.branches().delete(CALLER, "shop", "usable", true));
    }

    @Test
    void theGroupOfAllAgentsStaysAsItIs() {
        Directory.Entry agents = test.plane
                .directory()
                .list(
                        PrincipalKind.GROUP,
                        Optional.of(new Directory.Filter(Directory.Attribute.NAME, Subject.AGENTS)),
                        0,
                        1)
                .entries()
                .getFirst();
        assertThatThrownBy(() -> test.plane.directory().delete(root, PrincipalKind.GROUP, agents.id()))
                .hasMessageContaining("every agent is in it");
        assertThatThrownBy(() -> user("espalier_agent_0123456789abcdef")).hasMessageContaining("reserved");
    }

    @Test
    void anAgentsMaskMayBeAnotherThanItsPersons() {
        define(mask());
        asAgent("ann", "claude");
        define(new PolicyDefinition(
                "agents_read_ends",
                Optional.empty(),
                CATALOG,
                Set.of(Subject.AGENTS),
                Set.of(),
                "TRUE",
                List.of(new MatchText("c", "has_tag_value('pii', 'email')")),
                new Policy.ColumnMask("system.mask.keep_last", "c", List.of(new Policy.Constant("2")))));
    }
}
