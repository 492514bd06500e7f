package dev.espalier.cli;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** What can be changed of users and of service principals. */
final class DirectoryOptions {
    @Option(names = "--active", negatable = true, description = "whether it may sign in")
    private @Nullable Boolean active;

    @Option(
            names = "--external-id",
            paramLabel = "ID",
            description = "the subject (sub) that a trusted issuer's tokens name it by, where they have no name")
    private @Nullable String externalId;

    /** Those that were given. */
    ObjectNode attributes() {
        ObjectNode attributes = given();
        if (attributes.isEmpty()) {
            throw new Failure(
                    ExitCode.USAGE, "Nothing to update: add an option that says what to change (see --help).");
        }
        return attributes;
    }

    /** The same, where none need be. */
    ObjectNode given() {
        ObjectNode attributes = Json.object();
        if (active != null) {
            attributes.put("active", active);
        }
        if (externalId != null) {
            attributes.put("externalId", externalId);
        }
        return attributes;
    }
}
