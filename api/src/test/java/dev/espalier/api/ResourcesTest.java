package dev.espalier.api;

import static dev.espalier.api.TestApi.P;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** One project from its beginning to its end, by every kind of method that the API has. */
@ExtendWith(SharedApi.class)
class ResourcesTest {

    private static final String SHOP = P + "/projects/shop";
    private static final String DEV = SHOP + "/branches/dev";

    private final TestApi api;

    ResourcesTest(TestApi api) {
        this.api = api;
    }

    @Test
    void aProjectCanBeMadeUsedAndRemoved() throws ParseException {
        project();
        branch();
        endpoint();
        roleAndDatabase();
        credential();
        insight();
        port();
        end();
    }

    private void project() {
        JsonNode made = api.call(
                        "POST", P + "/projects?project_id=shop", "{\"spec\": {\"display_name\": \"The shop\"}}")
                .done();
        assertThat(made.get("@type").asString()).endsWith("v1.Project");
        assertThat(made.at("/status/default_branch").asString()).isEqualTo("projects/shop/branches/production");

        api.call("POST", P + "/projects?project_id=shop", "{}").assertRefused(409, "ALREADY_EXISTS", "ALREADY_EXISTS");
        JsonNode changed = api.call(
                        "PATCH", SHOP + "?update_mask=spec.display_name", "{\"spec\": {\"display_name\": \"New\"}}")
                .done();
        assertThat(changed.at("/status/display_name").asString()).isEqualTo("New");
        assertThat(api.get(P + "/projects").ok().get("projects").valueStream())
                .contains(api.get(SHOP).ok());
    }

    private void branch() {
        JsonNode operation = api.call("POST", SHOP + "/branches?branch_id=dev", "{\"spec\": {\"ttl\": \"3600s\"}}")
                .ok();
        assertThat(api.get(P + "/" + operation.get("name").asString())
                        .ok()
                        .get("done")
                        .asBoolean())
                .isTrue();
        String elsewhere = operation.get("name").asString().replace("branches/dev", "branches/production");
        assertThat(api.get(P + "/" + elsewhere).status()).isEqualTo(404);

        assertThat(api.get(DEV).ok().get("status").has("expire_time")).isTrue();
        api.call("PATCH", DEV + "?update_mask=spec.expiration", "{\"spec\": {\"no_expiry\": true}}")
                .done();
        assertThat(api.get(DEV).ok().get("status").has("expire_time")).isFalse();
        assertThat(api.get(SHOP + "/branches?page_size=1").ok().has("next_page_token"))
                .isTrue();
        api.call("DELETE", SHOP + "/branches/production", "").assertRefused(400, "BAD_REQUEST", "RESOURCE_CONFLICT");
    }

    private void endpoint() {
        String primary = DEV + "/endpoints/primary";
        JsonNode changed = api.call(
                        "PATCH",
                        primary + "?update_mask=spec.suspension,spec.activity_policy",
                        "{\"spec\": {\"suspend_timeout_duration\": \"900s\", \"activity_policy\": {\"counts\": \"WRITES\"}}}")
                .done();
        assertThat(changed.at("/status/suspend_timeout_duration").asString()).isEqualTo("900s");
        assertThat(changed.at("/status/activity_policy/counts").asString()).isEqualTo("WRITES");

        String host = changed.at("/status/hosts/host").asString();
        JsonNode asleep = api.call("POST", primary + "/suspend", "{}").done();
        assertThat(asleep.at("/status/current_state").asString()).isEqualTo("IDLE");
        JsonNode awake = api.call("POST", primary + "/wake", "").done();
        assertThat(awake.at("/status/current_state").asString()).isEqualTo("ACTIVE");
        assertThat(awake.at("/status/hosts/host").asString()).isEqualTo(host);
        JsonNode refused = api.call("DELETE", primary, "").json();
        assertThat(refused.at("/details/0/metadata/declarative_context").asString())
                .isEqualTo("MANAGED_BY_PARENT");
    }

    private void roleAndDatabase() {
        JsonNode role = api.call("POST", DEV + "/roles", "{\"spec\": {\"postgres_role\": \"app_writer\"}}")
                .done();
        assertThat(role.get("role_id").asString()).isEqualTo("app-writer");
        JsonNode database = api.call(
                        "POST",
                        DEV + "/databases?database_id=orders",
                        "{\"spec\": {\"role\": \"" + role.get("name").asString() + "\"}}")
                .done();
        assertThat(database.at("/status/role")).isEqualTo(role.get("name"));

        operationsOfABranchAtRest();
        JsonNode deleted = api.call("DELETE", DEV + "/databases/orders", "").done();
        assertThat(deleted).isEqualTo(Json.tree("{\"@type\": \"type.googleapis.com/google.protobuf.Empty\"}"));
        api.call("DELETE", DEV + "/roles/app-writer", "").done();
    }

    /** They are answered without waking it. */
    private void operationsOfABranchAtRest() {
        String endpoint = DEV + "/endpoints/primary";
        for (String[] change : new String[][] {
            {
                "/roles/app-writer?update_mask=spec.attributes.createdb",
                "{\"spec\": {\"attributes\": {\"createdb\": true}}}"
            },
            {
                "/databases/orders?update_mask=spec.role",
                "{\"spec\": {\"role\": \"projects/shop/branches/dev/roles/app-writer\"}}"
            }
        }) {
            JsonNode operation = api.call("PATCH", DEV + change[0], change[1]).ok();
            String name = P + "/" + operation.get("name").asString();
            assertThat(api.get(name).ok().get("response")).isEqualTo(operation.get("response"));
            api.call("POST", endpoint + "/suspend", "{}").done();
            JsonNode atRest = api.get(name).ok();
            assertThat(atRest.get("done").asBoolean()).isTrue();
            assertThat(atRest.has("response")).isFalse();
            assertThat(api.get(endpoint).ok().at("/status/current_state").asString())
                    .isEqualTo("IDLE");
        }
    }

    private void credential() throws ParseException {
        JsonNode credential = api.call(
                        "POST",
                        P + "/credentials",
                        "{\"endpoint\": \"projects/shop/branches/dev/endpoints/primary\", \"ttl\": \"300s\"}")
                .ok();
        SignedJWT token = SignedJWT.parse(credential.get("token").asString());
        String uid = api.get(DEV + "/endpoints/primary").ok().get("uid").asString();

        assertThat(token.getJWTClaimsSet().getAudience()).containsExactly(uid);
        assertThat(Duration.between(
                        Instant.now(),
                        Instant.parse(credential.get("expire_time").asString())))
                .isBetween(Duration.ofSeconds(290), Duration.ofSeconds(300));
        api.call(
                        "POST",
                        P + "/credentials",
                        "{\"endpoint\": \"projects/shop/branches/dev/endpoints/primary\", \"ttl\": \"299s\"}")
                .assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
    }

    private void insight() {
        assertThat(api.get(DEV + "/storage").ok().get("exclusive_bytes").asLong())
                .isPositive();
        assertThat(api.get(DEV + "/history").ok().get("snapshots").isArray()).isTrue();
        JsonNode diff = api.get(DEV + "/schema_diff?against=projects/shop/branches/production")
                .ok();
        assertThat(diff.get("databases")).isNotEmpty();
    }

    /** What listens is plugged in by the server; here nobody does. */
    private void port() {
        api.call("POST", DEV + "/ports", "{\"port\": 5401}")
                .assertRefused(503, "TEMPORARILY_UNAVAILABLE", "TEMPORARILY_UNAVAILABLE");
        api.call("DELETE", DEV + "/ports/x", "")
                .assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
        api.call("DELETE", DEV + "/ports/5401", "").assertRefused(404, "NOT_FOUND", "NOT_FOUND");
        assertThat(api.get(DEV + "/ports").ok().get("ports")).isEmpty();
        assertThat(api.get(P + "/ports").ok().get("ports")).isEmpty();
    }

    private void end() {
        api.call("DELETE", DEV, "").done();
        assertThat(api.get(DEV).ok().at("/status/current_state").asString()).isEqualTo("DELETED");
        api.call("POST", DEV + "/undelete", "{}").done();
        api.call("DELETE", SHOP + "?purge=true", "").ok();
    }
}
