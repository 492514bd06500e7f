package dev.espalier.api;

import static dev.espalier.api.TestApi.P;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Who may do what with which project. */
@ExtendWith(SharedApi.class)
class AccessTest {

    private final TestApi api;

    AccessTest(TestApi api) {
        this.api = api;
    }

    @Test
    void whoIsOnNoListSeesNoProjectAndIsNoAdministrator() {
        api.call("POST", P + "/projects?project_id=hidden", "{\"spec\":{}}").done();
        String token = token(principal("stranger"));

        assertThat(as(token, "GET", P + "/projects", "").ok().get("projects")).isEmpty();
        as(token, "GET", P + "/projects/hidden", "").assertRefused(404, "NOT_FOUND", "NOT_FOUND");
        as(token, "POST", P + "/projects?project_id=mine", "{\"spec\":{}}")
                .assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        as(token, "GET", P + "/calls", "").assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        as(token, "POST", P + "/principals", "{\"name\":\"more\",\"administrator\":true}")
                .assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        as(
                        token,
                        "POST",
                        P + "/credentials",
                        "{\"endpoint\":\"projects/hidden/branches/production/endpoints/primary\"}")
                .assertRefused(404, "NOT_FOUND", "NOT_FOUND");
    }

    @Test
    void whoMayUseAProjectSeesItAndWhoManagesItChangesIt() {
        api.call("POST", P + "/projects?project_id=shared", "{\"spec\":{}}").done();
        String user = token(principal("user"));
        String manager = token(principal("manager"));
        String list = "/api/2.0/permissions/database-projects/shared";
        api.call("PATCH", list, entry("user", "CAN_USE")).ok();
        JsonNode entries =
                api.call("PATCH", list, entry("manager", "CAN_MANAGE")).ok().get("access_control_list");
        assertThat(entries).hasSize(2);

        assertThat(as(user, "GET", P + "/projects", "").ok().get("projects")).hasSize(1);
        as(user, "GET", P + "/projects/shared/branches", "").ok();
        as(user, "POST", P + "/projects/shared/branches?branch_id=b", "{\"spec\":{\"no_expiry\":true}}")
                .assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        as(user, "PATCH", list, entry("user", "CAN_MANAGE"))
                .assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        as(manager, "POST", P + "/projects/shared/branches?branch_id=b", "{\"spec\":{\"no_expiry\":true}}")
                .done();

        api.call("PUT", list, entry("manager", "CAN_MANAGE")).ok();
        as(user, "GET", P + "/projects/shared", "").assertRefused(404, "NOT_FOUND", "NOT_FOUND");
    }

    @Test
    void aListNamesOnlyPrincipalsThatExist() {
        api.call("POST", P + "/projects?project_id=strict", "{\"spec\":{}}").done();

        api.call("PATCH", "/api/2.0/permissions/database-projects/strict", entry("nobody", "CAN_USE"))
                .assertRefused(404, "NOT_FOUND", "NOT_FOUND");
    }

    @Test
    void aRemovedPrincipalIsOutAtOnceAndTheLastAdministratorStays() {
        String token = token(principal("leaver"));
        as(token, "GET", P + "/projects", "").ok();

        api.call("DELETE", P + "/principals/leaver", "").ok();

        assertThat(as(token, "GET", P + "/projects", "").status()).isEqualTo(401);
        assertThat(api.call("DELETE", P + "/principals/administrator", "").status())
                .isEqualTo(400);
        api.get(P + "/projects").ok();
    }

    @Test
    void aNameThatIsTakenOrCannotBeARoleIsRefused() {
        principal("taken");

        api.call("POST", P + "/principals", "{\"name\":\"taken\"}")
                .assertRefused(409, "ALREADY_EXISTS", "ALREADY_EXISTS");
        for (String name : new String[] {"pg_monitor", "espalier", "databricks_superuser", ""}) {
            assertThat(api.call("POST", P + "/principals", "{\"name\":\"" + name + "\"}")
                            .status())
                    .isEqualTo(400);
        }
    }

    private static String entry(String principal, String level) {
        return "{\"access_control_list\":[{\"service_principal_name\":\"" + principal + "\",\"permission_level\":\""
                + level + "\"}]}";
    }

    private JsonNode principal(String name) {
        return api.call("POST", P + "/principals", "{\"name\":\"" + name + "\"}")
                .ok();
    }

    private String token(JsonNode principal) {
        return api.signIn(
                        principal.get("client_id").asString(),
                        principal.get("client_secret").asString(),
                        "grant_type=client_credentials&scope=all-apis")
                .ok()
                .get("access_token")
                .asString();
    }

    private Reply as(String token, String method, String path, String body) {
        return api.send(api.request(path)
                .header("Authorization", "Bearer " + token)
                .method(method, BodyPublishers.ofString(body)));
    }
}
