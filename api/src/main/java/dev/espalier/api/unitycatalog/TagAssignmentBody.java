package dev.espalier.api.unitycatalog;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.control.metastore.TagAssignment;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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

    private static final String TAG_VALUE = "tag_value";

    static final UpdateMask.Fields FIELDS = new UpdateMask.Fields(List.of(TAG_VALUE), Map.of());

    /** The value that the tag is to have; empty where it stays. */
    Optional<String> changed(UpdateMask mask) {
        return mask.value(TAG_VALUE, tagValue, "");
    }

    static TagAssignmentBody of(TagAssignment tag, Optional<List<String>> warnings) {
        return new TagAssignmentBody(
                Optional.of(TaggedEntity.typeOf(tag)),
                Optional.of(TaggedEntity.nameOf(tag)),
                Optional.of(tag.key()),
                Optional.of(tag.value()).filter(value -> !value.isEmpty()),
                Optional.empty(),
                Optional.of(tag.updatedBy()),
                Optional.of(tag.updateTime()),
                warnings);
    }
}
