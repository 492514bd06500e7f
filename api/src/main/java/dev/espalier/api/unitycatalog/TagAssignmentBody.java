package dev.espalier.api.unitycatalog;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.metastore.TagAssignment;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A tag on something as the API shows it, and as a client sends it; what the server alone knows is ignored there. */
public record TagAssignmentBody(
        @JsonPropertyDescription("catalogs, schemas, tables or columns.")
        Optional<String> entityType,

        @JsonPropertyDescription("Its full name; a column's is CATALOG.SCHEMA.TABLE.COLUMN.")
        Optional<String> entityName,

        Optional<String> tagKey,
        Optional<String> tagValue,
        Optional<String> sourceType,
        Optional<String> updatedBy,
        Optional<Instant> updateTime,
        Optional<List<String>> warnings) {

    static TagAssignmentBody of(TagAssignment tag, Optional<List<String>> warnings) {
        return new TagAssignmentBody(
                Optional.of(TaggedEntity.typeOf(tag)),
                Optional.of(TaggedEntity.nameOf(tag)),
                Optional.of(tag.key()),
                Optional.of(tag.value()),
                Optional.empty(),
                Optional.of(tag.updatedBy()),
                Optional.of(tag.updateTime()),
                warnings);
    }
}
