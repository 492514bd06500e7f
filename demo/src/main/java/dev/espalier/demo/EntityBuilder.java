package dev.espalier.demo;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Puts one entity together: what is said in its spec and what it declares as a relation stay one call. */
final class EntityBuilder {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Kind kind;
    private final String name;
    private final UUID id;
    private final Entity.Origin origin;
    private final ObjectNode metadata = JSON.objectNode();
    private final ObjectNode spec = JSON.objectNode();
    private final Set<Relation> relations = new LinkedHashSet<>();
    private final List<String> problems = new ArrayList<>();

    EntityBuilder(Kind kind, String name, Entity.Origin origin, Random random) {
        this.kind = kind;
        this.name = name;
        this.origin = origin;
        this.id = randomId(random);
        metadata.put("name", name);
    }

    EntityBuilder title(String title) {
        metadata.put("title", title);
        return this;
    }

    EntityBuilder description(String description) {
        metadata.put("description", description);
        return this;
    }

    EntityBuilder label(String key, String value) {
        metadata.withObjectProperty("labels").put(key, value);
        return this;
    }

    EntityBuilder annotation(String key, String value) {
        metadata.withObjectProperty("annotations").put(key, value);
        return this;
    }

    EntityBuilder tags(String... tags) {
        for (String tag : tags) {
            metadata.withArrayProperty("tags").add(tag);
        }
        return this;
    }

    EntityBuilder link(String url, String title) {
        metadata.withArrayProperty("links").addObject().put("url", url).put("title", title);
        return this;
    }

    EntityBuilder spec(String field, String value) {
        spec.put(field, value);
        return this;
    }

    /** The spec itself, for what is deeper than one field. */
    ObjectNode spec() {
        return spec;
    }

    EntityBuilder profile(String displayName, String email) {
        spec.withObjectProperty("profile").put("displayName", displayName).put("email", email);
        return this;
    }

    EntityBuilder ownedBy(String ownerRef) {
        return reference("owner", ownerRef, RelationType.OWNED_BY, ownerRef);
    }

    /** A field of the spec that names one other entity, and the relation it means. */
    EntityBuilder reference(String field, String written, RelationType type, String targetRef) {
        spec.put(field, written);
        relate(type, targetRef);
        return this;
    }

    /** One more element of a list in the spec that names other entities, and the relation it means. */
    EntityBuilder element(String field, String written, RelationType type, String targetRef) {
        if (relate(type, targetRef)) {
            spec.withArrayProperty(field).add(written);
        }
        return this;
    }

    EntityBuilder problem(String message) {
        problems.add(message);
        return this;
    }

    Entity build() {
        return new Entity(kind, name, id, metadata, spec, List.copyOf(relations), List.copyOf(problems), origin);
    }

    /** False if the entity has already declared it. */
    private boolean relate(RelationType type, String targetRef) {
        relations.add(type.invert(kind.ref(name), targetRef));
        return relations.add(type.declare(kind.ref(name), targetRef));
    }

    /** A version 4 UUID, as Backstage draws it, but from the division's own chance. */
    private static UUID randomId(Random random) {
        long version4 = (random.nextLong() & ~0xF000L) | 0x4000L;
        long variant2 = (random.nextLong() >>> 2) | Long.MIN_VALUE;
        return new UUID(version4, variant2);
    }
}
