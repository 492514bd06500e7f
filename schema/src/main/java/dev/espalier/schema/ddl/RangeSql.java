package dev.espalier.schema.ddl;

import dev.espalier.schema.model.Names;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Range types. */
final class RangeSql implements ObjectSql {

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        List<String> options = new ArrayList<>();
        options.add("subtype = " + object.required("subtype"));
        object.property("operator class").ifPresent(value -> options.add("subtype_opclass = " + value));
        object.property("collation").ifPresent(value -> options.add("collation = " + value));
        object.property("difference function").ifPresent(value -> options.add("subtype_diff = " + value));
        options.add("multirange_type_name = " + multirange(object));
        return List.of("CREATE " + Reference.of(object) + " AS RANGE (" + String.join(", ", options) + ")");
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of("DROP " + Reference.of(object));
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        return new Alteration.Replace(List.of("values are converted through text"));
    }

    static String multirange(SchemaObject object) {
        return Names.quote(object.id().schema()) + "." + Names.quote(object.required("multirange"));
    }
}
