package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.output.View;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Calls about endpoints. */
@Command(name = "endpoints", description = "Endpoints: the running PostgreSQL servers of a branch")
final class Endpoints {
    /** The endpoint that every branch has. */
    static final String PRIMARY = "primary";

    private final Session session;

    Endpoints(Session session) {
        this.session = session;
    }

    /** One endpoint of one branch. */
    static final class Chosen {
        @Parameters(arity = "0..1", paramLabel = "ENDPOINT", defaultValue = PRIMARY, description = "(default: primary)")
        String endpoint = PRIMARY;

        @Mixin
        BranchOption on = new BranchOption();

        String name(Session session) {
            return session.names().endpoint(endpoint, on.branch, on.project);
        }
    }

    /** What counts as activity. The names are the API's. */
    enum Activity {
        CONNECTIONS,
        STATEMENTS,
        WRITES
    }

    /** What creating and updating an endpoint have in common. */
    static final class Settings {
        @Mixin
        ComputeOptions compute = new ComputeOptions();

        @Option(names = "--disabled", negatable = true, description = "suspend it and let nothing wake it")
        @Nullable
        Boolean disabled;

        @Option(
                names = "--activity",
                paramLabel = "KIND",
                description = "what keeps it awake: ${COMPLETION-CANDIDATES}")
        @Nullable
        Activity activity;

        @Option(
                names = "--ignore-application",
                paramLabel = "GLOB",
                description = "applications that do not keep it awake; may be repeated")
        @Nullable
        List<String> ignoredApplications;

        @Option(
                names = "--ignore-role",
                paramLabel = "GLOB",
                description = "roles that do not keep it awake; may be repeated")
        @Nullable
        List<String> ignoredRoles;

        Spec spec() {
            Spec spec = new Spec()
                    .set("disabled", disabled)
                    .set("activity_policy.counts", activity)
                    .set("activity_policy.ignore_applications", ignoredApplications)
                    .set("activity_policy.ignore_roles", ignoredRoles);
            compute.intoEndpoint(spec);
            return spec;
        }
    }

    @Command(description = "Create a read-only endpoint: a replica that follows the branch")
    void create(
            @Parameters(paramLabel = "ENDPOINT", description = "its id: small letters, digits, hyphens")
                    String endpoint,
            @Mixin BranchOption on,
            @Option(
                            names = "--read-write",
                            description = "for reading and writing; every branch has that one already: only with "
                                    + "--replace-existing")
                    boolean readWrite,
            @Mixin Settings settings,
            @Option(names = "--replace-existing", description = "replace the endpoint that has this id")
                    boolean replace) {
        Spec spec = settings.spec()
                .set("endpoint_type", readWrite ? "ENDPOINT_TYPE_READ_WRITE" : "ENDPOINT_TYPE_READ_ONLY");
        String parent = session.names().requiredBranch(on.branch, on.project);
        Query query = Query.none().with("endpoint_id", endpoint).withFlag("replace_existing", replace);
        session.finish(
                session.api().post(parent + "/endpoints", query, spec.resource()),
                View.ENDPOINT,
                "Created " + endpoint);
    }

    @Command(description = "Show an endpoint")
    void get(@Mixin Chosen chosen) {
        session.printer().details(session.api().get(chosen.name(session), Query.none()));
    }

    @Command(description = "List the endpoints of a branch")
    void list(@Mixin BranchOption on, @Mixin Paging paging) {
        String path = session.names().requiredBranch(on.branch, on.project) + "/endpoints";
        session.list(path, "endpoints", View.ENDPOINT, paging, Query.none());
    }

    @Command(description = "Change an endpoint")
    void update(@Mixin Chosen chosen, @Mixin Settings settings) {
        Spec spec = settings.spec();
        Reply begun = session.api().patch(chosen.name(session), spec.updateMask(), spec.resource());
        session.finish(begun, View.ENDPOINT, "Updated " + chosen.endpoint);
    }

    @Command(description = "Delete an endpoint")
    void delete(@Parameters(paramLabel = "ENDPOINT") String endpoint, @Mixin BranchOption on) {
        String name = session.names().endpoint(endpoint, on.branch, on.project);
        session.finish(session.api().delete(name, Query.none()), View.ENDPOINT, "Deleted " + endpoint);
    }

    @Command(description = "Start an endpoint that is asleep")
    void wake(@Mixin Chosen chosen) {
        session.finish(session.act(chosen.name(session), "wake"), View.ENDPOINT, "Woke " + chosen.endpoint);
    }

    @Command(description = "Send an endpoint to sleep; its sessions end")
    void suspend(@Mixin Chosen chosen) {
        session.finish(session.act(chosen.name(session), "suspend"), View.ENDPOINT, "Suspended " + chosen.endpoint);
    }
}
