package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import dev.espalier.cli.output.View;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Calls about tables and views. */
@Command(name = "tables", description = "Tables and views of a schema, as the project's default branch has them")
final class Tables {
    private static final String ALL = UnityCatalog.ROOT + "/tables";

    private final Session session;

    Tables(Session session) {
        this.session = session;
    }

    @Command(description = "List the tables and views of a schema")
    void list(@Parameters(paramLabel = "CATALOG.SCHEMA") String schema) {
        Query query = UnityCatalog.inSchema(schema).withFlag("omit_columns", true);
        session.printer().list(session.api().get(ALL, query), "tables", View.TABLE);
    }

    @Command(description = "List the tables and views of a whole catalog, with little of each")
    void summaries(@Parameters(paramLabel = "CATALOG") String catalog) {
        Query query = Query.none().with("catalog_name", catalog);
        session.printer()
                .list(session.api().get(UnityCatalog.ROOT + "/table-summaries", query), "tables", View.TABLE_SUMMARY);
    }

    @Command(description = "Tell whether there is a table or view")
    void exists(@Parameters(paramLabel = "CATALOG.SCHEMA.TABLE") String table) {
        session.printer().details(session.api().get(ALL + "/" + table + "/exists", Query.none()));
    }

    @Command(description = "Show a table or view with its columns")
    void get(@Parameters(paramLabel = "CATALOG.SCHEMA.TABLE") String table) {
        session.printer().details(session.api().get(ALL + "/" + table, Query.none()));
    }
}
