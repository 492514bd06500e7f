package dev.espalier.demo;

import java.util.List;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/**
 * An entity as its author wrote it, before Backstage processes it.
 *
 * @param id the random identifier Backstage gives it on discovery
 * @param metadata without namespace, location annotations, uid and etag, which processing adds
 * @param relations what the entity itself declares, seen from its side and from the other's
 * @param problems what went wrong when Backstage last processed it; nearly always nothing
 * @param origin where Backstage found it
 */
record Entity(
        Kind kind,
        String name,
        UUID id,
        ObjectNode metadata,
        ObjectNode spec,
        List<Relation> relations,
        List<String> problems,
        Origin origin) {

    /** Backstage's name for the provider of registered locations. */
    static final String LOCATION_PROVIDER = "DefaultLocationStore";

    String ref() {
        return kind.ref(name);
    }

    /**
     * Where an entity was found.
     *
     * @param source reference of the Location entity that led to it, or for a registered location the provider's name
     * @param file address of the file that holds it
     * @param registered address of the registered location at the root
     */
    record Origin(String source, String file, String registered) {

        /** The entity is itself a registered location: no other entity led to it. */
        boolean isRegistered() {
            return source.equals(LOCATION_PROVIDER);
        }

        /** Opaque key by which Backstage tells whose an entity is. */
        String locationKey() {
            return "url:" + file;
        }
    }
}
