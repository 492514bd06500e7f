package dev.espalier.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClientSecretsTest {

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
        String hash = secrets.hash(secret);

        assertThat(secrets.matches(secret, hash)).isTrue();
        assertThat(secrets.matches(secrets.generate(), hash)).isFalse();
        assertThat(secrets.matches(secret + "x", hash)).isFalse();
        assertThat(secrets.matches("", hash)).isFalse();
    }

    @Test
    void whatIsKeptHoldsNeitherTheSecretNorTheSameTextTwice() {
        String secret = secrets.generate();

        assertThat(secrets.hash(secret)).doesNotContain(secret.substring(4)).isNotEqualTo(secrets.hash(secret));
    }

    @Test
    void refusesToCompareWithWhatIsNotAHash() {
        assertThatThrownBy(() -> secrets.matches("esp_x", "esp_x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("esp_x");
    }
}
