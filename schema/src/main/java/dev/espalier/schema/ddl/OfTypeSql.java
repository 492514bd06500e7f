package dev.espalier.schema.ddl;

import dev.espalier.schema.model.SchemaObject;
import java.util.List;
import java.util.Set;

/**
 * The tie between a table and the composite type that it is of. A table is made with columns of its own and becomes one of the
 * type then; while the type's attributes change it is of no type, so that its columns can be changed likewise.
 */
final class OfTypeSql implements ObjectSql {

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        return List.of("ALTER TABLE " + object.id().qualifiedName() + " OF " + object.required("of type"));
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of("ALTER TABLE " + object.id().qualifiedName() + " NOT OF");
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        return new Alteration.Replace();
    }
}
