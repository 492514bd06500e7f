package dev.espalier.journal.metering;

import dev.espalier.journal.Attribution;
import dev.espalier.journal.Resource;
import java.util.Map;

/**
 * What is metered: an endpoint, or, where there is no endpoint, a branch.
 *
 * @param owner of the project
 * @param createdBy who made the branch; may be empty
 * @param tags of the project
 */
public record Subject(
        Resource project,
        Resource branch,
        Resource endpoint,
        String owner,
        String createdBy,
        Map<String, String> tags) {

    public Subject {
        tags = Map.copyOf(tags);
    }

    String id() {
        return endpoint.id().isEmpty() ? branch.id() : endpoint.id();
    }

    Attribution attribution() {
        return new Attribution(project, branch, endpoint, owner, "", "", "", "", "", "", "");
    }
}
