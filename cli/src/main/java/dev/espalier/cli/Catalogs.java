package dev.espalier.cli;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.output.View;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** Calls about catalogs. */
@Command(name = "catalogs", description = "Catalogs: one for each database of a project, on all its branches")
final class Catalogs {
    private static final String ALL = UnityCatalog.ROOT + "/catalogs";

    private final Session session;

    Catalogs(Session session) {
        this.session = session;
    }

    @Command(description = "List the catalogs of the projects that you may use")
    void list() {
        session.printer().list(session.api().get(ALL, Query.none()), "catalogs", View.CATALOG);
    }

    @Command(description = "Show a catalog")
    void get(@Parameters(paramLabel = "CATALOG") String catalog) {
        session.printer().details(session.api().get(ALL + "/" + catalog, Query.none()));
    }

    @Command(description = "Change a catalog's owner or comment")
    void update(
            @Parameters(paramLabel = "CATALOG") String catalog,
            @Option(names = "--owner", paramLabel = "PRINCIPAL", description = "who may do everything with it")
                    @Nullable
                    String owner,
            @Option(names = "--comment", paramLabel = "TEXT", description = "what it is for") @Nullable
                    String comment) {
        ObjectNode body = Json.object();
        if (owner != null) {
            body.put("owner", owner);
        }
        if (comment != null) {
            body.put("comment", comment);
        }
        Reply changed = session.api().patch(ALL + "/" + catalog, Query.none(), body);
        session.printer().row(changed, View.CATALOG);
        UnityCatalog.warn(session, changed);
    }
}
