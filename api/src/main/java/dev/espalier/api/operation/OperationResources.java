package dev.espalier.api.operation;

import dev.espalier.api.http.ErrorBody.ErrorInfo;
import dev.espalier.api.operation.OperationResource.Failure;
import dev.espalier.api.operation.OperationResource.Metadata;
import dev.espalier.api.operation.OperationResource.Response;
import dev.espalier.api.wire.NoFields;
import dev.espalier.control.Operation;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.ResourceName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Shows operations, each with the present state of the resource that it was about. */
public final class OperationResources {

    /** What an operation can be about. */
    public enum Subject {
        PROJECT("Project"),
        BRANCH("Branch"),
        ENDPOINT("Endpoint"),
        ROLE("Role"),
        DATABASE("Database");

        /** What only a branch that runs can show. */
        private static final Set<Subject> INSIDE_BRANCHES = Set.of(ROLE, DATABASE);

        private final String word;

        Subject(String word) {
            this.word = word;
        }

        static Subject of(ResourceName name) {
            if (name.branch().isEmpty()) {
                return PROJECT;
            }
            return switch (name.collection().orElse("")) {
                case "endpoints" -> ENDPOINT;
                case "roles" -> ROLE;
                case "databases" -> DATABASE;
                default -> BRANCH;
            };
        }
    }

    private static final String TYPES = "type.googleapis.com/databricks.postgres.v1.";
    private static final Response EMPTY = new Response("type.googleapis.com/google.protobuf.Empty", new NoFields());

    private final Map<Subject, Function<Operation, Optional<?>>> resources;

    /**
     * @param resources for each subject, how the resource looks that an operation was about; empty when it is gone for good, or
     *     inside a branch that does not run
     */
    public OperationResources(Map<Subject, Function<Operation, Optional<?>>> resources) {
        this.resources = Map.copyOf(resources);
    }

    /** @throws ControlException if the operation has made or changed what is gone for good since */
    public OperationResource of(Operation operation) {
        Subject subject = Subject.of(operation.resource());
        boolean succeeded = operation.done() && operation.error().isEmpty();
        return new OperationResource(
                operation.name(),
                operation.done(),
                new Metadata(TYPES + subject.word + "OperationMetadata", operation.kind(), operation.createTime()),
                succeeded ? response(operation, subject) : Optional.empty(),
                operation
                        .error()
                        .map(error -> new Failure(
                                error.code(),
                                error.message(),
                                List.of(ErrorInfo.of(error.reason(), error.metadata())))));
    }

    private Optional<Response> response(Operation operation, Subject subject) {
        if (operation.kind().deletes()) {
            return Optional.of(EMPTY);
        }
        Optional<?> resource =
                resources.getOrDefault(subject, _ -> Optional.empty()).apply(operation);
        if (resource.isEmpty() && !Subject.INSIDE_BRANCHES.contains(subject)) {
            throw new ControlException(
                    Code.NOT_FOUND,
                    "the operation succeeded, and " + operation.resource() + " has been deleted for good since.");
        }
        return resource.map(found -> new Response(TYPES + subject.word, found));
    }
}
