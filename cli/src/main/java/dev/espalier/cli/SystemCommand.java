package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import picocli.CommandLine.Command;

/** {@code system}: the server itself. */
@Command(name = "system", description = "Show the server: its version, storage, PostgreSQL installations, counts")
final class SystemCommand implements Runnable {
    private final Session session;

    SystemCommand(Session session) {
        this.session = session;
    }

    @Override
    public void run() {
        session.printer().details(session.api().get("system", Query.none()));
    }
}
