package dev.espalier.schema.ddl;

import dev.espalier.schema.model.SchemaObject;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Compares two states of one object. */
public final class Properties {

    private Properties() {}

    /** The names of the properties in which they differ. */
    public static Set<String> changed(SchemaObject from, SchemaObject to) {
        Set<String> names = new TreeSet<>(from.properties().keySet());
        names.addAll(to.properties().keySet());
        return names.stream()
                .filter(name -> !from.property(name).equals(to.property(name)))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
