package dev.espalier.demo;

import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The rows of one division, a method for each {@link CatalogTable}. */
record DivisionRows(Division division) {

    /** The present of the demonstration data. Nothing here reads a clock. */
    private static final Instant NOW = Instant.parse("2026-01-05T08:00:00Z");

    private static final long PROCESSING_INTERVAL_SECONDS = 1800;
    private static final long MONTH_SECONDS = 30L * 24 * 3600;

    void refreshState(CopyStream out) throws SQLException {
        for (Entity entity : division.entities()) {
            EntityDocuments documents = documents(entity);
            String unprocessed = documents.unprocessed().toString();
            String processed = documents.processed().toString();
            out.row(
                    entity.id().toString(),
                    entity.ref(),
                    unprocessed,
                    processed,
                    cache(entity).toString(),
                    documents.errors().toString(),
                    NOW.plusSeconds(spread(entity, PROCESSING_INTERVAL_SECONDS)).toString(),
                    NOW.minusSeconds(spread(entity, MONTH_SECONDS)).toString(),
                    entity.origin().locationKey(),
                    Hash.sha1(processed),
                    Hash.sha1(unprocessed));
        }
    }

    /** A processor's memory of what it read: for a Location, once more every entity of its file. */
    private ObjectNode cache(Entity entity) {
        ObjectNode cache = JsonNodeFactory.instance.objectNode().put("ttl", 5);
        if (entity.kind() == Kind.LOCATION) {
            ArrayNode value = JsonNodeFactory.instance.arrayNode();
            String file = "";
            for (Entity found : division.entities()) {
                if (found.origin().source().equals(entity.ref())) {
                    file = found.origin().file();
                    value.addObject()
                            .put("type", "entity")
                            .set("entity", EntityDocuments.read(found))
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

    void refreshStateReferences(CopyStream out) throws SQLException {
        for (Entity entity : division.entities()) {
            Entity.Origin origin = entity.origin();
            if (origin.isRegistered()) {
                out.row(origin.source(), null, entity.ref());
            } else {
                out.row(null, origin.source(), entity.ref());
            }
        }
    }

    void refreshKeys(CopyStream out) throws SQLException {
        for (Entity entity : division.entities()) {
            out.row(entity.id().toString(), entity.origin().locationKey());
        }
    }

    void finalEntities(CopyStream out) throws SQLException {
        for (Entity entity : division.entities()) {
            EntityDocuments documents = documents(entity);
            out.row(
                    entity.id().toString(),
                    documents.hash(),
                    documents.stitched().toString(),
                    NOW.minusSeconds(spread(entity, MONTH_SECONDS)).toString(),
                    entity.ref());
        }
    }

    void relations(CopyStream out) throws SQLException {
        for (Entity entity : division.entities()) {
            String id = entity.id().toString();
            for (Relation relation : entity.relations()) {
                out.row(id, relation.sourceRef(), relation.type(), relation.targetRef());
            }
        }
    }

    void search(CopyStream out) throws SQLException {
        for (Entity entity : division.entities()) {
            String id = entity.id().toString();
            for (SearchRow row : SearchRow.of(documents(entity).stitched())) {
                out.row(id, row.key(), row.value(), row.originalValue());
            }
        }
    }

    void locations(CopyStream out) throws SQLException {
        Entity location = division.registeredLocation();
        out.row(locationId(location), "url", location.origin().file(), location.ref());
    }

    void locationUpdateLog(CopyStream out) throws SQLException {
        String id = locationId(division.registeredLocation());
        out.row("success", NOW.minusSeconds(MONTH_SECONDS).toString(), "registered", id, null);
        out.row("success", NOW.toString(), "refreshed", id, null);
    }

    private EntityDocuments documents(Entity entity) {
        return EntityDocuments.of(entity, division.relationsFrom(entity));
    }

    /** A registered location has an identifier beside that of its entity. */
    private static String locationId(Entity location) {
        UUID id = location.id();
        long variant2 = ~id.getLeastSignificantBits() ^ 0xC000000000000000L;
        return new UUID(id.getMostSignificantBits(), variant2).toString();
    }

    /** A number of seconds below {@code seconds} that looks like chance and belongs to the entity. */
    private static long spread(Entity entity, long seconds) {
        return Math.floorMod(entity.id().getLeastSignificantBits(), seconds);
    }
}
