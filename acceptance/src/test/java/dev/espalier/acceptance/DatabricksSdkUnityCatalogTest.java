package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.databricks.sdk.WorkspaceClient;
import com.databricks.sdk.core.error.platform.BadRequest;
import com.databricks.sdk.core.error.platform.InvalidParameterValue;
import com.databricks.sdk.core.error.platform.NotFound;
import com.databricks.sdk.core.error.platform.ResourceConflict;
import com.databricks.sdk.service.catalog.CatalogInfo;
import com.databricks.sdk.service.catalog.ColumnInfo;
import com.databricks.sdk.service.catalog.ColumnMaskOptions;
import com.databricks.sdk.service.catalog.ColumnTypeName;
import com.databricks.sdk.service.catalog.CreateCatalog;
import com.databricks.sdk.service.catalog.CreateEntityTagAssignmentRequest;
import com.databricks.sdk.service.catalog.CreatePolicyRequest;
import com.databricks.sdk.service.catalog.CreateSchema;
import com.databricks.sdk.service.catalog.EffectivePrivilege;
import com.databricks.sdk.service.catalog.EntityTagAssignment;
import com.databricks.sdk.service.catalog.FunctionArgument;
import com.databricks.sdk.service.catalog.FunctionInfo;
import com.databricks.sdk.service.catalog.ListCatalogsRequest;
import com.databricks.sdk.service.catalog.MatchColumn;
import com.databricks.sdk.service.catalog.PermissionsChange;
import com.databricks.sdk.service.catalog.PolicyInfo;
import com.databricks.sdk.service.catalog.PolicyType;
import com.databricks.sdk.service.catalog.Privilege;
import com.databricks.sdk.service.catalog.PrivilegeAssignment;
import com.databricks.sdk.service.catalog.RowFilterOptions;
import com.databricks.sdk.service.catalog.SchemaInfo;
import com.databricks.sdk.service.catalog.SecurableType;
import com.databricks.sdk.service.catalog.TableInfo;
import com.databricks.sdk.service.catalog.TableType;
import com.databricks.sdk.service.catalog.UpdateCatalog;
import com.databricks.sdk.service.catalog.UpdateEntityTagAssignmentRequest;
import com.databricks.sdk.service.catalog.UpdatePermissions;
import com.databricks.sdk.service.catalog.UpdatePolicyRequest;
import com.databricks.sdk.service.iam.GrantRule;
import com.databricks.sdk.service.iam.Group;
import com.databricks.sdk.service.iam.MeRequest;
import com.databricks.sdk.service.iam.RuleSetResponse;
import com.databricks.sdk.service.iam.RuleSetUpdateRequest;
import com.databricks.sdk.service.iam.UpdateRuleSetRequest;
import com.databricks.sdk.service.postgres.CreateProjectRequest;
import com.databricks.sdk.service.postgres.DeleteProjectRequest;
import com.databricks.sdk.service.postgres.Project;
import com.databricks.sdk.service.tags.CreateTagPolicyRequest;
import com.databricks.sdk.service.tags.ListTagPoliciesRequest;
import com.databricks.sdk.service.tags.TagPolicy;
import com.databricks.sdk.service.tags.UpdateTagPolicyRequest;
import com.databricks.sdk.service.tags.Value;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Catalogs, grants, tags and policies, by Databricks' SDK. */
@ExtendWith(Shared.class)
class DatabricksSdkUnityCatalogTest {

    private static final String PROJECT = "unity";
    private static final String BRANCH = "projects/" + PROJECT + "/branches/production";

    private final WorkspaceClient workspace;

    /** @param shop makes the first project, so that the name of the database is taken */
    DatabricksSdkUnityCatalogTest(ServerProcess server, Shop shop) {
        assertThat(shop.owner()).isNotEmpty();
        this.workspace = Shop.signIn(server, server.clientSecret());
    }

    @Test
    void catalogsTablesGrantsTagsAndPoliciesAreReadAndChanged() throws TimeoutException, SQLException {
        workspace
                .postgres()
                .createProject(new CreateProjectRequest().setProjectId(PROJECT).setProject(new Project()))
                .waitForCompletion();
        String owner = workspace.currentUser().me(new MeRequest()).getDisplayName();
        Sql sql = new Sql(
                workspace
                        .postgres()
                        .getEndpoint(BRANCH + "/endpoints/primary")
                        .getStatus()
                        .getHosts()
                        .getHost(),
                Sql.USUAL_DATABASE,
                owner);
        sql.execute("CREATE TABLE people (id int PRIMARY KEY, email text)");
        sql.execute("CREATE FUNCTION is_early(n int) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN n < 10");
        sql.execute("CREATE FUNCTION nothing_of(t text) RETURNS text LANGUAGE sql IMMUTABLE RETURN NULL::text");
        String catalog = catalog();
        metastore();
        tables(catalog);
        tags(catalog);
        grants(catalog);
        grantsBelowTheCatalog(catalog);
        policies(catalog);
        rowFilters(catalog);
        whoMayAssignTags();
        takeTagsAway(catalog);
    }

    private void metastore() {
        String id = workspace.metastores().summary().getMetastoreId();
        assertThat(id).isNotBlank();
        assertThat(workspace.metastores().current().getMetastoreId()).isEqualTo(id);
        assertThat(workspace.metastores().current().getWorkspaceId()).isEqualTo(1);
    }

    private String catalog() {
        CatalogInfo found = stream(workspace.catalogs().list(new ListCatalogsRequest()))
                .filter(catalog ->
                        ("projects/" + PROJECT).equals(catalog.getProperties().get("project")))
                .findFirst()
                .orElseThrow();
        assertThat(found.getName()).isEqualTo("unity_databricks_postgres");
        assertThat(workspace
                        .catalogs()
                        .update(new UpdateCatalog().setName(found.getName()).setComment("people of the shop"))
                        .getComment())
                .isEqualTo("people of the shop");
        assertThat(workspace.catalogs().get(found.getName()).getComment()).isEqualTo("people of the shop");
        assertThatThrownBy(() -> workspace.catalogs().get("nothing")).isInstanceOf(NotFound.class);
        return found.getName();
    }

    private void tables(String catalog) {
        assertThat(stream(workspace.schemas().list(catalog)).map(SchemaInfo::getFullName))
                .contains(catalog + ".public");
        TableInfo table = workspace.tables().get(catalog + ".public.people");
        assertThat(table.getTableType()).isEqualTo(TableType.MANAGED);
        assertThat(table.getColumns()).extracting(ColumnInfo::getName).containsExactly("id", "email");
        assertThat(table.getColumns())
                .extracting(ColumnInfo::getTypeName)
                .containsExactly(ColumnTypeName.INT, ColumnTypeName.STRING);
        assertThat(stream(workspace.tables().list(catalog, "public")).map(TableInfo::getName))
                .contains("people");
        assertThat(workspace.tables().exists(catalog + ".public.people").getTableExists())
                .isTrue();
        assertThat(stream(workspace.functions().list(catalog, "public")).map(FunctionInfo::getName))
                .contains("nothing_of", "is_early");
        assertThatThrownBy(() -> workspace
                        .schemas()
                        .create(new CreateSchema().setName("new").setCatalogName(catalog)))
                .isInstanceOf(BadRequest.class)
                .hasMessageContaining("CREATE SCHEMA");
        assertThatThrownBy(() -> workspace.catalogs().create(new CreateCatalog().setName("new")))
                .isInstanceOf(BadRequest.class)
                .hasMessageContaining("espalier databases create");
        assertThat(workspace
                        .functions()
                        .get(catalog + ".public.nothing_of")
                        .getInputParams()
                        .getParameters())
                .hasSize(1);
    }

    private void tags(String catalog) {
        workspace
                .tagPolicies()
                .createTagPolicy(new CreateTagPolicyRequest()
                        .setTagPolicy(new TagPolicy()
                                .setTagKey("sdk_pii")
                                .setValues(List.of(new Value().setName("email"), new Value().setName("phone")))));
        workspace
                .tagPolicies()
                .updateTagPolicy(new UpdateTagPolicyRequest()
                        .setTagKey("sdk_pii")
                        .setUpdateMask("description")
                        .setTagPolicy(new TagPolicy().setDescription("people")));
        TagPolicy tag = workspace.tagPolicies().getTagPolicy("sdk_pii");
        assertThat(tag.getDescription()).isEqualTo("people");
        assertThat(tag.getValues()).extracting(Value::getName).containsExactly("email", "phone");
        EntityTagAssignment wanted = new EntityTagAssignment()
                .setEntityType("columns")
                .setEntityName(catalog + ".public.people.email")
                .setTagKey("sdk_pii")
                .setTagValue("phone");
        workspace.entityTagAssignments().create(new CreateEntityTagAssignmentRequest().setTagAssignment(wanted));
        assertThatThrownBy(() -> workspace
                        .entityTagAssignments()
                        .create(new CreateEntityTagAssignmentRequest().setTagAssignment(wanted)))
                .isInstanceOf(ResourceConflict.class);
        workspace
                .entityTagAssignments()
                .update(new UpdateEntityTagAssignmentRequest()
                        .setEntityType(wanted.getEntityType())
                        .setEntityName(wanted.getEntityName())
                        .setTagKey("sdk_pii")
                        .setUpdateMask("tag_value")
                        .setTagAssignment(new EntityTagAssignment().setTagValue("email")));
        assertThat(stream(workspace.entityTagAssignments().list("columns", wanted.getEntityName()))
                        .map(EntityTagAssignment::getTagValue))
                .containsExactly("email");
    }

    private void grants(String catalog) {
        workspace.groups().create(new Group().setDisplayName("sdk-analysts"));
        workspace
                .grants()
                .update(new UpdatePermissions()
                        .setSecurableType("CATALOG")
                        .setFullName(catalog)
                        .setChanges(List.of(new PermissionsChange()
                                .setPrincipal("sdk-analysts")
                                .setAdd(List.of(Privilege.USE_CATALOG, Privilege.USE_SCHEMA, Privilege.SELECT)))));
        assertThat(workspace.grants().get("CATALOG", catalog).getPrivilegeAssignments())
                .extracting(PrivilegeAssignment::getPrincipal)
                .containsExactly("sdk-analysts");
        assertThat(workspace
                        .grants()
                        .getEffective("TABLE", catalog + ".public.people")
                        .getPrivilegeAssignments())
                .singleElement()
                .satisfies(assignment -> assertThat(assignment.getPrivileges())
                        .extracting(EffectivePrivilege::getInheritedFromName)
                        .containsOnly(catalog));
        assertThat(stream(workspace.grants().listEffective("TABLE", catalog + ".public.people")))
                .singleElement()
                .satisfies(assignment -> assertThat(assignment.getPrincipal()).isEqualTo("sdk-analysts"))
                .satisfies(assignment -> assertThat(assignment.getPrivileges()).hasSize(3));
        assertThat(stream(workspace.grants().list("CATALOG", catalog)))
                .singleElement()
                .satisfies(assignment -> assertThat(assignment.getPrivileges()).hasSize(3));
        assertThatThrownBy(() -> workspace
                        .grants()
                        .update(new UpdatePermissions()
                                .setSecurableType("CATALOG")
                                .setFullName(catalog)
                                .setChanges(List.of(new PermissionsChange()
                                        .setPrincipal("sdk-analysts")
                                        .setAdd(List.of(Privilege.SELECT))
                                        .setRemove(List.of(Privilege.SELECT))))))
                .isInstanceOf(InvalidParameterValue.class);
    }

    private void grantsBelowTheCatalog(String catalog) {
        assertGiven("SCHEMA", catalog + ".public", Privilege.CREATE_TABLE, Privilege.APPLY_TAG, Privilege.BROWSE);
        assertGiven("TABLE", catalog + ".public.people", Privilege.MODIFY, Privilege.MANAGE);
        assertGiven("FUNCTION", catalog + ".public.nothing_of", Privilege.EXECUTE);
        assertGiven("CATALOG", catalog, Privilege.CREATE_SCHEMA, Privilege.ALL_PRIVILEGES);
    }

    private void assertGiven(String type, String name, Privilege... privileges) {
        List<PrivilegeAssignment> before = workspace.grants().get(type, name).getPrivilegeAssignments().stream()
                .toList();
        PermissionsChange change = new PermissionsChange().setPrincipal("account users");
        change(type, name, change.setAdd(List.of(privileges)));
        assertThat(workspace.grants().get(type, name).getPrivilegeAssignments())
                .filteredOn(assignment -> assignment.getPrincipal().equals("account users"))
                .singleElement()
                .satisfies(assignment -> assertThat(assignment.getPrivileges()).containsExactlyInAnyOrder(privileges));
        change(type, name, new PermissionsChange().setPrincipal("account users").setRemove(List.of(privileges)));
        assertThat(workspace.grants().get(type, name).getPrivilegeAssignments())
                .containsExactlyInAnyOrderElementsOf(before);
    }

    private void change(String type, String name, PermissionsChange change) {
        workspace
                .grants()
                .update(new UpdatePermissions()
                        .setSecurableType(type)
                        .setFullName(name)
                        .setChanges(List.of(change)));
    }

    private void rowFilters(String catalog) {
        workspace
                .tagPolicies()
                .createTagPolicy(new CreateTagPolicyRequest().setTagPolicy(new TagPolicy().setTagKey("sdk_number")));
        workspace
                .entityTagAssignments()
                .create(new CreateEntityTagAssignmentRequest()
                        .setTagAssignment(new EntityTagAssignment()
                                .setEntityType("columns")
                                .setEntityName(catalog + ".public.people.id")
                                .setTagKey("sdk_number")));
        PolicyInfo made = workspace
                .policies()
                .createPolicy(new CreatePolicyRequest()
                        .setPolicyInfo(new PolicyInfo()
                                .setName("only_early")
                                .setOnSecurableType(SecurableType.TABLE)
                                .setOnSecurableFullname(catalog + ".public.people")
                                .setForSecurableType(SecurableType.TABLE)
                                .setPolicyType(PolicyType.POLICY_TYPE_ROW_FILTER)
                                .setToPrincipals(List.of("sdk-analysts"))
                                .setMatchColumns(
                                        List.of(new MatchColumn().setAlias("n").setCondition("has_tag('sdk_number')")))
                                .setRowFilter(new RowFilterOptions()
                                        .setFunctionName(catalog + ".public.is_early")
                                        .setUsing(List.of(new FunctionArgument().setAlias("n"))))));
        assertThat(made.getRowFilter().getUsing())
                .extracting(FunctionArgument::getAlias)
                .containsExactly("n");
        assertThat(workspace.policies().getPolicy("TABLE", catalog + ".public.people", "only_early"))
                .isEqualTo(made);
        workspace.policies().deletePolicy("TABLE", catalog + ".public.people", "only_early");
    }

    private void whoMayAssignTags() {
        String name = "accounts/any/tagPolicies/"
                + workspace.tagPolicies().getTagPolicy("sdk_pii").getId() + "/ruleSets/default";
        var proxy = workspace.accountAccessControlProxy();
        RuleSetResponse before = proxy.getRuleSet(name, "");
        assertThat(before.getGrantRules())
                .extracting(GrantRule::getRole)
                .as("who has made it")
                .containsExactly("roles/tagPolicy.manager");
        List<GrantRule> rules = new ArrayList<>(before.getGrantRules());
        rules.add(new GrantRule().setRole("roles/tagPolicy.assigner").setPrincipals(List.of("groups/sdk-analysts")));
        UpdateRuleSetRequest update = new UpdateRuleSetRequest()
                .setName(name)
                .setRuleSet(new RuleSetUpdateRequest()
                        .setName(name)
                        .setEtag(before.getEtag())
                        .setGrantRules(rules));
        assertThat(proxy.updateRuleSet(update).getGrantRules())
                .filteredOn(rule -> rule.getRole().equals("roles/tagPolicy.assigner"))
                .singleElement()
                .satisfies(rule -> assertThat(rule.getPrincipals()).containsExactly("groups/sdk-analysts"));
        assertThatThrownBy(() -> proxy.updateRuleSet(update)).isInstanceOf(ResourceConflict.class);
    }

    private void takeTagsAway(String catalog) {
        for (String tagged : List.of("email:sdk_pii", "id:sdk_number")) {
            String column = catalog + ".public.people." + tagged.substring(0, tagged.indexOf(':'));
            String key = tagged.substring(tagged.indexOf(':') + 1);
            assertThat(workspace
                            .entityTagAssignments()
                            .get("columns", column, key)
                            .getTagKey())
                    .isEqualTo(key);
            assertThat(stream(workspace.tagPolicies().listTagPolicies(new ListTagPoliciesRequest()))
                            .map(TagPolicy::getTagKey))
                    .contains(key);
            workspace.entityTagAssignments().delete("columns", column, key);
            assertThatThrownBy(() -> workspace.entityTagAssignments().get("columns", column, key))
                    .isInstanceOf(NotFound.class);
            workspace.tagPolicies().deleteTagPolicy(key);
            assertThatThrownBy(() -> workspace.tagPolicies().getTagPolicy(key)).isInstanceOf(NotFound.class);
        }
    }

    private void policies(String catalog) {
        PolicyInfo wanted = new PolicyInfo()
                .setName("hide_email")
                .setOnSecurableType(SecurableType.CATALOG)
                .setOnSecurableFullname(catalog)
                .setForSecurableType(SecurableType.TABLE)
                .setPolicyType(PolicyType.POLICY_TYPE_COLUMN_MASK)
                .setToPrincipals(List.of("sdk-analysts"))
                .setMatchColumns(
                        List.of(new MatchColumn().setAlias("c").setCondition("hasTagValue('sdk_pii', 'email')")))
                .setColumnMask(new ColumnMaskOptions()
                        .setFunctionName(catalog + ".public.nothing_of")
                        .setOnColumn("c"));
        PolicyInfo made = workspace.policies().createPolicy(new CreatePolicyRequest().setPolicyInfo(wanted));
        assertThat(made.getId()).isNotBlank();
        assertThatThrownBy(() -> workspace.policies().createPolicy(new CreatePolicyRequest().setPolicyInfo(wanted)))
                .isInstanceOf(ResourceConflict.class);
        PolicyInfo changed = workspace
                .policies()
                .updatePolicy(new UpdatePolicyRequest()
                        .setOnSecurableType("CATALOG")
                        .setOnSecurableFullname(catalog)
                        .setName("hide_email")
                        .setUpdateMask("comment")
                        .setPolicyInfo(new PolicyInfo().setComment("by law")));
        assertThat(changed.getComment()).isEqualTo("by law");
        assertThat(changed.getWhenCondition()).isNull();
        PolicyInfo asTerraformSaysIt = workspace
                .policies()
                .updatePolicy(new UpdatePolicyRequest()
                        .setOnSecurableType("CATALOG")
                        .setOnSecurableFullname(catalog)
                        .setName("hide_email")
                        .setUpdateMask(
                                "column_mask,comment,except_principals,for_securable_type,match_columns,policy_type,"
                                        + "row_filter,to_principals,when_condition")
                        .setPolicyInfo(wanted.setComment("by law")));
        assertThat(asTerraformSaysIt.setUpdatedAt(changed.getUpdatedAt())).isEqualTo(changed);
        assertThat(stream(workspace.policies().listPolicies("CATALOG", catalog)).map(PolicyInfo::getName))
                .containsExactly("hide_email");
        assertThat(workspace
                        .policies()
                        .getPolicy("CATALOG", catalog, "hide_email")
                        .setUpdatedAt(changed.getUpdatedAt()))
                .isEqualTo(changed);
        workspace.policies().deletePolicy("CATALOG", catalog, "hide_email");
        assertThatThrownBy(() -> workspace.policies().getPolicy("CATALOG", catalog, "hide_email"))
                .isInstanceOf(NotFound.class);
    }

    /** Others address databases of the one project that they know of. */
    @AfterEach
    void removeTheProject() throws TimeoutException {
        workspace
                .postgres()
                .deleteProject(new DeleteProjectRequest()
                        .setName("projects/" + PROJECT)
                        .setPurge(true))
                .waitForCompletion();
    }

    private static <T> Stream<T> stream(Iterable<T> items) {
        return StreamSupport.stream(items.spliterator(), false);
    }
}
