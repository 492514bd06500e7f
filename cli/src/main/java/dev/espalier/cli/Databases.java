package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.client.ResourceNames;
import dev.espalier.cli.output.View;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Calls about databases. */
@Command(name = "databases", description = "Databases of a branch")
final class Databases {
    private final Session session;

    Databases(Session session) {
        this.session = session;
    }

    @Command(description = "Create a database")
    void create(
            @Parameters(paramLabel = "DATABASE", description = "its name in PostgreSQL; app_data has the id app-data")
                    String database,
            @Mixin BranchOption on,
            @Option(
                            names = {"--owner", "--role"},
                            required = true,
                            paramLabel = "ROLE",
                            description = "the role that owns it")
                    String owner,
            @Option(names = "--id", paramLabel = "ID", description = "another id than the one made from the name")
                    @Nullable
                    String id,
            @Option(names = "--replace-existing", description = "replace the database that has this id")
                    boolean replace) {
        String parent = session.names().requiredBranch(on.branch, on.project);
        Spec spec = new Spec()
                .set("postgres_database", database)
                .set("role", session.names().role(owner, parent, null));
        Query query = Query.none().with("database_id", id).withFlag("replace_existing", replace);
        session.finish(
                session.api().post(parent + "/databases", query, spec.resource()),
                View.DATABASE,
                "Created " + database);
    }

    @Command(description = "Show a database")
    void get(@Parameters(paramLabel = "DATABASE") String database, @Mixin BranchOption on) {
        session.printer().details(session.api().get(name(database, on), Query.none()));
    }

    @Command(description = "List the databases of a branch")
    void list(@Mixin BranchOption on, @Mixin Paging paging) {
        String path = session.names().requiredBranch(on.branch, on.project) + "/databases";
        session.list(path, "databases", View.DATABASE, paging, Query.none());
    }

    @Command(description = "Rename a database or give it another owner")
    void update(
            @Parameters(paramLabel = "DATABASE") String database,
            @Mixin BranchOption on,
            @Option(names = "--rename", paramLabel = "NAME", description = "its new name in PostgreSQL; the id stays")
                    @Nullable
                    String newName,
            @Option(
                            names = {"--owner", "--role"},
                            paramLabel = "ROLE",
                            description = "the role that is to own it")
                    @Nullable
                    String owner) {
        String name = name(database, on);
        Spec spec = new Spec().set("postgres_database", newName);
        if (owner != null) {
            spec.set("role", session.names().role(owner, ResourceNames.branchOf(name), null));
        }
        Reply begun = session.api().patch(name, spec.updateMask(), spec.resource());
        session.finish(begun, View.DATABASE, "Updated " + database);
    }

    @Command(description = "Delete a database")
    void delete(@Parameters(paramLabel = "DATABASE") String database, @Mixin BranchOption on) {
        session.finish(session.api().delete(name(database, on), Query.none()), View.DATABASE, "Deleted " + database);
    }

    private String name(String database, BranchOption on) {
        return session.names().database(database, on.branch, on.project);
    }
}
