package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import dev.espalier.cli.output.View;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Calls about schemas. */
@Command(name = "schemas", description = "Schemas of a catalog, as the project's default branch has them")
final class Schemas {
    private static final String ALL = UnityCatalog.ROOT + "/schemas";

    private final Session session;

    Schemas(Session session) {
        this.session = session;
    }

    @Command(description = "List the schemas of a catalog")
    void list(@Parameters(paramLabel = "CATALOG") String catalog) {
        Query query = Query.none().with("catalog_name", catalog);
        session.printer().list(session.api().get(ALL, query), "schemas", View.SCHEMA);
    }

    @Command(description = "Show a schema")
    void get(@Parameters(paramLabel = "CATALOG.SCHEMA") String schema) {
        session.printer().details(session.api().get(ALL + "/" + schema, Query.none()));
    }
}
