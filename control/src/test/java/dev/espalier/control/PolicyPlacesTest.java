package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.DefinedPolicy;
import dev.espalier.control.metastore.Policies;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.identity.Principal;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** On which thing a policy is, and that there is such a thing. */
class PolicyPlacesTest extends GovernedShop {

    private static final Securable FUNCTION = new Securable(SecurableType.FUNCTION, PEOPLE);

    private static Policies policies() {
        return test.plane.metastore().policies();
    }

    private static PolicyDefinition onPeople() {
        return filter(DATABASE + ".public.in_bern", "c");
    }

    @Test
    void whoRulesAFunctionRulesNoPolicyOfTheTableThatIsCalledLikeIt() throws SQLException {
        test.execute("production", "CREATE FUNCTION people() RETURNS int LANGUAGE sql RETURN 1");
        PolicyDefinition policy = onPeople();
        define(policy);
        grant("steward", FUNCTION, Privilege.MANAGE);

        assertThatThrownBy(() -> policies().delete(steward, FUNCTION, policy.name()))
                .hasMessageContaining("there is no policy only_bern on the function " + PEOPLE);
        assertThatThrownBy(() -> policies().update(steward, FUNCTION, policy.name(), before -> before))
                .hasMessageContaining("there is no policy only_bern on the function " + PEOPLE);
        assertThatThrownBy(() -> policies().get(steward, FUNCTION, policy.name()))
                .hasMessageContaining("there is no policy only_bern on the function " + PEOPLE);
        assertThat(policies().list(root, TABLE, false)).hasSize(1);

        revoke("steward", FUNCTION, Privilege.MANAGE);
        test.execute("production", "DROP FUNCTION people");
    }

    @Test
    void policiesAreListedOfWhatIsThereAlone() throws SQLException {
        define(mask());
        for (boolean inherited : List.of(true, false)) {
            assertThatThrownBy(() -> policies().list(root, table("persn"), inherited))
                    .hasMessageContaining("there is no table " + DATABASE + ".public.persn")
                    .hasMessageContaining("people");
            assertThatThrownBy(() -> policies().list(root, schema("publik"), inherited))
                    .hasMessageContaining("there is no schema " + DATABASE + ".publik");
            assertThatThrownBy(() -> policies().list(root, FUNCTION, inherited))
                    .hasMessageContaining("on a catalog, a schema or a table, and not on a function");
        }
        test.execute("production", "CREATE TABLE leads (id int)");
        assertThat(policies().list(root, table("leads"), true)).hasSize(1);
        assertThat(policies().list(root, schema("public"), true)).hasSize(1);
        grant("ann", table("leads"), Privilege.SELECT);
        test.execute("production", "DROP TABLE leads");
        assertThat(policies().list(root, table("leads"), true))
                .as("other branches have it, and what is said of it holds there")
                .hasSize(1);
        revoke("ann", table("leads"), Privilege.SELECT);
    }

    @Test
    void whatIsSaidOfAFunctionIsNotSaidOfATableOfItsName() throws SQLException {
        define(mask());
        Securable function = new Securable(SecurableType.FUNCTION, SecurableName.of(DATABASE, "public", "in_bern"));
        grant("ann", function, Privilege.EXECUTE);

        assertThatThrownBy(() -> policies().list(root, table("in_bern"), true))
                .hasMessageContaining("there is no table " + DATABASE + ".public.in_bern");
        revoke("ann", function, Privilege.EXECUTE);
    }

    @Test
    void whoReplacesAPolicyKeepsItsIdAndItsMaker() {
        Principal bob = test.plane.principals().named("bob").orElseThrow();
        grant("bob", CATALOG, Privilege.MANAGE);
        DefinedPolicy made = policies().createOrReplace(root, mask()).after().orElseThrow();

        PolicyDefinition wanted = mask().with(Set.of("analysts"), Set.of("bob"));
        var changed = policies().createOrReplace(bob, wanted);

        assertThat(changed.before()).contains(made);
        DefinedPolicy after = changed.after().orElseThrow();
        assertThat(after.definition()).isEqualTo(wanted);
        assertThat(List.of(after.id(), after.createdBy(), after.updatedBy())).containsExactly(made.id(), "root", "bob");
        revoke("bob", CATALOG, Privilege.MANAGE);
    }

    @Test
    void ofTwoWhoCreateOrReplaceAPolicyAtOnceBothDo() {
        for (int round = 0; round < 5; round++) {
            Supplier<String> replace = () -> policies()
                    .createOrReplace(root, mask())
                    .after()
                    .orElseThrow()
                    .id();
            List<CompletableFuture<String>> both = Stream.of(replace, replace)
                    .map(CompletableFuture::supplyAsync)
                    .toList();

            assertThat(both.stream().map(CompletableFuture::join).distinct()).hasSize(1);
            policies().delete(root, CATALOG, mask().name());
        }
    }

    private static Securable table(String name) {
        return new Securable(SecurableType.TABLE, SecurableName.of(DATABASE, "public", name));
    }

    private static Securable schema(String name) {
        return new Securable(SecurableType.SCHEMA, SecurableName.of(DATABASE, name));
    }
}
