package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.gateway.CancelKeys.Key;
import dev.espalier.gateway.CancelKeys.Target;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CancelKeysTest {

    private final CancelKeys keys = new CancelKeys();
    private final Target one = new Target(Path.of("/run/one"), 7, new Secret(new byte[] {1, 2, 3, 4}));
    private final Target other = new Target(Path.of("/run/other"), 7, new Secret(new byte[] {5, 6, 7, 8}));

    @Test
    void aBackendsOwnSecretOpensNothing() {
        Key key = keys.issue(0, one);

        assertThat(key.secret().matches(one.secret())).isFalse();
        assertThat(keys.find(7, one.secret())).isEmpty();
        assertThat(keys.find(7, key.secret())).contains(one);
    }

    @Test
    void backendsOfTheSameProcessIdAreToldApart() {
        Key first = keys.issue(0, one);
        Key second = keys.issue(2, other);

        assertThat(keys.find(7, first.secret())).contains(one);
        assertThat(keys.find(7, second.secret())).contains(other);
        keys.revoke(first);
        assertThat(keys.find(7, first.secret())).isEmpty();
        assertThat(keys.find(7, second.secret())).contains(other);
    }
}
