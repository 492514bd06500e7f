package dev.espalier.cli;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.output.View;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** Calls about what is given on a securable itself. */
@Command(
        name = "grants",
        description = "Privileges on a catalog, a schema, a table or a function itself; they hold on every branch")
final class Grants {
    static final String LIST = "privilege_assignments";
    private static final String TYPE = "${COMPLETION-CANDIDATES}";

    private final Session session;

    Grants(Session session) {
        this.session = session;
    }

    @Command(description = "Show what is given")
    void get(
            @Parameters(paramLabel = "TYPE", description = TYPE) UnityCatalog.Type type,
            @Parameters(paramLabel = "FULL_NAME") String name,
            @Option(names = "--principal", paramLabel = "NAME", description = "only what was given by this name")
                    @Nullable
                    String principal) {
        Query query = Query.none().with("principal", principal);
        session.printer().list(session.api().get(path(type, name), query), LIST, View.GRANT);
    }

    @Command(
            description =
                    "Give and take privileges. With its first grant a catalog comes under rules: who does not manage "
                            + "the project then has what is granted, and no more")
    void update(
            @Parameters(paramLabel = "TYPE", description = TYPE) UnityCatalog.Type type,
            @Parameters(paramLabel = "FULL_NAME") String name,
            @Option(
                            names = "--principal",
                            required = true,
                            paramLabel = "NAME",
                            description = "a user, a service principal, a group, or \"account users\" for all")
                    String principal,
            @Option(
                            names = "--add",
                            split = ",",
                            paramLabel = "PRIVILEGE",
                            description = "SELECT, MODIFY, USE_SCHEMA, USE_CATALOG, EXECUTE, MANAGE, APPLY_TAG, …")
                    @Nullable
                    List<String> add,
            @Option(names = "--remove", split = ",", paramLabel = "PRIVILEGE", description = "ALL_PRIVILEGES for each")
                    @Nullable
                    List<String> remove) {
        ObjectNode body = Json.object();
        ObjectNode change = body.putArray("changes").addObject().put("principal", principal);
        change.set("add", Json.of(add == null ? List.of() : add));
        change.set("remove", Json.of(remove == null ? List.of() : remove));
        Reply changed = session.api().patch(path(type, name), Query.none(), body);
        session.printer().list(changed, LIST, View.GRANT);
        UnityCatalog.warn(session, changed);
    }

    private static String path(UnityCatalog.Type type, String name) {
        return UnityCatalog.ROOT + "/permissions/" + type + "/" + name;
    }
}
