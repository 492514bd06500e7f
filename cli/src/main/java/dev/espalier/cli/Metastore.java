package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import picocli.CommandLine.Command;

/** Calls about the metastore, which all catalogs are in. */
@Command(name = "metastore", description = "What all catalogs are in, as clients of Unity Catalog ask for it")
final class Metastore {
    private final Session session;

    Metastore(Session session) {
        this.session = session;
    }

    @Command(description = "Show the metastore")
    void show() {
        session.printer().details(session.api().get(UnityCatalog.ROOT + "/metastore_summary", Query.none()));
    }

    @Command(description = "Show which metastore the workspace has")
    void assignment() {
        session.printer().details(session.api().get(UnityCatalog.ROOT + "/current-metastore-assignment", Query.none()));
    }
}
