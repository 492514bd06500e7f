package dev.espalier.journal;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What something used within an interval: a row of {@code billing.usage}.
 *
 * @param recordId unique; the same when the same record is written again, which then counts once
 * @param attribution on what; the principal is the owner of the project
 * @param createdBy who made the branch; may be empty
 * @param sku what was used
 * @param type whether it is the first word on it
 * @param corrects the record that this one takes back or replaces
 * @param time when the interval begins
 * @param end when it ends
 * @param quantity in the base unit of the SKU, exact; negative where it takes back
 * @param customTags of the project
 */
public record UsageEvent(
        UUID recordId,
        Attribution attribution,
        String createdBy,
        Sku sku,
        Type type,
        Optional<UUID> corrects,
        Instant time,
        Instant end,
        BigDecimal quantity,
        Map<String, String> customTags)
        implements Event {

    /** What a record is, in Databricks' words. To add up all of them gives what was used. */
    public enum Type {
        /** As it was metered. */
        ORIGINAL,
        /** Takes back another, with its quantity negative. */
        RETRACTION,
        /** Stands in the place of one that is taken back. */
        RESTATEMENT
    }

    public UsageEvent {
        if (end.isBefore(time)) {
            throw new IllegalArgumentException("usage cannot end at " + end + " before it begins at " + time);
        }
        customTags = Map.copyOf(customTags);
    }
}
