package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Defaults of columns. ONLY keeps a parent's default from its children, which have their own in the model. */
final class DefaultSql implements ObjectSql {

    private final DatabaseSchema from;
    private final DatabaseSchema to;

    DefaultSql(DatabaseSchema from, DatabaseSchema to) {
        this.from = from;
        this.to = to;
    }

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        List<String> statements = new ArrayList<>();
        statements.add(column(object) + " SET DEFAULT " + object.required("default"));
        ObjectId column = object.id().as(Kind.COLUMN);
        if (SequenceSql.hasNumbers(column, from, to)) {
            object.dependsOn().stream()
                    .filter(needed -> countsAnew(needed, column))
                    .map(sequence -> SequenceSql.pastValues(sequence.qualifiedName(), to.get(sequence), column))
                    .forEach(statements::add);
        }
        return statements;
    }

    /** True for a new sequence, unless it is the column's own, which is moved on when it becomes that. */
    private boolean countsAnew(ObjectId needed, ObjectId column) {
        return needed.kind() == Kind.SEQUENCE
                && from.object(needed).isEmpty()
                && to.object(needed.as(Kind.OWNED_BY))
                        .filter(owned -> owned.dependsOn().contains(column))
                        .isEmpty();
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
