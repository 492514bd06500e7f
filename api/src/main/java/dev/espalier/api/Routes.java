package dev.espalier.api;

import dev.espalier.api.audit.AuditRoutes;
import dev.espalier.api.audit.AuditVerification;
import dev.espalier.api.billing.BillingRoutes;
import dev.espalier.api.branch.AttestationRoutes;
import dev.espalier.api.branch.BranchInsightRoutes;
import dev.espalier.api.branch.BranchResource;
import dev.espalier.api.branch.BranchRoutes;
import dev.espalier.api.credential.CredentialRoutes;
import dev.espalier.api.database.DatabaseResource;
import dev.espalier.api.database.DatabaseRoutes;
import dev.espalier.api.endpoint.EndpointResource;
import dev.espalier.api.endpoint.EndpointRoutes;
import dev.espalier.api.http.Route;
import dev.espalier.api.oauth.OauthRoutes;
import dev.espalier.api.openapi.OpenApiRoutes;
import dev.espalier.api.operation.OperationResources;
import dev.espalier.api.operation.OperationResources.Subject;
import dev.espalier.api.operation.OperationRoutes;
import dev.espalier.api.port.PortRoutes;
import dev.espalier.api.principal.PermissionRoutes;
import dev.espalier.api.principal.SecretRoutes;
import dev.espalier.api.project.ProjectResources;
import dev.espalier.api.project.ProjectRoutes;
import dev.espalier.api.role.RoleResource;
import dev.espalier.api.role.RoleRoutes;
import dev.espalier.api.scim.ScimRoutes;
import dev.espalier.api.system.Health;
import dev.espalier.api.system.SystemRoutes;
import dev.espalier.api.unitycatalog.CatalogRoutes;
import dev.espalier.api.unitycatalog.FunctionRoutes;
import dev.espalier.api.unitycatalog.GovernedTagRoutes;
import dev.espalier.api.unitycatalog.GrantRoutes;
import dev.espalier.api.unitycatalog.MadeBySqlRoutes;
import dev.espalier.api.unitycatalog.MetastoreRoutes;
import dev.espalier.api.unitycatalog.PolicyRoutes;
import dev.espalier.api.unitycatalog.PolicySetRoutes;
import dev.espalier.api.unitycatalog.RuleSetRoutes;
import dev.espalier.api.unitycatalog.SchemaRoutes;
import dev.espalier.api.unitycatalog.TableRoutes;
import dev.espalier.api.unitycatalog.TagAssignmentRoutes;
import dev.espalier.api.unitycatalog.TagProposalRoutes;
import dev.espalier.control.ControlPlane;
import dev.espalier.control.PolicyReplay;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** All methods of the API. */
final class Routes {

    private Routes() {}

    static List<Route> all(
            ControlPlane control,
            PolicyReplay replay,
            Identity identity,
            String version,
            Health.Gateway gateway,
            Supplier<List<String>> problems,
            Supplier<AuditVerification> audit,
            Billing billing,
            Clock clock) {
        ProjectResources projects = new ProjectResources(control.branches());
        OperationResources operations = operations(control, projects);
        List<Route> documented = Stream.of(
                        new ProjectRoutes(control.projects(), projects, operations).routes(),
                        new BranchRoutes(control.branches(), control.access(), operations).routes(),
                        new BranchInsightRoutes(control.insight(), control.access()).routes(),
                        new PortRoutes(control.ports(), gateway.host()).routes(),
                        new EndpointRoutes(control.endpoints(), operations).routes(),
                        new RoleRoutes(control.roles(), operations).routes(),
                        new DatabaseRoutes(control.databases(), operations).routes(),
                        new OperationRoutes(control.operations(), control.access(), operations).routes(),
                        new CredentialRoutes(
                                        control.endpoints(), control.access(), identity.databaseCredentials(), clock)
                                .routes(),
                        new ScimRoutes(control.directory()).routes(),
                        new SecretRoutes(control.secrets(), identity.secrets()).routes(),
                        new PermissionRoutes(control.access()).routes(),
                        new MetastoreRoutes(control.metastore().catalogs(), OauthRoutes.WORKSPACE).routes(),
                        new MadeBySqlRoutes().routes(),
                        new CatalogRoutes(control.metastore().catalogs()).routes(),
                        new SchemaRoutes(control.metastore().catalogs()).routes(),
                        new TableRoutes(control.metastore().catalogs()).routes(),
                        new FunctionRoutes(control.metastore().catalogs()).routes(),
                        new GrantRoutes(control.metastore().grants()).routes(),
                        new PolicyRoutes(control.metastore().policies()).routes(),
                        new PolicySetRoutes(control.metastore().policySets(), replay).routes(),
                        new TagProposalRoutes(control.metastore().tagProposals()).routes(),
                        new GovernedTagRoutes(control.metastore().governedTags()).routes(),
                        new RuleSetRoutes(
                                        control.metastore().governedTags(),
                                        control.metastore().tagGrants())
                                .routes(),
                        new TagAssignmentRoutes(control.metastore().tagAssignments()).routes(),
                        new AttestationRoutes(control.attestations()).routes(),
                        new AuditRoutes(audit).routes(),
                        new BillingRoutes(billing.prices(), billing.corrections()).routes(),
                        new SystemRoutes(
                                        version,
                                        gateway,
                                        control::requireDatabase,
                                        control::status,
                                        problems,
                                        control.calls(),
                                        clock)
                                .routes(),
                        new OauthRoutes(identity.clientCredentials(), identity.accessTokens(), identity.keys(), clock)
                                .routes())
                .flatMap(List::stream)
                .toList();
        return OpenApiRoutes.with(documented, version);
    }

    private static OperationResources operations(ControlPlane control, ProjectResources projects) {
        return new OperationResources(Map.of(
                Subject.PROJECT,
                operation ->
                        control.projects().getByUid(operation.resourceUid()).map(projects::of),
                Subject.BRANCH,
                operation ->
                        control.branches().getByUid(operation.resourceUid()).map(BranchResource::of),
                Subject.ENDPOINT,
                operation ->
                        control.endpoints().getByUid(operation.resourceUid()).map(EndpointResource::of),
                Subject.ROLE,
                operation -> control.roles().ofOperation(operation).map(RoleResource::of),
                Subject.DATABASE,
                operation -> control.databases().ofOperation(operation).map(DatabaseResource::of)));
    }
}
