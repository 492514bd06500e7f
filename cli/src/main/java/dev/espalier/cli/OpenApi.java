package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import picocli.CommandLine.Command;

/** {@code openapi}: what the API is. */
@Command(name = "openapi", description = "Print the API's OpenAPI document, as JSON")
final class OpenApi implements Runnable {
    private final Session session;

    OpenApi(Session session) {
        this.session = session;
    }

    @Override
    public void run() {
        session.printer()
                .text(session.api().get("/api/openapi.json", Query.none()).body() + "\n");
    }
}
