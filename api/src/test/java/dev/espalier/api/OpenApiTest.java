package dev.espalier.api;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** The API's document against the server that it describes. */
@ExtendWith(SharedApi.class)
class OpenApiTest {

    private final TestApi api;

    OpenApiTest(TestApi api) {
        this.api = api;
    }

    @Test
    void theDocumentHasExactlyTheMethodsThatTheServerTakes() {
        JsonNode paths = document().get("paths");
        Set<String> documented = paths.propertyStream()
                .flatMap(path -> path.getValue()
                        .propertyStream()
                        .map(method -> method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey()))
                .collect(toSet());

        assertThat(documented).isEqualTo(api.server.routes()).hasSizeGreaterThan(45);
    }

    @Test
    void everyReferenceInTheDocumentIsThere() {
        JsonNode document = document();
        List<String> references = document.findValuesAsString("$ref");

        assertThat(references).hasSizeGreaterThan(50).allSatisfy(reference -> {
            assertThat(reference).startsWith("#/components/");
            assertThat(document.at(reference.substring(1)).isObject())
                    .as(reference)
                    .isTrue();
        });
    }

    @Test
    void noTwoMethodsInTheDocumentHaveTheSameName() {
        List<String> names = document().get("paths").findValuesAsString("operationId");

        assertThat(names).doesNotHaveDuplicates().contains("createBranch", "getSchemaDiff", "listCalls", "getHealth");
    }

    @Test
    void theDocumentTellsFieldsAsTheyAreWritten() {
        JsonNode schemas = document().at("/components/schemas");

        JsonNode spec = schemas.at("/BranchRequest.Spec/properties");
        assertThat(spec.propertyNames())
                .containsExactlyInAnyOrder(
                        "source_branch",
                        "source_branch_time",
                        "source_branch_lsn",
                        "is_protected",
                        "ttl",
                        "expire_time",
                        "no_expiry",
                        "mirror_for");
        assertThat(spec.at("/ttl/pattern").asString()).contains("s$");
        assertThat(spec.at("/expire_time/format").asString()).isEqualTo("date-time");
        assertThat(spec.at("/ttl/description").asString()).isNotBlank();
        assertThat(schemas.at("/BranchResource.Status/properties/default/type").asString())
                .isEqualTo("boolean");
        assertThat(schemas.at("/BranchResource.Status/properties/logical_size_bytes/format")
                        .asString())
                .isEqualTo("int64");
        assertThat(schemas.at("/BranchResource/required").toString())
                .contains("\"status\"")
                .contains("\"uid\"");
        assertThat(schemas.at("/ErrorBody/properties/error_code/type").asString())
                .isEqualTo("string");
    }

    private JsonNode document() {
        return api.send(api.request("/api/openapi.json").GET()).json();
    }
}
