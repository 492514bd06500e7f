package dev.espalier.api;

import static dev.espalier.api.TestApi.P;
import static dev.espalier.api.TestApi.SCIM;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Policies as clients send and read them: Databricks' SDK, and Terraform, which sends every field's name with every change. */
@ExtendWith(SharedApi.class)
class PolicyShapesTest {

    private static final String U = "/api/2.1/unity-catalog";
    private static final String PROJECT = "shapes";
    private static final String ALL_FIELDS = "?update_mask=column_mask,comment,except_principals,for_securable_type,"
            + "match_columns,policy_type,row_filter,to_principals,when_condition";

    private final TestApi api;
    private final FirstDatabase database;
    private String catalog = "";

    PolicyShapesTest(TestApi api) {
        this.api = api;
        database = new FirstDatabase(api, PROJECT);
    }

    /** The first test makes what all need. */
    @BeforeEach
    void prepare() throws SQLException {
        if (api.get(P + "/projects/" + PROJECT).status() != 200) {
            api.call("POST", P + "/projects?project_id=" + PROJECT, "{\"spec\":{}}")
                    .done();
            database.run("CREATE SCHEMA \"my.schema\"");
            database.run("CREATE TABLE \"my.schema\".\"a`b\" (id int PRIMARY KEY, email text)");
            database.run(
                    "CREATE FUNCTION \"my.schema\".\"hide.it\"(v text) RETURNS text LANGUAGE sql IMMUTABLE RETURN ''");
            database.run("CREATE FUNCTION same(a text, b text) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN a = b");
            database.run("CREATE FUNCTION other(a text, b text) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN a <> b");
            api.call("POST", SCIM + "/Groups", "{\"displayName\":\"shapes-team\"}")
                    .ok();
            api.call("PATCH", "/api/2.0/permissions/database-projects/" + PROJECT, """
                            {"access_control_list":[{"principal":"shapes-team","permission_level":"CAN_USE"}]}
                            """)
                    .ok();
            api.call("POST", "/api/2.1/tag-policies", "{\"tag_key\":\"shape\"}").ok();
        }
        catalog = database.catalog();
    }

    private JsonNode define(String name, String more) {
        return api.call("POST", U + "/policies", """
                        {"name":"%s","on_securable_type":"CATALOG","on_securable_fullname":"%s",
                         "for_securable_type":"TABLE","to_principals":["shapes-team"],%s}
                        """.formatted(name, catalog, more))
                .ok();
    }

    private String on() {
        return U + "/policies/catalog/" + catalog;
    }

    @Test
    void aConditionThatWasNotGivenIsNotAnsweredAndABlankOneIsNone() {
        String mask = "\"match_columns\":[{\"alias\":\"c\",\"condition\":\"has_tag('shape')\"}],"
                + "\"column_mask\":{\"function_name\":\"system.mask.redact\",\"on_column\":\"c\"}";
        assertThat(define("always", mask).has("when_condition")).isFalse();
        assertThat(define("said", mask + ",\"when_condition\":\"TRUE\"")
                        .get("when_condition")
                        .asString())
                .isEqualTo("TRUE");
        String some = "{\"when_condition\":\"has_tag('shape')\"}";
        for (String blank : new String[] {"{\"when_condition\":\"\"}", "{\"when_condition\":\" \"}", "{}"}) {
            assertThat(api.call("PATCH", on() + "/always", some)
                            .ok()
                            .get("when_condition")
                            .asString())
                    .isEqualTo("has_tag('shape')");
            assertThat(api.call("PATCH", on() + "/always?update_mask=when_condition", blank)
                            .ok()
                            .has("when_condition"))
                    .as(blank)
                    .isFalse();
        }
        api.call("DELETE", on() + "/always", "").ok();
        api.call("DELETE", on() + "/said", "").ok();
    }

    @Test
    void aMaskThatNamesBothEffectsTakesTheOneThatIsGiven() {
        define("both", """
                "row_filter":{"function_name":"%s.public.same","using":[{"constant":"1"},{"constant":"1"}]}
                """.formatted(catalog));
        String filter = """
                {"policy_type":"POLICY_TYPE_ROW_FILTER","for_securable_type":"TABLE","to_principals":["shapes-team"],
                 "row_filter":{"function_name":"%s.public.other","using":[{"constant":"1"},{"constant":"2"}]}}
                """.formatted(catalog);
        JsonNode changed =
                api.call("PATCH", on() + "/both" + ALL_FIELDS, filter).ok();
        assertThat(changed.at("/row_filter/function_name").asString()).isEqualTo(catalog + ".public.other");
        assertThat(changed.has("column_mask")).isFalse();
        String mask = """
                {"policy_type":"POLICY_TYPE_COLUMN_MASK","to_principals":["shapes-team"],
                 "match_columns":[{"alias":"c","condition":"has_tag('shape')"}],
                 "column_mask":{"function_name":"system.mask.redact","on_column":"c"}}""";
        assertThat(api.call("PATCH", on() + "/both" + ALL_FIELDS, mask).ok().has("row_filter"))
                .isFalse();
        api.call("PATCH", on() + "/both" + ALL_FIELDS, "{\"to_principals\":[\"shapes-team\"]}")
                .assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
        api.call("DELETE", on() + "/both", "").ok();
    }

    @Test
    void anAliasIsNeededOnlyWhereSomethingRefersToIt() {
        String filter = """
                "row_filter":{"function_name":"%s.public.same","using":[%%s,{"constant":"1"}]},
                "match_columns":[{"condition":"has_tag('shape')"},{"condition":"NOT has_tag('shape')"}]
                """.formatted(catalog);
        JsonNode made = define("unnamed", filter.formatted("{\"constant\":\"1\"}"));
        assertThat(made.at("/match_columns/0").has("alias")).isFalse();
        assertThat(made.get("match_columns")).hasSize(2);
        api.call("DELETE", on() + "/unnamed", "").ok();
        api.call("POST", U + "/policies", """
                        {"name":"unnamed","on_securable_type":"CATALOG","on_securable_fullname":"%s",
                         "for_securable_type":"TABLE","to_principals":["shapes-team"],%s}
                        """.formatted(catalog, filter.formatted("{\"alias\":\"\"}")))
                .assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
    }

    @Test
    void fullNamesAreAnsweredAsTheyCanBeGivenBack() {
        String table = catalog + ".`my.schema`.`a``b`";
        JsonNode found = api.get(U + "/tables?catalog_name=" + catalog + "&schema_name=my.schema")
                .ok()
                .at("/tables/0");
        assertThat(found.get("full_name").asString()).isEqualTo(table);
        assertThat(api.get(U + "/tables/" + table.replace("`", "%60"))
                        .ok()
                        .get("name")
                        .asString())
                .isEqualTo("a`b");
        String function = catalog + ".`my.schema`.`hide.it`";
        assertThat(api.get(U + "/functions?catalog_name=" + catalog + "&schema_name=my.schema")
                        .ok()
                        .at("/functions/0/full_name")
                        .asString())
                .isEqualTo(function);
        JsonNode made = define(
                "dotted",
                "\"match_columns\":[{\"alias\":\"c\",\"condition\":\"has_tag('shape')\"}],\"column_mask\":{\"function_name\":\"`"
                        + catalog + "`.`my.schema`.`hide.it`\",\"on_column\":\"c\"}");
        assertThat(made.at("/column_mask/function_name").asString()).isEqualTo(function);
        api.call("DELETE", on() + "/dotted", "").ok();
    }

    @Test
    void effectivePrivilegesAreListedUnderTheNameThatTheirMethodHas() {
        api.call("PATCH", U + "/permissions/catalog/" + catalog, """
                        {"changes":[{"principal":"shapes-team","add":["USE_CATALOG"]}]}
                        """).ok();
        JsonNode listed = api.get(U + "/effective-privilege-assignments/schema/" + catalog + ".public")
                .ok();
        assertThat(listed.at("/effective_privilege_assignments/0/privileges/0/inherited_from_name")
                        .asString())
                .isEqualTo(catalog);
        assertThat(api.get(U + "/privilege-assignments/catalog/" + catalog)
                        .ok()
                        .at("/privilege_assignments/0/principal")
                        .asString())
                .isEqualTo("shapes-team");
    }

    @Test
    void ofAnEffectThatTheMaskDoesNotNameWhatIsNotGivenStays() {
        define("part", """
                "row_filter":{"function_name":"%s.public.same","using":[{"constant":"1"},{"constant":"1"}]}
                """.formatted(catalog));
        JsonNode other = api.call("PATCH", on() + "/part", """
                        {"row_filter":{"using":[{"constant":"1"},{"constant":"2"}]}}""").ok();
        assertThat(other.at("/row_filter/function_name").asString()).isEqualTo(catalog + ".public.same");
        JsonNode called =
                api.call("PATCH", on() + "/part", """
                        {"row_filter":{"function_name":"%s.public.other"}}""".formatted(catalog)).ok();
        assertThat(called.at("/row_filter/using/1/constant").asString()).isEqualTo("2");
        api.call("PATCH", on() + "/part?update_mask=row_filter", "{\"row_filter\":{\"using\":[]}}")
                .assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
        api.call("PATCH", on() + "/part", "{\"column_mask\":{\"on_column\":\"c\"}}")
                .assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
        api.call("DELETE", on() + "/part", "").ok();
    }

    @Test
    void anotherTypeThanWhatAPolicyDoesIsRefused() {
        define("typed", """
                "match_columns":[{"alias":"c","condition":"has_tag('shape')"}],
                "column_mask":{"function_name":"system.mask.redact","on_column":"c"}""");
        for (String mask : new String[] {"", "?update_mask=policy_type"}) {
            Reply refused = api.call("PATCH", on() + "/typed" + mask, "{\"policy_type\":\"POLICY_TYPE_ROW_FILTER\"}");
            refused.assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
            assertThat(refused.text()).contains("what the policy does is a column_mask. Give row_filter");
            api.call("PATCH", on() + "/typed" + mask, "{\"policy_type\":\"POLICY_TYPE_COLUMN_MASK\"}")
                    .ok();
        }
        api.call("DELETE", on() + "/typed", "").ok();
    }

    /** Terraform takes an empty list for one that it has not asked for. */
    @Test
    void whatWasNeverGivenIsNotAnswered() {
        JsonNode filter = define("bare", """
                "row_filter":{"function_name":"%s.public.same","using":[{"constant":"1"},{"constant":"1"}]}
                """.formatted(catalog));
        assertThat(filter.has("except_principals")).isFalse();
        assertThat(filter.has("match_columns")).isFalse();
        JsonNode mask = define("masks", """
                "match_columns":[{"alias":"c","condition":"has_tag('shape')"}],
                "column_mask":{"function_name":"system.mask.redact","on_column":"c"}""");
        assertThat(mask.get("column_mask").has("using")).isFalse();
        JsonNode tag = api.call("PATCH", "/api/2.1/tag-policies/shape?update_mask=description,values", "{}")
                .ok();
        assertThat(tag.has("description")).isFalse();
        assertThat(tag.has("values")).isFalse();
        JsonNode assigned = api.call("POST", U + "/entity-tag-assignments", """
                        {"entity_type":"catalogs","entity_name":"%s","tag_key":"shape"}
                        """.formatted(catalog))
                .ok();
        assertThat(assigned.has("tag_value")).isFalse();
        api.call("DELETE", U + "/entity-tag-assignments/catalogs/" + catalog + "/tags/shape", "")
                .ok();
        api.call("DELETE", on() + "/bare", "").ok();
        api.call("DELETE", on() + "/masks", "").ok();
    }

    @Test
    void aSetOfTenThousandPoliciesIsRead() {
        String set = U + "/policy-sets/" + catalog;
        String known = "{\"policies\":[],\"epoch\":0,\"left\":\"";
        api.call("PUT", set, known + "y".repeat(8 << 20) + "\"}")
                .assertRefused(400, "INVALID_STATE", "RULES_HAVE_CHANGED");
        Reply larger = api.call("PUT", set, known + "y".repeat(16 << 20) + "\"}");
        larger.assertRefused(413, "BAD_REQUEST", "BODY_TOO_LARGE");
        assertThat(larger.text()).contains("larger than 16 MiB");
    }

    @Test
    void aCatalogGetsNoOtherName() {
        Reply refused = api.call("PATCH", U + "/catalogs/" + catalog, "{\"new_name\":\"mine\"}");
        refused.assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
        assertThat(refused.text()).contains("a catalog is called after its database");
    }

    @Test
    void aRoleOnATagIsTakenFromOneByAnyNameOfHis() {
        String rules = "/api/2.0/preview/accounts/access-control/rule-sets";
        String name = "accounts/any/tagPolicies/shape/ruleSets/default";
        JsonNode client = api.call("POST", SCIM + "/ServicePrincipals", "{\"displayName\":\"shapes-etl\"}")
                .ok();
        JsonNode before = api.get(rules + "?name=" + name).ok();
        JsonNode given = api.call("PUT", rules, """
                        {"name":"%s","rule_set":{"name":"%s","etag":"%s","grant_rules":[
                          {"role":"roles/tagPolicy.assigner","principals":["shapes-etl","groups/shapes-team"]}]}}
                        """.formatted(
                                name, name, before.get("etag").asString()))
                .ok();
        assertThat(given.at("/grant_rules/0/principals").toString())
                .contains("servicePrincipals/" + client.get("applicationId").asString());

        String one = rules + "?name=" + name + "&role=roles/tagPolicy.assigner&principal=";
        JsonNode left = api.call("DELETE", one + "shapes-etl", "").ok();
        assertThat(left.at("/grant_rules/0/principals").toString()).isEqualTo("[\"groups/shapes-team\"]");
        api.call("DELETE", one + "shapes-etl", "").assertRefused(404, "NOT_FOUND", "NOT_FOUND");
        api.call("DELETE", one + "groups/shapes-team", "").ok();
    }
}
