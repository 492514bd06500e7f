package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
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
        if (!name.matches("projects/.+/operations/[^/]+")) {
            throw new Failure(
                    ExitCode.USAGE,
                    "\"" + name + "\" is not the name of an operation. Write it as --no-wait printed it: "
                            + "projects/PROJECT/…/operations/OPERATION.");
        }
        Reply operation = session.api().get(name, Query.none());
        session.printer().row(operation, View.OPERATION);
    }
}
