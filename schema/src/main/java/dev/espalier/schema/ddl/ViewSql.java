package dev.espalier.schema.ddl;

import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Views and materialized views. */
final class ViewSql implements ObjectSql {

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        return List.of(definition("CREATE ", object));
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of("DROP " + Reference.of(object));
    }

    /** CREATE OR REPLACE VIEW keeps what hangs on the view, but can only add columns at the end. */
    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        if (changed.equals(Set.of("options"))) {
            List<String> statements = new ArrayList<>();
            for (String action : Options.changes(from.property("options"), to.property("options"))) {
                statements.add("ALTER " + Reference.of(to) + " " + action);
            }
            return new Alteration.InPlace(statements);
        }
        boolean replaceable =
                to.id().kind() == Kind.VIEW && to.detail("columns").startsWith(from.detail("columns"));
        return replaceable
                ? new Alteration.InPlace(List.of(definition("CREATE OR REPLACE ", to)))
                : new Alteration.Replace();
    }

    private static String definition(String create, SchemaObject object) {
        return create + Reference.of(object)
                + object.property("access method").map(m -> " USING " + m).orElse("")
                + Options.with(object.property("options"))
                + object.property("tablespace").map(t -> " TABLESPACE " + t).orElse("")
                + " AS\n" + object.required("definition")
                + (object.is("empty") ? "\nWITH NO DATA" : "");
    }
}
