package dev.espalier.schema.ddl;

import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.SchemaObject;
import java.util.List;
import java.util.Set;

/** Functions, procedures and aggregates. */
final class RoutineSql implements ObjectSql {

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        return object.id().kind() == Kind.AGGREGATE
                ? List.of("CREATE AGGREGATE " + object.id().qualifiedName() + "(" + object.required("arguments") + ") ("
                        + object.required("definition") + ")")
                : List.of(object.required("definition"));
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of("DROP " + Reference.of(object));
    }

    /** CREATE OR REPLACE wants the same result, the same names of arguments and no default taken away or retyped. */
    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        boolean sameDefaults = from.detail("arguments with defaults").equals(to.detail("arguments with defaults"));
        boolean replaceable = from.id().kind() != Kind.AGGREGATE
                && from.detail("prokind").equals(to.detail("prokind"))
                && from.detail("result").equals(to.detail("result"))
                && from.detail("arguments").equals(to.detail("arguments"))
                && (sameDefaults || from.detail("defaults").equals("0"));
        return replaceable ? new Alteration.InPlace(List.of(to.required("definition"))) : new Alteration.Replace();
    }
}
