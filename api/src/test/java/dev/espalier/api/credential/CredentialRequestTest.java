package dev.espalier.api.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.api.Json;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ResourceName;
import dev.espalier.identity.DatabaseCredentials.Claim;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CredentialRequestTest {

    private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
    private static final String ENDPOINT = "\"endpoint\": \"projects/shop/branches/dev/endpoints/primary\"";

    @Test
    void itIsForOneEndpointAndLivesForAnHour() {
        CredentialRequest wanted = read("{" + ENDPOINT + "}");

        assertThat(wanted.endpointName()).isEqualTo(ResourceName.below("shop", "dev", "endpoints", "primary"));
        assertThat(wanted.lifetime(NOW)).isEqualTo(Duration.ofHours(1));
        assertThat(wanted.limits()).isEmpty();
    }

    @Test
    void itsLifeIsGivenAsALengthOrAsAnEnd() {
        assertThat(read("{\"ttl\": \"300.5s\"}").lifetime(NOW)).isEqualTo(Duration.ofMillis(300_500));
        assertThat(read("{\"expire_time\": \"2026-11-25T10:30:00Z\"}").lifetime(NOW))
                .isEqualTo(Duration.ofMinutes(30));
        assertThatThrownBy(() -> read("{\"ttl\": \"300s\", \"expire_time\": \"2026-11-25T10:30:00Z\"}")
                        .lifetime(NOW))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("both given");
    }

    @Test
    void itCanBeLimitedToTables() {
        assertThat(read("""
                        {"claims": [{"permission_set": "READ_ONLY", "resources": [{"table_name": "main.public.orders"}]}]}""").limits()).isEqualTo(List.of(new Claim("READ_ONLY", List.of("main.public.orders"))));
        assertThatThrownBy(() -> read("{\"claims\": [{\"resources\": []}]}").limits())
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("claims.permission_set is missing");
    }

    @Test
    void theAnswersTextHasNoToken() {
        CredentialResource credential = new CredentialResource("ey.secret", NOW);

        assertThat(credential.toString()).doesNotContain("secret");
        assertThat(Json.answer(credential))
                .isEqualTo(Json.tree("{\"token\": \"ey.secret\", \"expire_time\": \"2026-11-25T10:00:00Z\"}"));
    }

    private static CredentialRequest read(String body) {
        return Json.request(body, CredentialRequest.class);
    }
}
