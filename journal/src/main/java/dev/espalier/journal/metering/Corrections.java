package dev.espalier.journal.metering;

import dev.espalier.journal.Attribution;
import dev.espalier.journal.JournalException;
import dev.espalier.journal.Resource;
import dev.espalier.journal.Sku;
import dev.espalier.journal.UsageEvent;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Corrects usage: the wrong record stays, another takes it back, and a third stands in its place. */
public final class Corrections {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final TypeReference<Map<String, String>> TAGS = new TypeReference<>() {};

    /** Keeps records. */
    public interface Records {
        /**
         * Keeps them, and comes back when they can be read.
         *
         * @throws JournalException if they cannot be kept, or not be read in time
         */
        void append(UsageEvent... records);
    }

    /**
     * What has become of a correction.
     *
     * @param retraction the record that takes the wrong one back
     * @param restatement the record in its place
     */
    public record Corrected(UUID retraction, UUID restatement) {}

    private final DataSource dataSource;
    private final Records records;

    /** @param dataSource to the database whose tables {@link dev.espalier.journal.JournalSchema} has made */
    public Corrections(DataSource dataSource, Records records) {
        this.dataSource = dataSource;
        this.records = records;
    }

    /**
     * Corrects one record, once: a correction is corrected by correcting its restatement.
     *
     * @param quantity the right one, in the base unit of the SKU; 0 where nothing was used
     * @return empty if there is no such record
     * @throws IllegalArgumentException if the record is a retraction, or corrected already, or the quantity is negative
     */
    public synchronized Optional<Corrected> correct(UUID recordId, BigDecimal quantity) {
        if (quantity.signum() < 0) {
            throw new IllegalArgumentException("the right quantity cannot be negative, and is " + quantity);
        }
        Optional<UsageEvent> found = find(recordId);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        UsageEvent wrong = found.get();
        if (wrong.type() == UsageEvent.Type.RETRACTION) {
            throw new IllegalArgumentException(
                    "record " + recordId + " is a retraction. Correct the restatement that came with it");
        }
        // The same names whenever it is tried: what a kill has left half-done is completed, and nothing counts twice.
        UUID retraction = named("retraction|" + recordId);
        UUID restatement = named("restatement|" + recordId);
        if (find(restatement).isPresent()) {
            throw correctedAlready(recordId, restatement, "");
        }
        records.append(
                like(
                        wrong,
                        retraction,
                        UsageEvent.Type.RETRACTION,
                        wrong.quantity().negate()),
                like(wrong, restatement, UsageEvent.Type.RESTATEMENT, quantity));
        // One that was tried before may have been on its way, and the first counts.
        Optional<BigDecimal> loaded = find(restatement).map(UsageEvent::quantity);
        if (loaded.isPresent() && loaded.get().compareTo(quantity) != 0) {
            throw correctedAlready(recordId, restatement, " to " + loaded.get().toPlainString());
        }
        return Optional.of(new Corrected(retraction, restatement));
    }

    private static IllegalArgumentException correctedAlready(UUID record, UUID restatement, String to) {
        return new IllegalArgumentException("record " + record + " is corrected already" + to + ". Correct record "
                + restatement + ", which stands in its place");
    }

    private static UUID named(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
    }

    private static UsageEvent like(UsageEvent wrong, UUID id, UsageEvent.Type type, BigDecimal quantity) {
        return new UsageEvent(
                id,
                wrong.attribution(),
                wrong.createdBy(),
                wrong.sku(),
                type,
                Optional.of(wrong.recordId()),
                wrong.time(),
                wrong.end(),
                quantity,
                wrong.customTags());
    }

    private Optional<UsageEvent> find(UUID recordId) {
        try (Connection connection = dataSource.getConnection();
                var statement = connection.prepareStatement("SELECT * FROM journal.usage WHERE record_id = ?")) {
            statement.setObject(1, recordId);
            try (var rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(read(rows)) : Optional.empty();
            }
        } catch (SQLException e) {
            throw new JournalException("the usage cannot be read: " + e.getMessage(), e);
        }
    }

    private static UsageEvent read(ResultSet row) throws SQLException {
        return new UsageEvent(
                row.getObject("record_id", UUID.class),
                new Attribution(
                        resource(row, "project"),
                        resource(row, "branch"),
                        resource(row, "endpoint"),
                        text(row, "owned_by"),
                        "",
                        "",
                        "",
                        "",
                        "",
                        "",
                        ""),
                text(row, "created_by"),
                Sku.valueOf(row.getString("sku")),
                UsageEvent.Type.valueOf(row.getString("record_type")),
                Optional.ofNullable(row.getObject("corrects", UUID.class)),
                time(row, "usage_start_time"),
                time(row, "usage_end_time"),
                row.getBigDecimal("quantity"),
                JSON.readValue(row.getString("custom_tags"), TAGS));
    }

    private static Resource resource(ResultSet row, String what) throws SQLException {
        return new Resource(text(row, what + "_id"), text(row, what + "_name"));
    }

    private static String text(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getString(column)).orElse("");
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
