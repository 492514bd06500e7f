package dev.espalier.demo;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The rows of one division in every table, and their way into the database: one COPY for each table. */
final class DivisionRows {

    /** The present of the demonstration data. Nothing here reads a clock. */
    private static final Instant NOW = Instant.parse("2026-01-05T08:00:00Z");

    private static final long PROCESSING_INTERVAL_SECONDS = 1800;
    private static final long MONTH_SECONDS = 30L * 24 * 3600;

    /** An entity beside the documents made of it. */
    private record Item(Entity entity, EntityDocuments documents) {

        String id() {
            return entity.id().toString();
        }
    }

    private final List<Item> items;

    private DivisionRows(List<Item> items) {
        this.items = items;
    }

    static DivisionRows of(Division division) {
        List<Item> items = new ArrayList<>();
        for (Entity entity : division.entities()) {
            items.add(new Item(entity, EntityDocuments.of(entity, division.relationsFrom(entity))));
        }
        return new DivisionRows(items);
    }

    /** Copies the division into tables that the current transaction made. */
    void copyTo(CopyManager database) throws SQLException {
        copy(
                database,
                "refresh_state (entity_id, entity_ref, unprocessed_entity, processed_entity, cache, errors,"
                        + " next_update_at, last_discovery_at, location_key, result_hash, unprocessed_hash)",
                this::refreshState);
        copy(
                database,
                "refresh_state_references (source_key, source_entity_ref, target_entity_ref)",
                this::refreshStateReferences);
        copy(database, "refresh_keys (entity_id, key)", this::refreshKeys);
        copy(
                database,
                "final_entities (entity_id, hash, final_entity, last_updated_at, entity_ref)",
                this::finalEntities);
        copy(
                database,
                "relations (originating_entity_id, source_entity_ref, type, target_entity_ref)",
                this::relations);
        copy(database, "search (entity_id, key, value, original_value)", this::search);
        copy(database, "locations (id, type, target, location_entity_ref)", this::locations);
        copy(
                database,
                "location_update_log (status, created_at, message, location_id, entity_name)",
                this::locationUpdateLog);
    }

    private void refreshState(CopyStream out) throws SQLException {
        for (Item item : items) {
            Entity entity = item.entity;
            String unprocessed = item.documents.unprocessed().toString();
            String processed = item.documents.processed().toString();
            out.row(
                    item.id(),
                    entity.ref(),
                    unprocessed,
                    processed,
                    cache(entity).toString(),
                    item.documents.errors().toString(),
                    NOW.plusSeconds(spread(entity.id(), PROCESSING_INTERVAL_SECONDS))
                            .toString(),
                    NOW.minusSeconds(spread(entity.id(), MONTH_SECONDS)).toString(),
                    entity.origin().locationKey(),
                    Hash.sha1(processed),
                    Hash.sha1(unprocessed));
        }
    }

    /** A processor's memory of what it read: for a Location, once more every entity of its files. */
    private ObjectNode cache(Entity entity) {
        ObjectNode cache = JsonNodeFactory.instance.objectNode().put("ttl", 5);
        if (entity.kind() == Kind.LOCATION) {
            ArrayNode value = JsonNodeFactory.instance.arrayNode();
            String file = "";
            for (Item item : items) {
                if (item.entity.origin().source().equals(entity.ref())) {
                    file = item.entity.origin().file();
                    value.addObject()
                            .put("type", "entity")
                            .set("entity", item.documents.read())
                            .putObject("location")
                            .put("type", "url")
                            .put("target", file);
                }
            }
            cache.putObject("cache")
                    .putObject("url-reader")
                    .putObject(file)
                    .putObject("v1")
                    .put("etag", Hash.sha1(value.toString()))
                    .set("value", value);
        }
        return cache;
    }

    private void refreshStateReferences(CopyStream out) throws SQLException {
        for (Item item : items) {
            Entity.Origin origin = item.entity.origin();
            if (origin.isRegistered()) {
                out.row(origin.source(), null, item.entity.ref());
            } else {
                out.row(null, origin.source(), item.entity.ref());
            }
        }
    }

    private void refreshKeys(CopyStream out) throws SQLException {
        for (Item item : items) {
            out.row(item.id(), item.entity.origin().locationKey());
        }
    }

    private void finalEntities(CopyStream out) throws SQLException {
        for (Item item : items) {
            out.row(
                    item.id(),
                    item.documents.hash(),
                    item.documents.stitched().toString(),
                    NOW.minusSeconds(spread(item.entity.id(), MONTH_SECONDS)).toString(),
                    item.entity.ref());
        }
    }

    private void relations(CopyStream out) throws SQLException {
        for (Item item : items) {
            for (Relation relation : item.entity.relations()) {
                out.row(item.id(), relation.sourceRef(), relation.type(), relation.targetRef());
            }
        }
    }

    private void search(CopyStream out) throws SQLException {
        for (Item item : items) {
            for (SearchRow row : SearchRow.of(item.documents.stitched())) {
                out.row(item.id(), row.key(), row.value(), row.originalValue());
            }
        }
    }

    private void locations(CopyStream out) throws SQLException {
        for (Item item : items) {
            if (item.entity.origin().isRegistered()) {
                out.row(locationId(item), "url", item.entity.origin().file(), item.entity.ref());
            }
        }
    }

    private void locationUpdateLog(CopyStream out) throws SQLException {
        for (Item item : items) {
            if (item.entity.origin().isRegistered()) {
                out.row("success", NOW.minusSeconds(MONTH_SECONDS).toString(), "registered", locationId(item), null);
                out.row("success", NOW.toString(), "refreshed", locationId(item), null);
            }
        }
    }

    /** A registered location has an identifier beside that of its entity. */
    private static String locationId(Item item) {
        UUID id = item.entity.id();
        return new UUID(id.getMostSignificantBits(), ~id.getLeastSignificantBits() ^ 0xC000000000000000L).toString();
    }

    private static long spread(UUID id, long seconds) {
        return Math.floorMod(id.getLeastSignificantBits(), seconds);
    }

    private interface Rows {
        void writeTo(CopyStream out) throws SQLException;
    }

    private static void copy(CopyManager database, String target, Rows rows) throws SQLException {
        // FREEZE: the rows need no vacuum, and the first reader does not rewrite their pages to mark them visible.
        CopyIn copy = database.copyIn("COPY public." + target + " FROM STDIN WITH (FREEZE)");
        try {
            CopyStream out = new CopyStream(copy);
            rows.writeTo(out);
            out.flush();
            copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }
}
