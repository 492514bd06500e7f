package dev.espalier.api.unitycatalog;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.control.metastore.GovernedTag;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A governed tag as the API shows it, and as a client sends it; what the server alone knows is ignored there. */
public record GovernedTagBody(
        Optional<String> tagKey,
        Optional<String> description,

        @JsonPropertyDescription("Values that may be assigned; none for any.")
        Optional<List<Value>> values,

        Optional<String> id,
        Optional<Instant> createTime,
        Optional<Instant> updateTime) {

    static final UpdateMask.Fields FIELDS = new UpdateMask.Fields(List.of("description", "values"), Map.of());

    /** A value that may be assigned. */
    public record Value(Optional<String> name) {}

    List<String> names() {
        return names(values.orElse(List.of()));
    }

    private static List<String> names(List<Value> values) {
        return values.stream()
                .map(value -> UnityCatalog.required(value.name(), "name of an entry of values"))
                .toList();
    }

    GovernedTag applied(GovernedTag before, UpdateMask mask) {
        return new GovernedTag(
                before.key(),
                before.id(),
                mask.value("description", description, "").or(before::description),
                mask.value("values", values, List.of())
                        .map(GovernedTagBody::names)
                        .orElse(before.values()),
                before.createTime(),
                before.updateTime());
    }

    static GovernedTagBody of(GovernedTag tag) {
        return new GovernedTagBody(
                Optional.of(tag.key()),
                tag.description(),
                UnityCatalog.unlessEmpty(tag.values().stream()
                        .map(name -> new Value(Optional.of(name)))
                        .toList()),
                Optional.of(tag.id()),
                Optional.of(tag.createTime()),
                Optional.of(tag.updateTime()));
    }
}
