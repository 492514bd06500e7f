package dev.espalier.api;

import static dev.espalier.api.TestApi.P;
import static dev.espalier.api.TestApi.SCIM;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
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
        String token = api.token(api.principal("stranger"));

        assertThat(api.as(token, "GET", P + "/projects", "").ok().get("projects"))
                .isEmpty();
        api.as(token, "GET", P + "/projects/hidden", "").assertRefused(404, "NOT_FOUND", "NOT_FOUND");
        api.as(token, "POST", P + "/projects?project_id=mine", "{\"spec\":{}}")
                .assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        api.as(token, "GET", P + "/calls", "").assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        api.as(token, "POST", SCIM + "/ServicePrincipals", "{\"displayName\":\"more\"}")
                .assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        api.as(
                        token,
                        "POST",
                        P + "/credentials",
                        "{\"endpoint\":\"projects/hidden/branches/production/endpoints/primary\"}")
                .assertRefused(404, "NOT_FOUND", "NOT_FOUND");
    }

    @Test
    void whoMayUseAProjectSeesItAndWhoManagesItChangesIt() {
        api.call("POST", P + "/projects?project_id=shared", "{\"spec\":{}}").done();
        String user = api.token(api.principal("user"));
        String manager = api.token(api.principal("manager"));
        String list = "/api/2.0/permissions/database-projects/shared";
        api.call("PATCH", list, entry("user", "CAN_USE")).ok();
        JsonNode entries =
                api.call("PATCH", list, entry("manager", "CAN_MANAGE")).ok().get("access_control_list");
        assertThat(entries).hasSize(2);

        assertThat(api.as(user, "GET", P + "/projects", "").ok().get("projects"))
                .hasSize(1);
        api.as(user, "GET", P + "/projects/shared/branches", "").ok();
        assertThat(api.as(user, "GET", list + "/permissionLevels", "")
                        .ok()
                        .get("permission_levels")
                        .findValuesAsString("permission_level"))
                .containsExactly("CAN_USE", "CAN_MANAGE");
        api.as(user, "POST", P + "/projects/shared/branches?branch_id=b", "{\"spec\":{\"no_expiry\":true}}")
                .assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        api.as(user, "PATCH", list, entry("user", "CAN_MANAGE"))
                .assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        api.as(manager, "POST", P + "/projects/shared/branches?branch_id=b", "{\"spec\":{\"no_expiry\":true}}")
                .done();

        api.call("PUT", list, entry("manager", "CAN_MANAGE")).ok();
        api.as(user, "GET", P + "/projects/shared", "").assertRefused(404, "NOT_FOUND", "NOT_FOUND");
    }

    @Test
    void whoManagesAProjectSeesItThroughItsDeletionAndBringsItBackOrRemovesItForGood() {
        api.call("POST", P + "/projects?project_id=leaving", "{\"spec\":{}}").done();
        String manager = api.token(api.principal("leaving-manager"));
        String user = api.token(api.principal("leaving-user"));
        String list = "/api/2.0/permissions/database-projects/leaving";
        api.call("PATCH", list, entry("leaving-manager", "CAN_MANAGE")).ok();
        api.call("PATCH", list, entry("leaving-user", "CAN_USE")).ok();
        String project = P + "/projects/leaving";

        String deletion = name(api.as(manager, "DELETE", project, ""));
        api.as(manager, "GET", P + "/" + deletion, "").ok();
        api.as(user, "POST", project + "/undelete", "{}").assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        api.as(manager, "POST", project + "/undelete", "{}").done();
        api.as(user, "GET", project, "").ok();

        api.as(manager, "DELETE", project, "").done();
        String purge = name(api.as(manager, "DELETE", project + "?purge=true", ""));
        api.as(manager, "GET", P + "/" + purge, "").ok();
        api.as(user, "GET", P + "/" + purge, "").assertRefused(404, "NOT_FOUND", "NOT_FOUND");
        api.as(manager, "GET", project, "").assertRefused(404, "NOT_FOUND", "NOT_FOUND");
    }

    private static String name(Reply operation) {
        operation.done();
        return operation.json().get("name").asString();
    }

    @Test
    void whoGetsTheNameOfARemovedPrincipalDoesNotGetHisBranches() throws SQLException {
        api.call("POST", P + "/projects?project_id=inherited", "{\"spec\":{}}").done();
        JsonNode first = api.principal("heir");
        api.call("PATCH", "/api/2.0/permissions/database-projects/inherited", entry("heir", "CAN_MANAGE"))
                .ok();
        api.as(
                        api.token(first),
                        "POST",
                        P + "/projects/inherited/branches?branch_id=old",
                        "{\"spec\":{\"no_expiry\":true}}")
                .done();
        assertThat(api.makerOf("old")).contains("heir");

        api.call("DELETE", SCIM + "/ServicePrincipals/" + first.get("id").asString(), "")
                .ok();

        assertThat(api.makerOf("old")).isEmpty();
    }

    @Test
    void aListNamesOnlyPrincipalsThatExist() {
        api.call("POST", P + "/projects?project_id=strict", "{\"spec\":{}}").done();

        api.call("PATCH", "/api/2.0/permissions/database-projects/strict", entry("nobody", "CAN_USE"))
                .assertRefused(404, "NOT_FOUND", "NOT_FOUND");
    }

    @Test
    void whoIsTakenOffAListIsOutAndNobodyElse() {
        api.call("POST", P + "/projects?project_id=revoked", "{\"spec\":{}}").done();
        String goes = api.token(api.principal("goes"));
        JsonNode client = api.principal("goes-by-id");
        api.principal("stays");
        String list = "/api/2.0/permissions/database-projects/revoked";
        for (String name : List.of("goes", "goes-by-id", "stays")) {
            api.call("PATCH", list, entry(name, "CAN_USE")).ok();
        }

        api.call("DELETE", list + "?principal=gose", "").assertRefused(404, "NOT_FOUND", "NOT_FOUND");
        api.call("DELETE", list, "").assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
        api.as(goes, "DELETE", list + "?principal=stays", "")
                .assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        api.call("DELETE", list + "?principal=goes", "").ok();
        api.call("DELETE", list + "?principal=goes", "").assertRefused(404, "NOT_FOUND", "NOT_FOUND");
        api.as(goes, "GET", P + "/projects/revoked", "").assertRefused(404, "NOT_FOUND", "NOT_FOUND");
        JsonNode left = api.call(
                        "DELETE", list + "?principal=" + client.get("client_id").asString(), "")
                .ok();
        assertThat(left.get("access_control_list").findValuesAsString("service_principal_name"))
                .containsExactly("stays");
    }

    /** Each changes its own line and nothing of the others. */
    @Test
    void ofChangesOfAListAtOnceNoneIsLost() throws Exception {
        api.call("POST", P + "/projects?project_id=busy", "{\"spec\":{}}").done();
        String list = "/api/2.0/permissions/database-projects/busy";
        List<Callable<Reply>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String old = "old-" + i;
            String fresh = "fresh-" + i;
            api.principal(old);
            api.principal(fresh);
            api.call("PATCH", list, entry(old, "CAN_USE")).ok();
            calls.add(() -> api.call("DELETE", list + "?principal=" + old, ""));
            calls.add(() -> api.call("PATCH", list, entry(fresh, "CAN_USE")));
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var answer : threads.invokeAll(calls)) {
                answer.get().ok();
            }
        }
        assertThat(api.get(list).ok().get("access_control_list").findValuesAsString("service_principal_name"))
                .hasSize(8)
                .allMatch(name -> name.startsWith("fresh-"));
    }

    @Test
    void aRemovedPrincipalIsOutAtOnceAndTheLastAdministratorStays() {
        JsonNode leaver = api.principal("leaver");
        String token = api.token(leaver);
        api.as(token, "GET", P + "/projects", "").ok();

        api.call("DELETE", SCIM + "/ServicePrincipals/" + leaver.get("id").asString(), "")
                .ok();

        assertThat(api.as(token, "GET", P + "/projects", "").status()).isEqualTo(401);
        String own = SCIM + "/ServicePrincipals/"
                + api.get(SCIM + "/Me").ok().get("id").asString();
        api.call("DELETE", own, "").assertRefused(400, "INVALID_STATE", "INVALID_STATE");
        api.call("PATCH", own, patch("replace", "active", "false"))
                .assertRefused(400, "INVALID_STATE", "INVALID_STATE");
        api.call("PUT", own, "{\"active\":false}").assertRefused(400, "INVALID_STATE", "INVALID_STATE");
        String admins = group("admins");
        api.call("PATCH", admins, patch("replace", "members", "[]"))
                .assertRefused(400, "INVALID_STATE", "INVALID_STATE");
        api.call("DELETE", admins, "").assertRefused(400, "INVALID_STATE", "INVALID_STATE");
        api.get(P + "/projects").ok();
    }

    @Test
    void aNameThatIsTakenOrCannotBeARoleIsRefused() {
        api.principal("taken");

        for (String path : new String[] {"/ServicePrincipals", "/Groups"}) {
            api.call("POST", SCIM + path, "{\"displayName\":\"taken\"}")
                    .assertRefused(409, "ALREADY_EXISTS", "ALREADY_EXISTS");
        }
        api.call("POST", SCIM + "/Users", "{\"userName\":\"Taken\"}")
                .assertRefused(409, "ALREADY_EXISTS", "ALREADY_EXISTS");
        for (String name : new String[] {"pg_monitor", "espalier", "databricks_superuser", ""}) {
            assertThat(api.call("POST", SCIM + "/ServicePrincipals", "{\"displayName\":\"" + name + "\"}")
                            .status())
                    .isEqualTo(400);
        }
    }

    @Test
    void aGroupsMembersHaveWhatItHasAlsoThroughGroupsAndNoLongerThanTheyAreMembers() {
        api.call("POST", P + "/projects?project_id=grouped", "{\"spec\":{}}").done();
        JsonNode program = api.principal("grouped-program");
        String token = api.token(program);
        String inner = created(
                "/Groups",
                "{\"displayName\":\"inner\",\"members\":[{\"value\":\""
                        + program.get("id").asString() + "\"}]}");
        String outer = created("/Groups", "{\"displayName\":\"outer\"}");
        String list = "/api/2.0/permissions/database-projects/grouped";
        api.call(
                        "PATCH",
                        list,
                        "{\"access_control_list\":[{\"group_name\":\"outer\",\"permission_level\":\"CAN_USE\"}]}")
                .ok();
        api.as(token, "GET", P + "/projects/grouped", "").assertRefused(404, "NOT_FOUND", "NOT_FOUND");

        api.call("PATCH", outer, patch("add", "members", member(inner))).ok();
        api.as(token, "GET", P + "/projects/grouped", "").ok();
        assertThat(api.as(token, "GET", P + "/projects", "").ok().get("projects"))
                .hasSize(1);
        api.as(token, "POST", P + "/projects/grouped/branches?branch_id=b", "{\"spec\":{\"no_expiry\":true}}")
                .assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");

        api.call("PATCH", list, entry("principal", "inner", "CAN_MANAGE")).ok();
        api.as(token, "POST", P + "/projects/grouped/branches?branch_id=b", "{\"spec\":{\"no_expiry\":true}}")
                .done();

        api.call("DELETE", inner, "").ok();
        api.as(token, "GET", P + "/projects/grouped", "").assertRefused(404, "NOT_FOUND", "NOT_FOUND");
        assertThat(api.get(list).ok().get("access_control_list")).hasSize(1);
    }

    @Test
    void aGroupIsNeverInsideItself() {
        String one = created("/Groups", "{\"displayName\":\"one\"}");
        String two = created("/Groups", "{\"displayName\":\"two\"}");
        String three = created("/Groups", "{\"displayName\":\"three\"}");
        api.call("PATCH", one, patch("add", "members", member(two))).ok();
        api.call("PATCH", two, patch("add", "members", member(three))).ok();

        for (String group : new String[] {one, two, three}) {
            Reply refused = api.call("PATCH", three, patch("add", "members", member(group)));
            refused.assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
            assertThat(refused.text()).contains("inside itself");
        }
    }

    @Test
    void whoIsInTheGroupAdminsMayDoEverythingForThatLong() {
        JsonNode program = api.principal("promoted");
        String token = api.token(program);
        String id = program.get("id").asString();
        api.as(token, "GET", P + "/calls", "").assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");

        api.call("PATCH", group("admins"), patch("add", "members", "[{\"value\":\"" + id + "\"}]"))
                .ok();
        api.as(token, "GET", P + "/calls", "").ok();

        api.call("PATCH", group("admins"), patch("remove", "members[value eq \\\"" + id + "\\\"]", "null"))
                .ok();
        api.as(token, "GET", P + "/calls", "").assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
    }

    @Test
    void whoIsDeactivatedIsOutUntilActiveAgain() {
        JsonNode program = api.principal("sleeper");
        String token = api.token(program);
        String path = SCIM + "/ServicePrincipals/" + program.get("id").asString();

        api.call("PATCH", path, "{\"Operations\":[{\"op\":\"replace\",\"value\":{\"active\":false}}]}")
                .ok();
        api.as(token, "GET", P + "/projects", "").assertRefused(401, "UNAUTHENTICATED", "TOKEN_INACTIVE_PRINCIPAL");
        api.call("PATCH", path, patch("replace", "active", "true")).ok();
        api.as(token, "GET", P + "/projects", "").ok();
    }

    @Test
    void whoIsReplacedWithoutAWordOnItStaysDeactivated() {
        String path = created("/Users", "{\"userName\":\"replaced@example.com\",\"active\":false}");

        assertThat(api.call("PUT", path, "{\"userName\":\"replaced@example.com\",\"displayName\":\"R\"}")
                        .ok()
                        .get("active")
                        .asBoolean())
                .isFalse();
    }

    @Test
    void aPatchIsReadInSmallLettersTooAndNeverDoesNothing() {
        String path = created("/Users", "{\"userName\":\"patched@example.com\"}");
        String operations = "[{\"op\":\"replace\",\"path\":\"active\",\"value\":false}]";

        assertThat(api.call("PATCH", path, "{\"operations\":" + operations + "}")
                        .ok()
                        .get("active")
                        .asBoolean())
                .isFalse();
        Reply refused = api.call("PATCH", path, "{\"ops\":" + operations + "}");
        refused.assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
        assertThat(refused.text()).contains("it has no Operations");
    }

    @Test
    void aSecretCanBeRenewedAndTheOldOneRevoked() {
        JsonNode program = api.principal("renewed");
        String path = "/api/2.0/accounts/servicePrincipals/" + program.get("id").asString() + "/credentials/secrets";
        String old = api.get(path).ok().get("secrets").get(0).get("id").asString();
        String fresh = api.call("POST", path, "{\"lifetime\":\"3600s\"}")
                .ok()
                .get("secret")
                .asString();
        String client = program.get("client_id").asString();
        String form = "grant_type=client_credentials";
        api.signIn(client, fresh, form).ok();
        api.signIn(client, program.get("client_secret").asString(), form).ok();

        api.call("DELETE", path + "/" + old, "").ok();

        api.signIn(client, fresh, form).ok();
        assertThat(api.signIn(client, program.get("client_secret").asString(), form)
                        .status())
                .isEqualTo(401);
        assertThat(api.get(path).ok().get("secrets")).hasSize(1);
        for (int i = 0; i < 4; i++) {
            api.call("POST", path, "{}").ok();
        }
        api.call("POST", path, "{}").assertRefused(400, "RESOURCE_EXHAUSTED", "TOO_MANY_SECRETS");
    }

    private static String patch(String op, String path, String value) {
        return "{\"Operations\":[{\"op\":\"" + op + "\",\"path\":\"" + path + "\",\"value\":" + value + "}]}";
    }

    /** The path of a new resource. */
    private String created(String kind, String body) {
        return SCIM + kind + "/"
                + api.call("POST", SCIM + kind, body).ok().get("id").asString();
    }

    private String group(String name) {
        return SCIM + "/Groups/"
                + api.get(SCIM + "/Groups?filter=displayName%20eq%20%22" + name + "%22")
                        .ok()
                        .get("Resources")
                        .get(0)
                        .get("id")
                        .asString();
    }

    private static String member(String path) {
        return "[{\"value\":\"" + path.substring(path.lastIndexOf('/') + 1) + "\"}]";
    }

    private static String entry(String principal, String level) {
        return entry("service_principal_name", principal, level);
    }

    private static String entry(String field, String principal, String level) {
        return "{\"access_control_list\":[{\"" + field + "\":\"" + principal + "\",\"permission_level\":\"" + level
                + "\"}]}";
    }
}
