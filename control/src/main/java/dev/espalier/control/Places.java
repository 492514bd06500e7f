package dev.espalier.control;

import dev.espalier.control.request.Place;
import dev.espalier.control.request.ResourceName;
import dev.espalier.journal.Resource;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Finds the ids of what has been named, for the audit: names are used again. */
final class Places {

    /** What a name means: what lives before what is deleted, and of that the newest. */
    private static final String BY_NAME = """
            SELECT p.uid AS project, b.uid AS branch, e.uid AS endpoint
            FROM control.project p
            LEFT JOIN control.branch b ON b.project_uid = p.uid AND b.branch_id = :branch AND (:deleted OR b.delete_time IS NULL)
            LEFT JOIN control.endpoint e ON e.branch_uid = b.uid AND e.endpoint_id = :endpoint
            WHERE p.project_id = :project
              AND (:deleted OR p.delete_time IS NULL)
            ORDER BY (:uid IN (p.uid, b.uid, e.uid)) IS TRUE DESC,
                     p.delete_time IS NULL DESC, b.delete_time IS NULL DESC, p.create_time DESC, b.create_time DESC
            LIMIT 1
            """;

    private Places() {}

    /** @param deleted whether what is deleted and could be brought back counts, too, where nothing of that name lives */
    static Place find(Handle handle, ResourceName name, boolean deleted) {
        return find(handle, name, deleted, "");
    }

    /** Where the operation was at work, also if nothing is left of that. */
    static Place of(Handle handle, Operation operation) {
        Place found = find(handle, operation.resource(), true, operation.resourceUid());
        String uid = operation.resourceUid();
        if (endpoint(operation.resource()).isPresent()) {
            return new Place(
                    found.project(),
                    found.branch(),
                    new Resource(uid, found.endpoint().name()));
        }
        if (operation.resource().branch().isPresent()) {
            return new Place(found.project(), new Resource(uid, found.branch().name()), Resource.NONE);
        }
        return new Place(new Resource(uid, found.project().name()), Resource.NONE, Resource.NONE);
    }

    private static Place find(Handle handle, ResourceName name, boolean deleted, String uid) {
        String branch = name.branch().orElse("");
        String endpoint = endpoint(name).orElse("");
        return handle.createQuery(BY_NAME)
                .bind("project", name.project())
                .bind("branch", branch)
                .bind("endpoint", endpoint)
                .bind("deleted", deleted)
                .bind("uid", uid)
                .map((row, _) -> new Place(
                        resource(row.getString("project"), name.project()),
                        resource(row.getString("branch"), branch),
                        resource(row.getString("endpoint"), endpoint)))
                .findOne()
                .orElseGet(() -> named(name));
    }

    /** The names alone. */
    static Place named(ResourceName name) {
        return new Place(
                new Resource("", name.project()),
                new Resource("", name.branch().orElse("")),
                new Resource("", endpoint(name).orElse("")));
    }

    private static Resource resource(@Nullable String uid, String name) {
        return new Resource(uid == null ? "" : uid, name);
    }

    private static Optional<String> endpoint(ResourceName name) {
        return name.id().filter(_ -> name.collection().equals(Optional.of("endpoints")));
    }
}
