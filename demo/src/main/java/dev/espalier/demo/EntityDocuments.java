package dev.espalier.demo;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON documents Backstage keeps of one entity, each with a full copy of what the one before said.
 *
 * @param unprocessed as discovered: with the annotations that say where
 * @param processed with defaults and the annotations processors add
 * @param stitched the final entity: with relations, problems, uid and etag
 * @param hash of the final entity before it had uid and etag
 * @param errors the problems, as an array
 */
record EntityDocuments(
        ObjectNode unprocessed, ObjectNode processed, ObjectNode stitched, String hash, ArrayNode errors) {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String MANAGED_BY = "backstage.io/managed-by-location";
    private static final String MANAGED_BY_ORIGIN = "backstage.io/managed-by-origin-location";

    static EntityDocuments of(Entity entity, Iterable<Relation> relations) {
        ObjectNode unprocessed = unprocessed(entity);
        ObjectNode processed = processed(entity);
        ArrayNode errors = errors(entity);
        ObjectNode stitched = processed.deepCopy();
        stitched.set("relations", relations(relations));
        if (!errors.isEmpty()) {
            stitched.set("status", status(errors));
        }
        String hash = Hash.sha1(stitched.toString());
        stitched.withObjectProperty("metadata")
                .put("uid", entity.id().toString())
                .put("etag", hash);
        return new EntityDocuments(unprocessed, processed, stitched, hash, errors);
    }

    /** The entity as it stands in its file. */
    static ObjectNode read(Entity entity) {
        ObjectNode document = envelope(JSON.objectNode(), entity);
        document.set("metadata", entity.metadata());
        document.set("spec", entity.spec());
        return document;
    }

    private static ObjectNode unprocessed(Entity entity) {
        ObjectNode document = envelope(JSON.objectNode(), entity);
        ObjectNode metadata = entity.metadata().deepCopy();
        metadata.withObjectProperty("annotations")
                .put(MANAGED_BY_ORIGIN, "url:" + entity.origin().registered())
                .put(MANAGED_BY, entity.origin().locationKey());
        document.set("metadata", metadata);
        document.set("spec", entity.spec());
        return document;
    }

    private static ObjectNode processed(Entity entity) {
        String file = entity.origin().file();
        ObjectNode metadata = JSON.objectNode().put("namespace", "default");
        ObjectNode annotations = metadata.withObjectProperty("annotations");
        annotations.put(MANAGED_BY, entity.origin().locationKey());
        annotations.put(MANAGED_BY_ORIGIN, "url:" + entity.origin().registered());
        annotations.put("backstage.io/view-url", file);
        annotations.put("backstage.io/edit-url", file.replace("/blob/", "/edit/"));
        annotations.put(
                "backstage.io/source-location",
                "url:" + file.substring(0, file.lastIndexOf('/') + 1).replace("/blob/", "/tree/"));
        if (entity.metadata().get("annotations") instanceof ObjectNode own) {
            annotations.setAll(own);
        }
        for (var field : entity.metadata().properties()) {
            metadata.putIfAbsent(field.getKey(), field.getValue());
        }
        ObjectNode document = JSON.objectNode();
        document.set("metadata", metadata);
        envelope(document, entity).set("spec", entity.spec());
        return document;
    }

    private static ObjectNode envelope(ObjectNode document, Entity entity) {
        return document.put("apiVersion", entity.kind().apiVersion())
                .put("kind", entity.kind().label());
    }

    private static ArrayNode relations(Iterable<Relation> relations) {
        ArrayNode array = JSON.arrayNode();
        for (Relation relation : relations) {
            array.addObject().put("type", relation.type()).put("targetRef", relation.targetRef());
        }
        return array;
    }

    private static ArrayNode errors(Entity entity) {
        ArrayNode errors = JSON.arrayNode();
        entity.problems()
                .forEach(problem -> errors.addObject().put("name", "InputError").put("message", problem));
        return errors;
    }

    private static ObjectNode status(ArrayNode errors) {
        ObjectNode status = JSON.objectNode();
        for (JsonNode error : errors) {
            status.withArrayProperty("items")
                    .addObject()
                    .put("type", "backstage.io/catalog-processing")
                    .put("level", "error")
                    .put("message", "InputError: " + error.path("message").asString())
                    .set("error", error);
        }
        return status;
    }
}
