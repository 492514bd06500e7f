package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.DefinedPolicy;
import dev.espalier.control.metastore.Policies;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.PolicySets;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Names of policies, and of the functions that they call. */
class PolicyNamesTest extends GovernedShop {

    private static Policies policies() {
        return test.plane.metastore().policies();
    }

    private static List<String> names() {
        return policies().list(root, CATALOG, false).stream()
                .map(policy -> policy.definition().name())
                .toList();
    }

    @Test
    void capitalsOfAPolicysNameCountOnlyWhereTwoDifferInNothingElse() {
        PolicyDefinition mask = mask();
        define(mask.named("Hide"));
        assertThat(policies().get(root, CATALOG, "hide").definition().name()).isEqualTo("Hide");
        assertThatThrownBy(() -> define(mask.named("HIDE"))).hasMessageContaining("there is a policy HIDE");
        var _ = policies().update(root, CATALOG, "hide", policy -> policy.with(policy.to(), Set.of("testers")));
        assertThat(names()).containsExactly("Hide");
        var _ = policies().update(root, CATALOG, "hide", policy -> policy.named("hide"));
        assertThat(names()).containsExactly("hide");
        // As sets could have them.
        define(mask("phones", Set.of("analysts"), Set.of(), "phone"));
        test.change("UPDATE control.policy SET name = 'HIDE' WHERE name = 'phones'");
        assertThat(policies().find(root, CATALOG, "Hide")).isEmpty();
        assertThat(policies().find(root, CATALOG, "HIDE").map(DefinedPolicy::definition))
                .map(PolicyDefinition::name)
                .contains("HIDE");
        policies().delete(root, CATALOG, "hide");
        assertThat(names()).containsExactly("HIDE");
    }

    @Test
    void aSetChangesThePolicyWhoseNameDiffersInCapitalsAndHoldsNoTwo() {
        DefinedPolicy before = define(mask().named("hide_set")).after().orElseThrow();
        PolicySets sets = test.plane.metastore().policySets();
        var _ = sets.apply(root, DATABASE, List.of(mask().named("HIDE_SET")), OptionalLong.empty());
        assertThat(policies().get(root, CATALOG, "HIDE_SET"))
                .extracting(DefinedPolicy::id, DefinedPolicy::createTime)
                .containsExactly(before.id(), before.createTime());
        PolicyDefinition phones = mask("phones", Set.of("analysts"), Set.of(), "phone");
        assertThatThrownBy(() -> sets.apply(
                        root, DATABASE, List.of(mask().named("other"), phones.named("Other")), OptionalLong.empty()))
                .hasMessageContaining("whose names differ in capitals alone");
        policies().delete(root, CATALOG, "HIDE_SET");
    }

    @Test
    void aFunctionsNameIsKeptInOneFormWhateverItWasWrittenIn() throws SQLException {
        test.execute(
                "production",
                "CREATE FUNCTION \"hide.it\"(v text) RETURNS text LANGUAGE sql IMMUTABLE RETURN '';"
                        + " CREATE FUNCTION hide_it(v text) RETURNS text LANGUAGE sql IMMUTABLE RETURN ''");
        assertThat(kept("system.`mask`.redact")).isEqualTo("system.mask.redact");
        assertThat(kept(DATABASE + ".public.`hide_it`")).isEqualTo(DATABASE + ".public.hide_it");
        assertThat(kept("`" + DATABASE + "`.public.`hide.it`")).isEqualTo(DATABASE + ".public.`hide.it`");
        assertThatThrownBy(() -> kept(DATABASE + ".public.hide.it"))
                .hasMessageContaining("not the full name of a function");
    }

    private static String kept(String function) {
        PolicyDefinition mask = mask();
        DefinedPolicy made = define(new PolicyDefinition(
                        mask.name(),
                        mask.comment(),
                        mask.on(),
                        mask.to(),
                        mask.except(),
                        mask.when(),
                        mask.match(),
                        new Policy.ColumnMask(function, "c", List.of())))
                .after()
                .orElseThrow();
        policies().delete(root, CATALOG, mask.name());
        return made.definition().effect().function();
    }
}
