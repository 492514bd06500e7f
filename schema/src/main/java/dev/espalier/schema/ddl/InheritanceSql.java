package dev.espalier.schema.ddl;

import dev.espalier.schema.model.SchemaObject;
import java.util.List;
import java.util.Set;

/** The tie between a table and its parent: partition or inheritance. A new table is made with its ties. */
final class InheritanceSql implements ObjectSql {

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        String child = object.id().qualifiedName();
        String parent = object.id().part();
        return List.of(object.property("bound")
                .map(bound -> "ALTER TABLE " + parent + " ATTACH PARTITION " + child + " " + bound)
                .orElse("ALTER TABLE " + child + " INHERIT " + parent));
    }

    @Override
    public List<String> drop(SchemaObject object) {
        String child = object.id().qualifiedName();
        String parent = object.id().part();
        return List.of(
                object.property("bound").isPresent()
                        ? "ALTER TABLE " + parent + " DETACH PARTITION " + child
                        : "ALTER TABLE " + child + " NO INHERIT " + parent);
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        return new Alteration.Replace();
    }
}
