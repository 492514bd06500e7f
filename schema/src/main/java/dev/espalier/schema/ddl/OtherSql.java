package dev.espalier.schema.ddl;

import dev.espalier.schema.model.SchemaObject;
import java.util.List;
import java.util.Set;

/** Objects of which only the presence is known, so that no statement can be written for them. */
final class OtherSql implements ObjectSql {

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        return List.of();
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of();
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        return new Alteration.Impossible("no statements are written for this kind of object");
    }
}
