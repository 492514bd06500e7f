package dev.espalier.cli;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A file with all policies of a catalog: an object with the list {@code policies}. */
final class PolicyFile {

    /** What the server alone says of a policy, and nobody can change. */
    private static final List<String> OF_THE_SERVER =
            List.of("id", "created_at", "created_by", "updated_at", "updated_by");

    private PolicyFile() {}

    /** What of a set, as the server shows it, is to be changed and sent back. */
    static JsonNode of(JsonNode set) {
        for (JsonNode policy : set.path("policies")) {
            if (policy instanceof ObjectNode changeable) {
                changeable.remove(OF_THE_SERVER);
            }
        }
        return set;
    }

    /** @throws Failure if it cannot be read, or is none */
    static ObjectNode read(Path file) {
        try {
            if (Json.parse(Files.readString(file)) instanceof ObjectNode set
                    && set.path("policies").isArray()) {
                return set;
            }
        } catch (IOException e) {
            throw new Failure(ExitCode.USAGE, "Cannot read " + file + ": " + e + ".", e);
        } catch (JacksonException e) {
            throw new Failure(ExitCode.USAGE, file + " is not JSON: " + e.getOriginalMessage() + ".", e);
        }
        throw new Failure(
                ExitCode.USAGE,
                file + " has no list of policies. Begin with what espalier policies export CATALOG shows.");
    }
}
