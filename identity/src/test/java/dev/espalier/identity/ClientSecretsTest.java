package dev.espalier.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClientSecretsTest {

    /** As installations of before SCRAM have it, of the secret "esp_old". */
    private static final String OLD = "sha256$c2FsdA$vFASSdm3B6o_34dZD9NAxaXu4vVPaii5GtMVFBKZsr4";

    private final ClientSecrets secrets = new ClientSecrets(new SecureRandom());

    @Test
    void aSecretIs256BitsInBase64urlBehindThePrefix() {
        assertThat(secrets.generate()).matches("esp_[A-Za-z0-9_-]{43}");
    }

    @Test
    void noSecretIsMadeTwice() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            assertThat(seen.add(secrets.generate())).isTrue();
        }
    }

    @Test
    void acceptsTheSecretAndNoOther() {
        String secret = secrets.generate();
        List<String> kept = List.of(secrets.keep(secret, List.of()));

        assertThat(secrets.matches(secret, kept)).isTrue();
        for (String other : List.of(secrets.generate(), secret + "x", "", "\0", "é", "x".repeat(1_000_000))) {
            assertThat(secrets.matches(other, kept)).isFalse();
        }
    }

    @Test
    void whatIsKeptIsWhatPostgresWouldKeep() {
        // Made by Python's hashlib, by the formulas of RFC 5802 and in the form of PostgreSQL's pg_authid.
        String postgres = "SCRAM-SHA-256$4096:KSlJsEJW2OYKXszdGvBNXg==$cFagiNilXw3Jl2IKhDaWjC3fYUIEPhQO3SHY5zQVxEk=:"
                + "FkOuttDsXYG6WN6s539bhB0XNrYHmHSDtLrnavzcndk=";
        assertThat(secrets.keep("esp_x", List.of(postgres))).isEqualTo(postgres);
        assertThat(secrets.matches("esp_x", List.of(postgres))).isTrue();
    }

    @Test
    void allSecretsOfOneHaveTheSameSaltBecauseScramTellsItFirst() {
        String first = secrets.keep("esp_1", List.of());
        String second = secrets.keep("esp_2", List.of(first, OLD));

        assertThat(ClientSecrets.verifiers(List.of(second, first, OLD))).containsExactly(second, first);
        assertThat(secrets.matches("esp_1", List.of(second, first))).isTrue();
        assertThat(secrets.matches("esp_2", List.of(second, first))).isTrue();
        assertThat(secrets.keep("esp_1", List.of())).isNotEqualTo(first);
    }

    @Test
    void aSecretOfAnOlderInstallationIsStillTheOne() {
        assertThat(secrets.matches("esp_old", List.of(OLD))).isTrue();
        assertThat(secrets.matches("esp_new", List.of(OLD))).isFalse();
        assertThat(ClientSecrets.verifiers(List.of(OLD))).isEmpty();
    }

    @Test
    void whatIsKeptDoesNotHoldTheSecret() {
        String secret = secrets.generate();

        assertThat(secrets.keep(secret, List.of())).doesNotContain(secret.substring(4));
    }

    @Test
    void refusesToCompareWithWhatWasNotKept() {
        assertThatThrownBy(() -> secrets.matches("esp_x", List.of("esp_x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("esp_x");
    }
}
