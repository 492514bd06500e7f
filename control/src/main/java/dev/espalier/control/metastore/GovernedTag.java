package dev.espalier.control.metastore;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A key that may be assigned, and that policies may ask for.
 *
 * @param id never changes
 * @param description empty also where it is given as an empty text
 * @param values that may be assigned; none for any
 */
public record GovernedTag(
        String key,
        String id,
        Optional<String> description,
        List<String> values,
        Instant createTime,
        Instant updateTime) {

    public GovernedTag {
        description = description.filter(text -> !text.isEmpty());
        values = List.copyOf(values);
    }

    boolean allows(String value) {
        return values.isEmpty() || values.contains(value);
    }
}
