package dev.espalier.schema.ddl;

import dev.espalier.schema.model.SchemaObject;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Extended statistics. */
final class StatisticsSql implements ObjectSql {

    private static final String TARGET = "statistics target";

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        return Stream.concat(
                        Stream.of(object.required("definition")),
                        object.property(TARGET).stream().map(target -> target(object, target)))
                .toList();
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of("DROP " + Reference.of(object));
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        return changed.equals(Set.of(TARGET))
                ? new Alteration.InPlace(List.of(target(to, to.property(TARGET).orElse("-1"))))
                : new Alteration.Replace();
    }

    private static String target(SchemaObject object, String target) {
        return "ALTER " + Reference.of(object) + " SET STATISTICS " + target;
    }
}
