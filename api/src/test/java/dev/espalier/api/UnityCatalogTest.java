package dev.espalier.api;

import static dev.espalier.api.TestApi.P;
import static dev.espalier.api.TestApi.SCIM;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.Endpoint;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Catalogs, grants, tags and policies in the shapes of Unity Catalog. */
@ExtendWith(SharedApi.class)
class UnityCatalogTest {

    private static final String U = "/api/2.1/unity-catalog";
    private static final String TAGS = "/api/2.1/tag-policies";
    private static final String PROJECT = "governed";

    private final TestApi api;
    private final FirstDatabase database;
    private String catalog = "";

    UnityCatalogTest(TestApi api) {
        this.api = api;
        database = new FirstDatabase(api, PROJECT);
    }

    /** The first test makes what all need. */
    @BeforeEach
    void prepare() throws SQLException {
        if (api.get(P + "/projects/" + PROJECT).status() != 200) {
            api.call("POST", P + "/projects?project_id=" + PROJECT, "{\"spec\":{}}")
                    .done();
            database.run("CREATE TABLE people (id int PRIMARY KEY, email text, amount numeric(9,2))");
            database.run("CREATE FUNCTION is_small(n numeric) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN n < 10");
            api.principal("unity-analyst");
            String id = api.principal("unity-member").get("id").asString();
            api.call(
                            "POST",
                            SCIM + "/Groups",
                            "{\"displayName\":\"unity-team\",\"members\":[{\"value\":\"" + id + "\"}]}")
                    .ok();
            api.call("PATCH", "/api/2.0/permissions/database-projects/" + PROJECT, """
                            {"access_control_list":[{"principal":"unity-analyst","permission_level":"CAN_USE"},
                                                    {"principal":"unity-team","permission_level":"CAN_USE"}]}
                            """)
                    .ok();
            api.call("POST", TAGS, """
                            {"tag_key":"pii","description":"personal","values":[{"name":"email"},{"name":"name"}]}
                            """).ok();
        }
        catalog = database.catalog();
    }

    /** Tests share the catalog: none finds the policies, grants and tags of another. */
    @AfterEach
    void takeRulesAway() {
        api.call("PUT", U + "/policy-sets/" + catalog, "{\"policies\":[]}").ok();
        for (String thing : List.of(
                "catalog/" + catalog,
                "schema/" + catalog + ".public",
                "table/" + catalog + ".public.people",
                "function/" + catalog + ".public.is_small")) {
            String grants = U + "/permissions/" + thing;
            for (String principal :
                    api.get(grants).ok().get("privilege_assignments").findValuesAsString("principal")) {
                api.call("PATCH", grants, """
                                {"changes":[{"principal":"%s","remove":["ALL_PRIVILEGES"]}]}
                                """.formatted(principal)).ok();
            }
        }
        api.call("DELETE", U + "/entity-tag-assignments/columns/" + catalog + ".public.people.email/tags/pii", "");
    }

    private JsonNode assign(String column, String value) {
        String entity = catalog + ".public.people." + column;
        api.call("DELETE", U + "/entity-tag-assignments/columns/" + entity + "/tags/pii", "");
        return api.call("POST", U + "/entity-tag-assignments", """
                        {"entity_type":"columns","entity_name":"%s","tag_key":"pii","tag_value":"%s"}
                        """.formatted(entity, value))
                .ok();
    }

    private String policy(String name, String condition) {
        return """
                {"name":"%s","on_securable_type":"TABLE","on_securable_fullname":"%s.public.people",
                 "for_securable_type":"TABLE","policy_type":"POLICY_TYPE_COLUMN_MASK",
                 "to_principals":["unity-team"],
                 "match_columns":[{"alias":"c","condition":"%s"}],
                 "column_mask":{"function_name":"system.mask.redact","on_column":"c"}}
                """.formatted(name, catalog, condition);
    }

    private String on() {
        return U + "/policies/table/" + catalog + ".public.people";
    }

    @Test
    void whoIsGivenCreateBranchMakesBranchesAndChangesThoseHeHasMade() {
        String token = api.token(api.principal("unity-brancher"));
        String branches = P + "/projects/" + PROJECT + "/branches";
        String body = "{\"spec\":{\"no_expiry\":true}}";
        api.call("PATCH", "/api/2.0/permissions/database-projects/" + PROJECT, """
                        {"access_control_list":[{"principal":"unity-brancher","permission_level":"CAN_USE"}]}
                        """)
                .ok();
        add("SELECT");
        Reply refused = api.as(token, "POST", branches + "?branch_id=his", body);
        refused.assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        assertThat(refused.text()).contains("GRANT CREATE BRANCH ON CATALOG " + catalog + " TO `unity-brancher`");

        add("CREATE_BRANCH");
        api.as(token, "POST", branches + "?branch_id=his", body).done();
        api.call("POST", branches + "?branch_id=not-his", body).done();
        api.as(token, "POST", branches + "/his/reset", "{}").done();
        for (Reply other : List.of(
                api.as(token, "POST", branches + "/not-his/reset", "{}"),
                api.as(token, "DELETE", branches + "/not-his", ""),
                api.as(token, "DELETE", branches + "/production", ""),
                api.as(token, "POST", branches + "?branch_id=not-his&replace_existing=true", body),
                api.as(token, "PATCH", P + "/projects/" + PROJECT + "?update_mask=spec", "{\"spec\":{}}"))) {
            other.assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        }
        api.as(token, "DELETE", branches + "/his", "").done();
        api.as(token, "POST", branches + "/his/undelete", "{}").done();
        api.as(token, "DELETE", branches + "/his", "").done();
        api.call("DELETE", branches + "/not-his", "").done();
    }

    private void add(String privilege) {
        api.call("PATCH", U + "/permissions/catalog/" + catalog, """
                        {"changes":[{"principal":"unity-brancher","add":["%s"]}]}
                        """.formatted(privilege))
                .ok();
    }

    @Test
    void whatLiesInABranchIsForThoseWhoMayUseIt() {
        String token = api.token(api.principal("unity-reader"));
        String branches = P + "/projects/" + PROJECT + "/branches";
        api.call("PATCH", "/api/2.0/permissions/database-projects/" + PROJECT, """
                        {"access_control_list":[{"principal":"unity-reader","permission_level":"CAN_USE"}]}
                        """)
                .ok();
        api.call("POST", branches + "?branch_id=apart", "{\"spec\":{\"no_expiry\":true}}")
                .done();
        String body = "{\"changes\":[{\"principal\":\"%s\",\"add\":[\"USE_BRANCH\"]}]}";
        String grants = U + "/permissions/catalog/" + catalog;
        api.call("PATCH", grants, body.formatted("unity-analyst")).ok();

        String diff = branches + "/production/schema_diff?against=apart";
        Reply refused = api.as(token, "GET", diff, "");
        refused.assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        assertThat(refused.text()).contains("GRANT USE BRANCH ON CATALOG " + catalog + " TO `unity-reader`");
        api.as(token, "GET", branches + "/production/schema_diff?against=production", "")
                .ok();
        api.call("PATCH", grants, body.formatted("unity-reader")).ok();
        api.as(token, "GET", diff, "").ok();

        api.call("DELETE", branches + "/apart", "").done();
    }

    @Test
    void whatAFunctionDoesIsShownToThoseWhoMayExecuteIt() {
        String token = api.token(api.principal("unity-caller"));
        api.call("PATCH", "/api/2.0/permissions/database-projects/" + PROJECT, """
                        {"access_control_list":[{"principal":"unity-caller","permission_level":"CAN_USE"}]}
                        """)
                .ok();
        String path = U + "/functions/" + catalog + ".public.is_small";
        String all = U + "/functions?catalog_name=" + catalog + "&schema_name=public";
        String grants = U + "/permissions/function/" + catalog + ".public.is_small";
        String body = "{\"changes\":[{\"principal\":\"unity-caller\",\"%s\":[\"EXECUTE\"]}]}";
        api.call("PATCH", grants, body.formatted("add")).ok();
        assertThat(api.as(token, "GET", path, "").ok().get("routine_definition").asString())
                .contains("10");

        api.call("PATCH", grants, body.formatted("remove")).ok();

        assertThat(api.as(token, "GET", path, "").ok().has("routine_definition"))
                .isFalse();
        assertThat(api.as(token, "GET", all, "").ok().get("functions").findValues("routine_definition"))
                .isEmpty();
        assertThat(api.get(path).ok().has("routine_definition")).isTrue();
    }

    @Test
    void whoMayAssignATagStandsInItsRuleSet() {
        String token = api.token(api.principal("unity-steward"));
        api.call("PATCH", "/api/2.0/permissions/database-projects/" + PROJECT, """
                        {"access_control_list":[{"principal":"unity-steward","permission_level":"CAN_USE"}]}
                        """)
                .ok();
        api.call("PATCH", U + "/permissions/catalog/" + catalog, """
                        {"changes":[{"principal":"unity-steward","add":["APPLY_TAG"]}]}
                        """).ok();
        String id =
                api.call("POST", TAGS, "{\"tag_key\":\"lent\"}").ok().get("id").asString();
        String name = "accounts/any/tagPolicies/" + id + "/ruleSets/default";
        String rules = "/api/2.0/preview/accounts/access-control/rule-sets";
        String assignment = """
                {"entity_type":"columns","entity_name":"%s.public.people.amount","tag_key":"lent"}
                """.formatted(catalog);

        Reply refused = api.as(token, "POST", U + "/entity-tag-assignments", assignment);
        refused.assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        assertThat(refused.text()).contains("GRANT ASSIGN ON GOVERNED TAG `lent` TO `unity-steward`");

        JsonNode before = api.get(rules + "?name=" + name).ok();
        assertThat(before.at("/grant_rules/0/role").asString()).isEqualTo("roles/tagPolicy.manager");
        String update = """
                {"name":"%s","rule_set":{"name":"%s","etag":"%s","grant_rules":[
                  {"role":"roles/tagPolicy.assigner","principals":["groups/account users"]},
                  {"role":"roles/tagPolicy.assigner","principals":["unity-analyst"]}]}}
                """.formatted(name, name, before.get("etag").asString());
        api.as(token, "PUT", rules, update).assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        JsonNode after = api.call("PUT", rules, update).ok();
        assertThat(after.get("grant_rules")).hasSize(1);
        assertThat(after.at("/grant_rules/0/principals")).hasSize(2);
        assertThat(after.get("etag")).isNotEqualTo(before.get("etag"));
        api.call("PUT", rules, update).assertRefused(409, "ABORTED", "ABORTED");

        api.as(token, "POST", U + "/entity-tag-assignments", assignment).ok();
        api.as(token, "PATCH", TAGS + "/lent?update_mask=description", "{\"description\":\"mine\"}")
                .assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        api.as(
                        token,
                        "DELETE",
                        U + "/entity-tag-assignments/columns/" + catalog + ".public.people.amount/tags/lent",
                        "")
                .ok();
        String managed = """
                {"name":"%s","rule_set":{"name":"%s","etag":"%s","grant_rules":[
                  {"role":"roles/tagPolicy.manager","principals":["unity-steward"]}]}}
                """.formatted(name, name, after.get("etag").asString());
        api.call("PUT", rules, managed).ok();
        assertThat(api.as(token, "PATCH", TAGS + "/lent?update_mask=description", "{\"description\":\"mine\"}")
                        .ok()
                        .get("description")
                        .asString())
                .isEqualTo("mine");
        api.as(token, "DELETE", TAGS + "/lent", "").ok();
    }

    @Test
    void thereIsOneMetastoreAndWhatLiesInACatalogIsMadeBySql() {
        String id = api.get(U + "/metastore_summary").ok().get("metastore_id").asString();
        assertThat(api.get(U + "/current-metastore-assignment")
                        .ok()
                        .get("metastore_id")
                        .asString())
                .isEqualTo(id);
        assertThat(api.get(U + "/catalogs/" + catalog).ok().get("metastore_id").asString())
                .isEqualTo(id);
        for (String kind : List.of("catalogs", "schemas", "tables", "functions")) {
            Reply refused = api.call("POST", U + "/" + kind, "{\"name\":\"new\",\"catalog_name\":\"" + catalog + "\"}");
            refused.assertRefused(400, "BAD_REQUEST", "BAD_REQUEST");
            assertThat(refused.text()).contains(kind + " are not made and removed here");
        }
        assertThat(api.call("DELETE", U + "/schemas/" + catalog + ".public?force=true", "")
                        .text())
                .contains("DROP SCHEMA in the database of a branch");
    }

    @Test
    void createSchemaAndCreateTableAndExecuteAreGivenWhereTheyMeanSomething() {
        String on = U + "/permissions/";
        String body = "{\"changes\":[{\"principal\":\"unity-analyst\",\"add\":[\"%s\"]}]}";
        for (String given : List.of("CREATE SCHEMA", "CREATE_TABLE", "EXECUTE")) {
            JsonNode after = api.call("PATCH", on + "catalog/" + catalog, body.formatted(given))
                    .ok();
            assertThat(after.toString()).contains(given.replace(' ', '_'));
        }
        api.call("PATCH", on + "schema/" + catalog + ".public", body.formatted("CREATE_SCHEMA"))
                .assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
        api.call("PATCH", on + "table/" + catalog + ".public.people", body.formatted("CREATE_TABLE"))
                .assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
        api.call("PATCH", on + "function/" + catalog + ".public.is_small", body.formatted("EXECUTE"))
                .ok();
    }

    @Test
    void whatSqlHasMadeIsShownInUnityCatalogsShapes() throws SQLException {
        assertThat(api.get(U + "/schemas?catalog_name=" + catalog)
                        .ok()
                        .get("schemas")
                        .findValuesAsString("full_name"))
                .contains(catalog + ".public");
        JsonNode table = api.get(U + "/tables/" + catalog + ".public.people").ok();
        assertThat(table.get("table_type").asString()).isEqualTo("MANAGED");
        assertThat(table.get("data_source_format").asString()).isEqualTo("POSTGRESQL_FORMAT");
        assertThat(table.at("/columns/2/type_text").asString()).isEqualTo("numeric(9,2)");
        assertThat(table.at("/columns/2/type_name").asString()).isEqualTo("DECIMAL");
        assertThat(table.at("/columns/0/nullable").asBoolean()).isFalse();
        database.run("CREATE EXTENSION citext; CREATE TABLE mailed (address citext)");
        assertThat(api.get(U + "/tables/" + catalog + ".public.mailed")
                        .ok()
                        .at("/columns/0/type_name")
                        .asString())
                .isEqualTo("STRING");
        assertThat(api.get(U + "/tables?catalog_name=" + catalog + "&schema_name=public")
                        .ok()
                        .get("tables")
                        .findValuesAsString("name"))
                .contains("people");
        assertThat(api.get(U + "/table-summaries?catalog_name=" + catalog + "&table_name_pattern=peo%25")
                        .ok()
                        .get("tables"))
                .hasSize(1);
        assertThat(api.get(U + "/tables/" + catalog + ".public.nothing/exists")
                        .ok()
                        .get("table_exists")
                        .asBoolean())
                .isFalse();
        assertThat(api.get(U + "/functions/" + catalog + ".public.is_small")
                        .ok()
                        .at("/input_params/parameters/0/type_text")
                        .asString())
                .isEqualTo("numeric");
        api.get(U + "/tables/" + catalog + ".public.nothing").assertRefused(404, "NOT_FOUND", "NOT_FOUND");
        api.get(U + "/tables/people").assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
    }

    @Test
    void aPolicyIsDefinedChangedShownAndRemovedAndTheAuditHasBeforeAndAfter() {
        assign("email", "email");
        JsonNode made = api.call("POST", U + "/policies", policy("hide", "hasTagValue('pii', 'email')"))
                .ok();
        assertThat(made.get("warnings")).isEmpty();
        assertThat(api.admission.admitted)
                .last()
                .satisfies(rules -> assertThat(rules.policies())
                        .anyMatch(policy -> policy.name().equals("hide")));
        api.call("POST", U + "/policies", policy("hide", "has_tag('pii')"))
                .assertRefused(409, "ALREADY_EXISTS", "POLICY_ALREADY_EXISTS");

        JsonNode changed = api.call(
                        "PATCH",
                        on() + "/hide?update_mask=except_principals",
                        "{\"except_principals\":[\"unity-member\"]}")
                .ok();
        assertThat(changed.get("except_principals").get(0).asString()).isEqualTo("unity-member");
        assertThat(changed.get("warnings").toString()).contains("binds nobody now");
        assertThat(api.get(on() + "/hide").ok().get("match_columns")).hasSize(1);
        assertThat(api.get(on() + "?include_inherited=true").ok().get("policies"))
                .hasSize(1);
        TestApi.Witnessed told = api.witnessed.stream()
                .filter(call -> call.operation().equals("updatePolicy"))
                .reduce((one, other) -> other)
                .orElseThrow();
        assertThat(told.parameters().get("before")).doesNotContain("except_principals");
        assertThat(told.parameters().get("after")).contains("\"except_principals\":[\"unity-member\"]");

        String tags = U + "/entity-tag-assignments/columns/" + catalog + ".public.people.email/tags/pii";
        assertThat(api.call("DELETE", tags, "").ok().get("warnings").toString()).contains("matches nothing now");
        api.call("DELETE", on() + "/hide", "").ok();
        api.get(on() + "/hide").assertRefused(404, "NOT_FOUND", "NOT_FOUND");
    }

    @Test
    void whoRemovesAPolicyIsToldOfBranchesThatCouldNotBeBroughtUnderIt() {
        assign("email", "email");
        api.call("POST", U + "/policies", policy("parting", "has_tag('pii')")).ok();

        api.call("DELETE", U + "/policies/function/" + catalog + ".public.people/parting", "")
                .assertRefused(404, "NOT_FOUND", "NOT_FOUND");
        JsonNode removed =
                whileNothingCanBeAdmitted("DELETE", on() + "/parting", "").ok();

        assertThat(removed.get("warnings").toString()).contains("branches/production is suspended", "no more ink");
        api.get(on() + "/parting").assertRefused(404, "NOT_FOUND", "NOT_FOUND");
    }

    @Test
    void theAuditOfAChangeOfAnAccessListOrAGroupNamesTheBranchesThatCouldNotBeBroughtUnderIt() {
        assign("email", "email");
        api.call("POST", U + "/policies", policy("closing", "has_tag('pii')")).ok();
        String member = api.principal("unity-late").get("id").asString();
        String team = api.call(
                        "POST",
                        SCIM + "/Groups",
                        "{\"displayName\":\"unity-late-team\",\"members\":[{\"value\":\"" + member + "\"}]}")
                .ok()
                .get("id")
                .asString();
        assertThat(whileNothingCanBeAdmitted("PATCH", "/api/2.0/permissions/database-projects/" + PROJECT, """
                                    {"access_control_list":[{"principal":"unity-late-team","permission_level":"CAN_USE"}]}
                                    """)
                        .ok()
                        .get("warnings")
                        .toString())
                .contains("branches/production is suspended");
        whileNothingCanBeAdmitted(
                        "PATCH",
                        SCIM + "/Groups/" + team,
                        "{\"Operations\":[{\"op\":\"remove\",\"path\":\"members\"}]}")
                .ok();
        for (String operation : List.of("updateProjectPermissions", "patchGroup")) {
            TestApi.Witnessed told = api.witnessed.stream()
                    .filter(call -> call.operation().equals(operation))
                    .reduce((one, other) -> other)
                    .orElseThrow();
            assertThat(told.parameters().get("warnings"))
                    .as(operation)
                    .contains("branches/production is suspended", "no more ink");
        }
    }

    private Reply whileNothingCanBeAdmitted(String method, String path, String body) {
        api.plane
                .endpoints()
                .wake(api.plane
                        .endpoints()
                        .get(PROJECT, "production", Endpoint.PRIMARY)
                        .uid());
        api.admission.failure = Optional.of("no more ink");
        try {
            return api.call(method, path, body);
        } finally {
            api.admission.failure = Optional.empty();
        }
    }

    /** Values of the columns are never in the answer. */
    @Test
    void columnsThatLookPersonalAreProposedUntilTheyAreTaggedOrDismissed() throws SQLException {
        database.run(
                "CREATE TABLE looked_at (id int, contact text, email_sent boolean, note text, spec text, born date)");
        database.run("""
                INSERT INTO looked_at
                SELECT n, 'user' || n || '@example.com', true, 'nothing of interest ' || n,
                       json_build_object('profile', json_build_object('phone', '+49 30 1234567')), '1980-01-01'
                FROM generate_series(1, 50) AS n""");
        String asked = U + "/tag-proposals?securable_type=table&full_name=" + catalog + ".public.looked_at";
        JsonNode found = api.get(asked).ok();
        assertThat(found.get("tag_proposals").findValuesAsString("entity_name"))
                .containsExactlyInAnyOrder(
                        catalog + ".public.looked_at.contact",
                        catalog + ".public.looked_at.spec",
                        catalog + ".public.looked_at.born");
        assertThat(found.get("not_examined")).isEmpty();
        assertThat(found.toString())
                .doesNotContain("@example.com", "1234567")
                .contains("50 of 50 values", "in JSON under \\\"phone\\\"");
        assertThat(found.get("warnings").toString()).contains("does not allow phone");
        api.call("POST", U + "/entity-tag-assignments", """
                        {"entity_type":"columns","entity_name":"%s.public.looked_at.contact","tag_key":"pii","tag_value":"email"}
                        """.formatted(catalog)).ok();
        api.call("POST", U + "/tag-proposals/dismiss", """
                        {"entity_name":"%s.public.looked_at.born","tag_value":"birth_date"}
                        """.formatted(catalog)).ok();
        assertThat(api.get(asked).ok().get("tag_proposals").findValuesAsString("entity_name"))
                .containsExactly(catalog + ".public.looked_at.spec");
        api.call("POST", U + "/tag-proposals/dismiss", """
                        {"entity_name":"%s.public.looked_at.nothing","tag_value":"email"}
                        """.formatted(catalog))
                .assertRefused(404, "NOT_FOUND", "NOT_FOUND");
    }

    @Test
    void allPoliciesOfACatalogAreShownAndReplacedTogether() {
        String set = U + "/policy-sets/" + catalog;
        assign("email", "email");
        api.call("POST", U + "/policies", policy("first", "has_tag('pii')")).ok();
        JsonNode shown = api.get(set).ok();
        assertThat(shown.get("policies").findValuesAsString("name")).containsExactly("first");
        String second = "{\"policies\":[" + policy("second", "has_tag('pii')") + "],\"epoch\":"
                + shown.get("epoch").asLong() + "}";
        JsonNode applied = api.call("PUT", set, second).ok();
        assertThat(applied.get("policies").findValuesAsString("name")).containsExactly("second");
        assertThat(applied.get("epoch").asLong())
                .isGreaterThan(shown.get("epoch").asLong());
        assertThat(api.witnessed.getLast().parameters().toString()).contains("first", "second");
        api.call("PUT", set, second).assertRefused(400, "INVALID_STATE", "RULES_HAVE_CHANGED");
        api.call("PUT", set, "{}").assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
        assertThat(api.call("PUT", set, "{\"policies\":[]}").ok().get("policies"))
                .isEmpty();
    }

    @Test
    void aReplayTellsWhatItWasAskedAndOnlyToAdministrators() {
        String replay = U + "/policy-sets/" + catalog + "/replay";
        JsonNode report = api.call("POST", replay, "{\"policies\":[],\"since\":\"3600s\"}")
                .ok();
        assertThat(report.get("branch").asString()).isEqualTo("production");
        assertThat(report.get("statements")).isEmpty();
        assertThat(report.get("epoch").asLong())
                .isEqualTo(
                        api.get(U + "/policy-sets/" + catalog).ok().get("epoch").asLong());
        api.call("POST", replay, "{\"policies\":[],\"limit\":0}")
                .assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
        api.call("POST", replay, "{\"policies\":[],\"branch\":\"nowhere\"}")
                .assertRefused(404, "NOT_FOUND", "NOT_FOUND");
        api.as(api.token(api.principal("unity-curious")), "POST", replay, "{\"policies\":[]}")
                .assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
    }

    @Test
    void policiesThatMeanNothingAreRefusedWithTheRule() {
        api.call("POST", U + "/policies", policy("wrong", "has_tag('pii'"))
                .assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
        api.call("POST", U + "/policies", policy("wrong", "has_tag('nonsense')"))
                .assertRefused(404, "NOT_FOUND", "NOT_FOUND");
        api.call("POST", U + "/policies", policy("wrong", "has_tag('pii')").replace("unity-team", "account users"))
                .assertRefused(400, "INVALID_PARAMETER_VALUE", "LOCKS_OUT_ITS_AUTHOR");
        api.call("POST", U + "/policies", policy("wrong", "has_tag('pii')").replace("COLUMN_MASK", "ROW_FILTER"))
                .assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
    }

    @Test
    void privilegesAreReadInBothSpellings() {
        String path = U + "/permissions/table/" + catalog + ".public.people";
        JsonNode given = api.call("PATCH", path, """
                        {"changes":[{"principal":"unity-analyst","add":["SELECT","MODIFY"]}]}
                        """).ok();
        assertThat(given.get("privilege_assignments").toString()).contains("SELECT", "unity-analyst");
        api.call("PATCH", U + "/permissions/CATALOG/" + catalog, """
                        {"changes":[{"principal":"unity-team","add":["USE CATALOG","use_schema"]}]}
                        """).ok();
        JsonNode effective = api.get(
                        U + "/effective-permissions/table/" + catalog + ".public.people?principal=unity-team")
                .ok();
        assertThat(effective.at("/privilege_assignments/0/privileges").findValuesAsString("privilege"))
                .containsExactly("USE_CATALOG", "USE_SCHEMA");
        assertThat(effective
                        .at("/privilege_assignments/0/privileges/0/inherited_from_type")
                        .asString())
                .isEqualTo("CATALOG");
        api.call("PATCH", path, """
                        {"changes":[{"principal":"unity-analyst","add":["SELECT"],"remove":["SELECT"]}]}
                        """).assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
        api.call("PATCH", path, """
                        {"changes":[{"principal":"unity-analyst","remove":["ALL PRIVILEGES"]}]}
                        """).ok();
        assertThat(api.get(path).ok().get("privilege_assignments")).isEmpty();
    }

    @Test
    void whoMayNotUseTheProjectSeesNoCatalogAndWhoMayOnlyUseItChangesNothing() {
        String stranger = api.token(api.principal("unity-stranger"));
        assertThat(api.as(stranger, "GET", U + "/catalogs", "").ok().get("catalogs"))
                .isEmpty();
        api.as(stranger, "GET", U + "/catalogs/" + catalog, "").assertRefused(404, "NOT_FOUND", "NOT_FOUND");

        String guest = api.token(api.principal("unity-guest"));
        api.call("PATCH", "/api/2.0/permissions/database-projects/" + PROJECT, """
                        {"access_control_list":[{"principal":"unity-guest","permission_level":"CAN_USE"}]}
                        """)
                .ok();
        api.as(guest, "GET", U + "/catalogs/" + catalog, "").ok();
        api.as(guest, "POST", U + "/policies", policy("mine", "has_tag('pii')"))
                .assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
        api.as(guest, "POST", TAGS, "{\"tag_key\":\"mine\"}")
                .assertRefused(403, "PERMISSION_DENIED", "PERMISSION_DENIED");
    }

    @Test
    void governedTagsAndAssignmentsAreHeldToTheirValues() {
        JsonNode assigned = assign("email", "email");
        assertThat(assigned.get("updated_by").asString()).isNotBlank();
        String entity = U + "/entity-tag-assignments/columns/" + catalog + ".public.people.email/tags";
        assertThat(api.get(entity).ok().get("tag_assignments")).hasSize(1);
        assertThat(api.call("PATCH", entity + "/pii?update_mask=tag_value", "{\"tag_value\":\"name\"}")
                        .ok()
                        .get("tag_value")
                        .asString())
                .isEqualTo("name");
        assertThat(api.call("PATCH", entity + "/pii", "{}")
                        .ok()
                        .get("tag_value")
                        .asString())
                .isEqualTo("name");
        api.call("PATCH", entity + "/pii?update_mask=tag_key", "{\"tag_key\":\"other\"}")
                .assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
        api.call("PATCH", entity + "/pii?update_mask=tag_value", "{\"tag_value\":\"iban\"}")
                .assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
        api.call("PATCH", TAGS + "/pii?update_mask=values", "{\"values\":[{\"name\":\"email\"}]}")
                .assertRefused(400, "INVALID_STATE", "INVALID_STATE");
        api.call("DELETE", TAGS + "/pii", "").assertRefused(400, "INVALID_STATE", "INVALID_STATE");
        assertThat(api.call("PATCH", TAGS + "/pii?update_mask=description", "{\"description\":\"people\"}")
                        .ok()
                        .get("values"))
                .hasSize(2);
    }

    @Test
    void aBranchIsVerifiedAndTheAnswerIsSigned() {
        api.call("PATCH", U + "/permissions/catalog/" + catalog, """
                        {"changes":[{"principal":"unity-team","add":["USE_CATALOG"]}]}
                        """).ok();
        JsonNode proved = api.call("POST", P + "/projects/" + PROJECT + "/branches/production/verify", "{}")
                .ok();
        assertThat(proved.at("/databases/0/catalog").asString()).isEqualTo(catalog);
        assertThat(proved.at("/databases/0/present").asBoolean()).isTrue();
        assertThat(proved.at("/databases/0/checks/0").asString()).isEqualTo("a check");
        assertThat(List.of(proved.get("signed").asString().split("\\."))).hasSize(3);
    }
}
