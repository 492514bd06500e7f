package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.output.View;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Calls about operations. */
@Command(name = "operations", description = "Operations: what creating, changing and deleting begins")
final class OperationCommands {
    private final Session session;

    OperationCommands(Session session) {
        this.session = session;
    }

    @Command(description = "Show how an operation stands; waits for nothing")
    void get(
            @Parameters(paramLabel = "NAME", description = "as --no-wait printed it: projects/…/operations/…")
                    String name) {
        Reply operation = session.api().get(name, Query.none());
        session.printer().row(operation, View.OPERATION);
    }
}
