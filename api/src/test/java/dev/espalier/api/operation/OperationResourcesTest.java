package dev.espalier.api.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.api.Json;
import dev.espalier.api.operation.OperationResources.Subject;
import dev.espalier.control.Operation;
import dev.espalier.control.Operation.Kind;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ResourceName;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperationResourcesTest {

    private record Shown(String name, boolean isProtected) {}

    private static final ResourceName BRANCH = ResourceName.branch("shop", "dev");
    private static final OperationResources RESOURCES = new OperationResources(Map.of(
            Subject.BRANCH,
                    operation -> Optional.of(new Shown(operation.resource().toString(), true)),
            Subject.ENDPOINT, _ -> Optional.empty()));

    @Test
    void aRunningOperationHasNoResponse() {
        assertThat(Json.answer(RESOURCES.of(operation(Kind.CREATE_BRANCH, BRANCH, false))))
                .isEqualTo(Json.tree("""
                {"name": "projects/shop/branches/dev/operations/o-1", "done": false,
                 "metadata": {"@type": "type.googleapis.com/databricks.postgres.v1.BranchOperationMetadata",
                              "kind": "CREATE_BRANCH", "create_time": "2026-11-25T10:00:00Z"}}"""));
    }

    @Test
    void aSuccessShowsTheResourceWithItsType() {
        assertThat(Json.answer(RESOURCES.of(operation(Kind.RESET_BRANCH, BRANCH, true)))
                        .get("response"))
                .isEqualTo(Json.tree("""
                {"@type": "type.googleapis.com/databricks.postgres.v1.Branch", "name": "projects/shop/branches/dev",
                 "is_protected": true}"""));
    }

    @Test
    void aDeletionIsAnsweredWithEmpty() {
        assertThat(Json.answer(RESOURCES.of(operation(Kind.DELETE_BRANCH, BRANCH, true)))
                        .get("response"))
                .isEqualTo(Json.tree("{\"@type\": \"type.googleapis.com/google.protobuf.Empty\"}"));
    }

    @Test
    void aFailureLooksAsTheRefusalOfACallAndHasNoResponse() {
        Operation failed = new Operation(
                "o-1",
                BRANCH + "/operations/o-1",
                Kind.CREATE_BRANCH,
                BRANCH,
                "br",
                true,
                Optional.of(new Operation.Failure(
                        ControlException.Code.RESOURCE_EXHAUSTED,
                        "the storage is full",
                        "STORAGE_FULL",
                        Map.of("at", "90"))),
                Instant.parse("2026-11-25T10:00:00Z"));

        assertThat(Json.answer(RESOURCES.of(failed)).get("error")).isEqualTo(Json.tree("""
                                {"error_code": "RESOURCE_EXHAUSTED", "message": "the storage is full",
                                 "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "STORAGE_FULL",
                                              "domain": "espalier.dev", "metadata": {"at": "90"}}]}"""));
        assertThat(Json.answer(RESOURCES.of(failed)).has("response")).isFalse();
    }

    @Test
    void saysSoWhenTheResourceIsGoneSince() {
        ResourceName endpoint = ResourceName.below("shop", "dev", "endpoints", "replica");

        assertThatThrownBy(() -> RESOURCES.of(operation(Kind.CREATE_ENDPOINT, endpoint, true)))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("deleted for good since");
    }

    @Test
    void aSuccessInsideABranchThatDoesNotRunHasNoResponse() {
        ResourceName role = ResourceName.below("shop", "dev", "roles", "writer");

        assertThat(Json.answer(RESOURCES.of(operation(Kind.UPDATE_ROLE, role, true))))
                .isEqualTo(Json.tree("""
                {"name": "projects/shop/branches/dev/roles/writer/operations/o-1", "done": true,
                 "metadata": {"@type": "type.googleapis.com/databricks.postgres.v1.RoleOperationMetadata",
                              "kind": "UPDATE_ROLE", "create_time": "2026-11-25T10:00:00Z"}}"""));
    }

    @ParameterizedTest
    @CsvSource({
        "projects/p,Project",
        "projects/p/branches/b,Branch",
        "projects/p/branches/b/endpoints/e,Endpoint",
        "projects/p/branches/b/roles/r,Role",
        "projects/p/branches/b/databases/d,Database"
    })
    void theMetadataNameTheKindOfResource(String name, String kind) {
        OperationResource shown = RESOURCES.of(operation(Kind.UPDATE_BRANCH, ResourceName.parse(name), false));

        assertThat(shown.metadata().type())
                .isEqualTo("type.googleapis.com/databricks.postgres.v1." + kind + "OperationMetadata");
    }

    private static Operation operation(Kind kind, ResourceName resource, boolean done) {
        return new Operation(
                "o-1",
                resource + "/operations/o-1",
                kind,
                resource,
                "uid",
                done,
                Optional.empty(),
                Instant.parse("2026-11-25T10:00:00Z"));
    }
}
