package dev.espalier.cli;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import dev.espalier.cli.output.Printer;
import dev.espalier.cli.output.View;
import java.net.URI;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code status}: whether the server runs, and what runs in it. */
@Command(
        name = "status",
        description =
                "Show whether the server runs, all endpoints, and branches' own ports; exits with 6 when it does not")
final class Status implements Runnable {
    private final Session session;

    Status(Session session) {
        this.session = session;
    }

    @Override
    public void run() {
        URI host = session.host();
        if (session.transport(host).health().isEmpty()) {
            throw new Failure(
                    ExitCode.UNREACHABLE,
                    "Espalier is not up: nothing answers at " + host + ". Start it with ./espalier up");
        }
        Reply system = session.api().get("system", Query.none());
        ObjectNode endpoints = Json.object();
        endpoints.withArray("endpoints").addAll(endpoints().toList());
        Reply ports = session.api().get("ports", Query.none());
        Printer printer = session.printer();
        if (printer.isJson()) {
            endpoints.set("system", system.json());
            endpoints.set("ports", ports.json().path("ports"));
            printer.text(endpoints + "\n");
        } else {
            printer.text("Espalier is up at " + host + "\n\n");
            printer.details(system);
            printer.text("\n");
            printer.list(new Reply(endpoints.toString(), endpoints), "endpoints", View.ENDPOINT);
            if (!ports.json().path("ports").isEmpty()) {
                printer.text("\n");
                printer.list(ports, "ports", View.PORT);
            }
        }
    }

    private Stream<JsonNode> endpoints() {
        return items("projects", "projects")
                .flatMap(project -> itemsOf(project, "branches"))
                .flatMap(branch -> itemsOf(branch, "endpoints"));
    }

    /** None of what has been deleted since it was listed. */
    private Stream<JsonNode> itemsOf(JsonNode resource, String key) {
        try {
            return items(nameOf(resource) + "/" + key, key);
        } catch (Failure gone) {
            if (gone.exitCode() == ExitCode.NOT_FOUND) {
                return Stream.empty();
            }
            throw gone;
        }
    }

    private Stream<JsonNode> items(String path, String key) {
        return session.pages().all(path, key, Query.none()).json().path(key).valueStream();
    }

    private static String nameOf(JsonNode resource) {
        return resource.path("name").asString("");
    }
}
