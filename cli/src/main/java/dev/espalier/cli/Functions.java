package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import dev.espalier.cli.output.View;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Calls about functions. */
@Command(name = "functions", description = "Functions of a schema, as the project's default branch has them")
final class Functions {
    private static final String ALL = UnityCatalog.ROOT + "/functions";

    private final Session session;

    Functions(Session session) {
        this.session = session;
    }

    @Command(description = "List the functions of a schema")
    void list(@Parameters(paramLabel = "CATALOG.SCHEMA") String schema) {
        session.printer().list(session.api().get(ALL, UnityCatalog.inSchema(schema)), "functions", View.FUNCTION);
    }

    @Command(description = "Show a function")
    void get(@Parameters(paramLabel = "CATALOG.SCHEMA.FUNCTION") String function) {
        session.printer().details(session.api().get(ALL + "/" + function, Query.none()));
    }
}
