package dev.espalier.schema.ddl;

import dev.espalier.schema.model.SchemaObject;
import java.util.List;
import java.util.Set;

/** Defaults of columns. ONLY keeps a parent's default from its children, which have their own in the model. */
final class DefaultSql implements ObjectSql {

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        return List.of(column(object) + " SET DEFAULT " + object.required("default"));
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of(column(object) + " DROP DEFAULT");
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        return new Alteration.InPlace(create(to, List.of()));
    }

    private static String column(SchemaObject object) {
        return "ALTER TABLE ONLY " + object.id().qualifiedName() + " ALTER COLUMN "
                + object.id().quotedPart();
    }
}
