package dev.espalier.cli;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.output.View;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** Calls about service principals. */
@Command(name = "principals", description = "Those who sign in with a client id and a secret")
final class Principals {
    private final Session session;

    Principals(Session session) {
        this.session = session;
    }

    @Command(description = "Create a service principal; the output shows its secret, this once")
    void create(
            @Parameters(paramLabel = "NAME", description = "what it is known by, and its role on every branch")
                    String name,
            @Option(names = "--administrator", description = "it may do everything") boolean administrator) {
        ObjectNode body = Json.object();
        body.put("name", name);
        body.put("administrator", administrator);
        session.printer().row(session.api().post("principals", Query.none(), body), View.NEW_PRINCIPAL);
    }

    @Command(description = "List the service principals")
    void list() {
        session.printer().list(session.api().get("principals", Query.none()), "principals", View.PRINCIPAL);
    }

    @Command(description = "Remove a service principal: its secret and its tokens open nothing from now on")
    void delete(@Parameters(paramLabel = "NAME") String name) {
        session.api().delete("principals/" + name, Query.none());
        session.printer().note("Removed " + name);
    }
}
