package dev.espalier.schema.ddl;

import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What hangs on a column of a view. The column itself comes and goes with the view's definition. */
final class ViewColumnSql implements ObjectSql {

    private final Attributes attributes;

    ViewColumnSql(Attributes attributes) {
        this.attributes = attributes;
    }

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        return statements(object.with(Map.of()), object, object.properties().keySet());
    }

    @Override
    public List<String> drop(SchemaObject object) {
        List<String> statements = new ArrayList<>(
                statements(object, object.with(Map.of()), object.properties().keySet()));
        statements.addAll(attributes.changes(
                object, object.with(Map.of()), object.properties().keySet()));
        return statements;
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        return new Alteration.InPlace(statements(from, to, changed));
    }

    private static List<String> statements(SchemaObject from, SchemaObject to, Set<String> changed) {
        String alter = "ALTER " + from.whole().orElseThrow().kind().keyword() + " "
                + to.id().qualifiedName() + " ALTER COLUMN " + to.id().quotedPart();
        List<String> statements = new ArrayList<>();
        if (changed.contains("default")) {
            statements.add(
                    alter + to.property("default").map(d -> " SET DEFAULT " + d).orElse(" DROP DEFAULT"));
        }
        if (changed.contains("statistics target")) {
            statements.add(alter + " SET STATISTICS "
                    + to.property("statistics target").orElse("-1"));
        }
        return statements;
    }
}
