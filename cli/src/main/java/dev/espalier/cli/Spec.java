package dev.espalier.cli;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The {@code spec} of a resource as far as the command line states it, and which of its fields that are. */
final class Spec {
    private final ObjectNode fields = Json.object();
    private final List<String> mask = new ArrayList<>();

    /** States a field, whose path has dots between its parts; null states nothing. */
    Spec set(String path, @Nullable Object value) {
        return set(path, value, path);
    }

    /** As above, for a field that an update mask knows under another path. */
    Spec set(String path, @Nullable Object value, String maskPath) {
        if (value != null) {
            int dot = path.lastIndexOf('.');
            ObjectNode parent = dot < 0
                    ? fields
                    : fields.withObject("/" + path.substring(0, dot).replace('.', '/'));
            parent.set(path.substring(dot + 1), Json.of(value));
            mask.add("spec." + maskPath);
        }
        return this;
    }

    /** The resource to send. */
    ObjectNode resource() {
        ObjectNode resource = Json.object();
        resource.set("spec", fields);
        return resource;
    }

    /** The query of an update: which fields to change. */
    Query updateMask() {
        if (mask.isEmpty()) {
            throw new Failure(
                    ExitCode.USAGE, "Nothing to update: add an option that says what to change (see --help).");
        }
        return Query.none().with("update_mask", String.join(",", mask));
    }
}
