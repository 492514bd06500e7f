package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.client.ResourceNames;
import dev.espalier.cli.output.View;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Calls about roles. */
@Command(name = "roles", description = "PostgreSQL roles of a branch")
final class Roles {
    private final Session session;

    Roles(Session session) {
        this.session = session;
    }

    /** Whom a role stands for. The names are the API's. */
    enum Identity {
        USER,
        SERVICE_PRINCIPAL,
        GROUP
    }

    /** How a role signs in. The names are the API's. */
    enum AuthMethod {
        LAKEBASE_OAUTH_V1,
        PG_PASSWORD_SCRAM_SHA_256,
        NO_LOGIN
    }

    /** What creating and updating a role have in common. */
    static final class Settings {
        @Option(
                names = "--auth-method",
                paramLabel = "METHOD",
                description = "how it signs in: ${COMPLETION-CANDIDATES}")
        @Nullable
        AuthMethod authMethod;

        @Option(names = "--createdb", negatable = true, description = "may create databases")
        @Nullable
        Boolean createdb;

        @Option(names = "--createrole", negatable = true, description = "may create roles")
        @Nullable
        Boolean createrole;

        @Option(names = "--bypassrls", negatable = true, description = "is not bound by row-level security")
        @Nullable
        Boolean bypassrls;

        @Option(
                names = "--member-of",
                paramLabel = "ROLE",
                description = "a standard role, such as DATABRICKS_SUPERUSER; may be repeated")
        @Nullable
        List<String> memberOf;

        Spec spec() {
            return new Spec()
                    .set("auth_method", authMethod)
                    .set("attributes.createdb", createdb)
                    .set("attributes.createrole", createrole)
                    .set("attributes.bypassrls", bypassrls)
                    .set("membership_roles", memberOf);
        }
    }

    @Command(description = "Create a role")
    void create(
            @Parameters(
                            paramLabel = "ROLE",
                            description = "its name in PostgreSQL; anna@example.com has the id anna-example-com")
                    String role,
            @Mixin BranchOption on,
            @Option(names = "--id", paramLabel = "ID", description = "another id than the one made from the name")
                    @Nullable
                    String id,
            @Option(
                            names = "--identity",
                            paramLabel = "KIND",
                            description = "whom it stands for: ${COMPLETION-CANDIDATES} (default: nobody)")
                    @Nullable
                    Identity identity,
            @Mixin Settings settings,
            @Option(names = "--replace-existing", description = "replace the role that has this id") boolean replace) {
        String parent = session.names().requiredBranch(on.branch, on.project);
        Spec spec = settings.spec().set("postgres_role", role).set("identity_type", identity);
        Query query = Query.none().with("role_id", id).withFlag("replace_existing", replace);
        session.finish(session.api().post(parent + "/roles", query, spec.resource()), View.ROLE, "Created " + role);
    }

    @Command(description = "Show a role")
    void get(@Parameters(paramLabel = "ROLE") String role, @Mixin BranchOption on) {
        session.printer().details(session.api().get(name(role, on), Query.none()));
    }

    @Command(description = "List the roles of a branch")
    void list(@Mixin BranchOption on, @Mixin Paging paging) {
        String path = session.names().requiredBranch(on.branch, on.project) + "/roles";
        session.list(path, "roles", View.ROLE, paging, Query.none());
    }

    @Command(description = "Change a role")
    void update(
            @Parameters(paramLabel = "ROLE") String role,
            @Mixin BranchOption on,
            @Option(names = "--rename", paramLabel = "NAME", description = "its new name in PostgreSQL; the id stays")
                    @Nullable
                    String newName,
            @Mixin Settings settings) {
        Spec spec = settings.spec().set("postgres_role", newName);
        Reply begun = session.api().patch(name(role, on), spec.updateMask(), spec.resource());
        session.finish(begun, View.ROLE, "Updated " + role);
    }

    @Command(description = "Delete a role")
    void delete(
            @Parameters(paramLabel = "ROLE") String role,
            @Mixin BranchOption on,
            @Option(
                            names = "--reassign-owned-to",
                            paramLabel = "ROLE",
                            description = "the role that gets what this one owns")
                    @Nullable
                    String heir) {
        String name = name(role, on);
        String heirsName = heir == null ? null : session.names().role(heir, ResourceNames.branchOf(name), null);
        Reply begun = session.api().delete(name, Query.none().with("reassign_owned_to", heirsName));
        session.finish(begun, View.ROLE, "Deleted " + role);
    }

    private String name(String role, BranchOption on) {
        return session.names().role(role, on.branch, on.project);
    }
}
