package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Policies;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.PolicyDefinition.MatchText;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whom a policy binds may call its function: who makes the policy must be let call it himself. */
class PolicyFunctionRightsTest extends GovernedShop {

    private static final Securable TOKEN =
            new Securable(SecurableType.FUNCTION, SecurableName.of(DATABASE, "public", "tok"));

    @BeforeEach
    void theFunctionIsNotEverybodys() throws SQLException {
        test.execute("production", """
                CREATE FUNCTION tok(v text) RETURNS text LANGUAGE sql IMMUTABLE RETURN 'x';
                REVOKE EXECUTE ON FUNCTION tok FROM PUBLIC""");
        grant("steward", TABLE, Privilege.MANAGE);
    }

    @AfterEach
    void forget() throws SQLException {
        clean();
        revoke("steward", TABLE, Privilege.MANAGE);
        test.execute("production", "DROP FUNCTION tok");
    }

    private static Policies policies() {
        return test.plane.metastore().policies();
    }

    private static PolicyDefinition by(String function, String comment) {
        return new PolicyDefinition(
                "hide",
                Optional.of(comment),
                TABLE,
                Set.of("analysts"),
                Set.of(),
                "TRUE",
                List.of(new MatchText("c", "has_tag_value('pii', 'email')")),
                new Policy.ColumnMask(function, "c", List.of()));
    }

    private static PolicyDefinition byToken() {
        return by(TOKEN.name().toString(), "tokens");
    }

    private static void refused(ThrowingCallable making) {
        assertThatThrownBy(making)
                .hasMessageContaining("steward may not call the function " + TOKEN.name())
                .hasMessageContaining("GRANT EXECUTE ON FUNCTION");
    }

    @Test
    void whoMayNotCallAFunctionGivesItToNobodyByAPolicy() {
        refused(() -> policies().create(steward, byToken()));
        refused(() -> policies().createOrReplace(steward, byToken()));
        policies().create(steward, by("system.mask.redact", "hidden"));
        refused(() -> policies().update(steward, TABLE, "hide", _ -> byToken()));
        refused(() -> policies().createOrReplace(steward, byToken()));
    }

    @Test
    void whoHasItMakesThePolicyAndWhoChangesThatLaterNeedNotHaveIt() {
        grant("steward", TOKEN, Privilege.EXECUTE);
        policies().create(steward, byToken());
        revoke("steward", TOKEN, Privilege.EXECUTE);

        policies().update(steward, TABLE, "hide", _ -> by(TOKEN.name().toString(), "as before"));
        assertThat(policies().get(root, TABLE, "hide").definition().comment()).contains("as before");
    }

    @Test
    void whatPublicMayExecuteServesEverybodysPolicies() throws SQLException {
        test.execute("production", "GRANT EXECUTE ON FUNCTION tok TO PUBLIC");
        assertThat(policies().create(steward, byToken()).after()).isPresent();
    }
}
