package dev.espalier.schema.ddl;

import dev.espalier.schema.model.Names;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Collations. */
final class CollationSql implements ObjectSql {

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        List<String> options = new ArrayList<>();
        options.add("provider = " + object.required("provider"));
        for (String option : List.of("locale", "lc_collate", "lc_ctype", "rules")) {
            object.property(option).ifPresent(value -> options.add(option + " = " + Names.literal(value)));
        }
        if (object.property("deterministic").isPresent()) {
            options.add("deterministic = false");
        }
        return List.of("CREATE " + Reference.of(object) + " (" + String.join(", ", options) + ")");
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of("DROP " + Reference.of(object));
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        return new Alteration.Replace(List.of("every index on a column with this collation is built again"));
    }
}
