package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Grants;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.PolicyDefinition.MatchText;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.request.Address;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whom a mask with a key binds is not shown, by his own doing, tokens of what he could have written. */
class GuessedTokensTest extends GovernedShop {

    private static final Securable SCHEMA = new Securable(SecurableType.SCHEMA, SecurableName.of(DATABASE, "public"));
    private static final String REFUSAL = "the policy give_tokens would show them tokens in ";

    private static PolicyDefinition tokens(String function) {
        return new PolicyDefinition(
                "give_tokens",
                Optional.empty(),
                CATALOG,
                Set.of("analysts"),
                Set.of(),
                "TRUE",
                List.of(new MatchText("c", "has_tag_value('pii', 'email')")),
                new Policy.ColumnMask("system.mask." + function, "c", List.of()));
    }

    private static Principal ann() {
        return test.plane.principals().named("ann").orElseThrow();
    }

    private static void take(Principal who, String from, Securable on, Privilege... privileges) {
        var _ = test.plane
                .metastore()
                .grants()
                .update(who, on, List.of(new Grants.Change(from, Set.of(), Set.of(privileges))));
    }

    private static void members(Principal actor, Directory.Entry group, String... names) {
        Set<Long> ids = Arrays.stream(names)
                .map(name -> test.plane
                        .directory()
                        .get(test.plane.principals().named(name).orElseThrow())
                        .id())
                .collect(Collectors.toSet());
        var _ = test.plane
                .directory()
                .change(
                        actor,
                        PrincipalKind.GROUP,
                        group.id(),
                        entry -> new Directory.Change(entry.name(), entry.fullName(), entry.externalId(), true, ids));
    }

    private static void annReadsAndManages() {
        grant("ann", CATALOG, Privilege.USE_CATALOG, Privilege.USE_SCHEMA, Privilege.MANAGE);
        grant("ann", SCHEMA, Privilege.SELECT);
    }

    @AfterEach
    void takeAll() {
        for (String principal : List.of("ann", "analysts", "testers")) {
            for (Securable on : List.of(CATALOG, SCHEMA, TABLE)) {
                revoke(principal, on, Privilege.ALL_PRIVILEGES, Privilege.MANAGE);
            }
        }
        members(root, testers, "bob");
    }

    @Test
    void whomAMaskWithAKeyBindsDoesNotTakeTheRightToChangeTheTableFromHimself() {
        define(tokens("token"));
        annReadsAndManages();
        grant("ann", TABLE, Privilege.MODIFY);

        assertThatThrownBy(() -> take(ann(), "ann", TABLE, Privilege.MODIFY))
                .hasMessageContaining("ann would see more after this change")
                .hasMessageContaining("tokens in " + PEOPLE)
                .hasMessageContaining(REFUSAL)
                .hasMessageContaining("read NULL as long as they may change the table");
        // Else he could give himself back, after that, no more than the right to read.
        assertThatThrownBy(() -> take(ann(), "ann", SCHEMA, Privilege.SELECT)).hasMessageContaining(REFUSAL);
        assertThatThrownBy(() -> take(ann(), "ann", CATALOG, Privilege.USE_SCHEMA))
                .hasMessageContaining(REFUSAL);

        grant("ann", SCHEMA, Privilege.MODIFY);
        take(ann(), "ann", TABLE, Privilege.MODIFY);
        assertThatThrownBy(() -> take(ann(), "ann", SCHEMA, Privilege.MODIFY)).hasMessageContaining(REFUSAL);
        take(root, "ann", SCHEMA, Privilege.MODIFY);
    }

    @Test
    void whomAMaskWithAKeyBindsTakesTheRightToChangeTheTableFromNoGroupOfTheirs() {
        define(tokens("token"));
        annReadsAndManages();
        grant("analysts", TABLE, Privilege.MODIFY);
        assertThatThrownBy(() -> take(ann(), "analysts", TABLE, Privilege.MODIFY))
                .hasMessageContaining(REFUSAL);
    }

    @Test
    void whomAMaskWithAKeyBindsDoesNotLeaveTheGroupOfThoseWhoMayChangeTheTable() {
        define(tokens("token"));
        annReadsAndManages();
        grant("testers", SCHEMA, Privilege.MODIFY);
        members(root, testers, "bob", "ann");

        assertThatThrownBy(() -> members(ann(), testers, "bob")).hasMessageContaining(REFUSAL);
        assertThatThrownBy(() -> test.plane.directory().delete(ann(), PrincipalKind.GROUP, testers.id()))
                .hasMessageContaining(REFUSAL);
        members(root, testers, "bob");
    }

    @Test
    void whomAMaskWithAKeyBindsDoesNotLeaveTheManagersOfTheProject() {
        define(tokens("token"));
        annReadsAndManages();
        use(root, "ann", Permission.CAN_MANAGE);

        assertThatThrownBy(() -> use(ann(), "ann", Permission.CAN_USE)).hasMessageContaining(REFUSAL);
        use(root, "ann", Permission.CAN_USE);
    }

    private static void use(Principal actor, String whom, Permission permission) {
        var _ = test.plane
                .access()
                .change(actor, "shop", List.of(new AccessLists.Wanted(whom, Optional.empty(), permission)), false);
    }

    @Test
    void anAgentIsHeldToItAsItsPersonIs() {
        PolicyDefinition policy = tokens("token");
        define(policy.with(Set.of("agents"), Set.of()));
        annReadsAndManages();
        grant("agents", CATALOG, Privilege.ALL_PRIVILEGES);
        user("robot");
        var _ = test.plane
                .logins()
                .open(ann(), Optional.of("robot"), Address.parse("shop/" + DATABASE), Optional.empty());
        Principal robot = test.plane.principals().named("robot").orElseThrow();
        grant("robot", CATALOG, Privilege.MANAGE);
        use(root, "robot", Permission.CAN_USE);

        assertThatThrownBy(() -> take(robot, "agents", CATALOG, Privilege.ALL_PRIVILEGES))
                .hasMessageContaining(REFUSAL);
        take(ann(), "agents", CATALOG, Privilege.ALL_PRIVILEGES);
        revoke("robot", CATALOG, Privilege.MANAGE);
    }

    @Test
    void whereAMaskHasNoKeyOrBindsAnotherTheRightToChangeIsHisToGiveAway() {
        annReadsAndManages();
        grant("ann", TABLE, Privilege.MODIFY);
        define(tokens("redact"));
        take(ann(), "ann", TABLE, Privilege.MODIFY);
        test.plane.metastore().policies().delete(root, CATALOG, "give_tokens");

        grant("ann", TABLE, Privilege.MODIFY);
        define(tokens("token").with(Set.of("testers"), Set.of()));
        take(ann(), "ann", TABLE, Privilege.MODIFY);
        assertThat(test.plane.metastore().grants().of(root, TABLE, Optional.of("ann")))
                .isEmpty();
    }
}
