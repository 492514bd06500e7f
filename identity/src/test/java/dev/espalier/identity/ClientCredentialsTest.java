package dev.espalier.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.identity.ClientCredentials.Verifiers;
import dev.espalier.identity.Verdict.Accepted;
import dev.espalier.identity.Verdict.Reason;
import dev.espalier.identity.Verdict.Refused;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClientCredentialsTest {

    private static final Principal CI = ListedPrincipals.program("c-ci", "ci");
    private static final Principal ANN = ListedPrincipals.person("u-ann", "ann@example.com");
    private static final Principal GONE =
            new Principal("c-gone", PrincipalKind.SERVICE_PRINCIPAL, "gone", false, Set.of());

    private final ClientSecrets secrets = new ClientSecrets(new SecureRandom());
    private final ListedPrincipals principals = new ListedPrincipals(CI, ANN, GONE);
    private final ClientCredentials credentials = new ClientCredentials(principals, secrets);
    private final String first = secrets.keep("esp_1", List.of());
    private final String second = secrets.keep("esp_2", List.of(first));

    @Test
    void eachOfItsSecretsSignsAServicePrincipalInByNameOrClientId() {
        principals.secret(CI, first);
        principals.secret(CI, second);

        for (String name : List.of("ci", "c-ci")) {
            for (String secret : List.of("esp_1", "esp_2")) {
                assertThat(credentials.check(name, secret)).isEqualTo(new Accepted<>(CI));
            }
        }
        assertThat(credentials.verifiers("ci")).isEqualTo(new Accepted<>(new Verifiers(CI, List.of(second, first))));
    }

    @Test
    void whoIsRefusedIsToldWhy() {
        principals.secret(CI, first);
        principals.secret(GONE, first);

        assertRefused(credentials.check("ci", "esp_2"), Reason.WRONG_SECRET, "revoked");
        assertRefused(credentials.check("nobody", "esp_1"), Reason.UNKNOWN_PRINCIPAL, "nobody");
        assertRefused(credentials.check("ann@example.com", "esp_1"), Reason.WRONG_SECRET, "is a user");
        assertRefused(credentials.check("gone", "esp_1"), Reason.INACTIVE_PRINCIPAL, "deactivated");
        assertRefused(credentials.verifiers("nobody"), Reason.UNKNOWN_PRINCIPAL, "nobody");
        assertRefused(credentials.verifiers("ann@example.com"), Reason.WRONG_SECRET, "access token");
        assertRefused(credentials.verifiers("gone"), Reason.INACTIVE_PRINCIPAL, "deactivated");
    }

    @Test
    void aSecretOfBeforeScramIsNoUseForItAndTheFixIsSaid() {
        principals.secret(CI, "sha256$c2FsdA$AAAA");

        assertRefused(credentials.verifiers("ci"), Reason.WRONG_SECRET, "espalier principals secret ci");
    }

    private static void assertRefused(Verdict<?> verdict, Reason reason, String part) {
        assertThat(verdict).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.reason()).isEqualTo(reason);
            assertThat(refused.message()).contains(part);
        });
    }
}
