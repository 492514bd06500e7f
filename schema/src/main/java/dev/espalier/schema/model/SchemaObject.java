package dev.espalier.schema.model;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * One object of a schema as the catalogs describe it.
 *
 * @param id what it is called
 * @param properties what is compared: property name to value, both for people to read; a property that has its usual
 *     value is absent
 * @param details what is needed to write SQL but not compared
 * @param dependsOn the objects that must be there before this one
 */
public record SchemaObject(
        ObjectId id, Map<String, String> properties, Map<String, String> details, Set<ObjectId> dependsOn) {

    /** Detail of what is compared with another text in the place of its definition, which is not for whoever compares. */
    private static final String WITHHELD = "withheld";

    public SchemaObject {
        properties = Collections.unmodifiableMap(properties);
        details = Collections.unmodifiableMap(details);
        dependsOn = Collections.unmodifiableSet(dependsOn);
    }

    /** The property's value; empty if it is absent. */
    public Optional<String> property(String name) {
        return Optional.ofNullable(properties.get(name));
    }

    /** The value of a property that this kind of object always has. */
    public String required(String name) {
        return property(name).orElseThrow(() -> new IllegalStateException(id + " has no " + name));
    }

    /** True if the flag is set. */
    public boolean is(String flag) {
        return "yes".equals(properties.get(flag)) || "yes".equals(details.get(flag));
    }

    /** The detail's value, or the empty string. */
    public String detail(String name) {
        return details.getOrDefault(name, "");
    }

    /** The same object with another text in the place of a property that is not shown; no SQL can be written of it. */
    public SchemaObject withholding(String property, String instead) {
        Map<String, String> shown = new TreeMap<>(properties);
        shown.put(property, instead);
        Map<String, String> marked = new TreeMap<>(details);
        marked.put(WITHHELD, "yes");
        return new SchemaObject(id, shown, marked, dependsOn);
    }

    /** Whether a part of it is not shown. */
    public boolean isWithheld() {
        return is(WITHHELD);
    }

    /** The same object with other properties. */
    public SchemaObject with(Map<String, String> others) {
        return new SchemaObject(id, others, details, dependsOn);
    }

    /** The object that this one is a part of, if it is a part. */
    public Optional<ObjectId> whole() {
        return Optional.ofNullable(details.get("parent")).map(Kind::valueOf).map(this::part);
    }

    private ObjectId part(Kind kind) {
        return kind == Kind.COLUMN ? id.as(kind) : id.whole(kind);
    }
}
