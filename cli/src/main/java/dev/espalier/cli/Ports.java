package dev.espalier.cli;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.output.View;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** Calls about ports that lead to one branch only. */
@Command(name = "ports", description = "Ports of the gateway that lead to one branch only, whatever the database")
final class Ports {
    private final Session session;

    Ports(Session session) {
        this.session = session;
    }

    @Command(description = "Open a port for a branch; it is open again after a restart")
    void open(
            @Parameters(paramLabel = "BRANCH") String branch,
            @Parameters(
                            paramLabel = "PORT",
                            arity = "0..1",
                            description = "its number (default: the first free one above the gateway's)")
                    @Nullable
                    Integer port,
            @Mixin ProjectOption in) {
        ObjectNode body = Json.object();
        if (port != null) {
            body.put("port", port);
        }
        session.printer().row(session.api().post(path(branch, in), Query.none(), body), View.PORT);
    }

    @Command(description = "List the ports of a branch, or of all branches")
    void list(@Parameters(paramLabel = "BRANCH", arity = "0..1") @Nullable String branch, @Mixin ProjectOption in) {
        String path = branch == null ? "ports" : path(branch, in);
        session.printer().list(session.api().get(path, Query.none()), "ports", View.PORT);
    }

    @Command(description = "Close a port of a branch; sessions that came through it go on")
    void close(
            @Parameters(paramLabel = "BRANCH") String branch,
            @Parameters(paramLabel = "PORT") int port,
            @Mixin ProjectOption in) {
        session.api().delete(path(branch, in) + "/" + port, Query.none());
        session.printer().note("Closed " + port);
    }

    private String path(String branch, ProjectOption in) {
        return session.names().branch(branch, in.project) + "/ports";
    }
}
