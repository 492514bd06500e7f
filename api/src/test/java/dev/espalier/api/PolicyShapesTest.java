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
}
