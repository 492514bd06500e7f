package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.Names;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The column that owns a sequence. */
final class OwnedBySql implements ObjectSql {

    private final DatabaseSchema from;
    private final DatabaseSchema to;

    OwnedBySql(DatabaseSchema from, DatabaseSchema to) {
        this.from = from;
        this.to = to;
    }

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        List<String> statements = new ArrayList<>();
        String owner = object.detail("owner");
        // PostgreSQL wants the sequence and the table to be of one owner first.
        from.object(object.id().as(Kind.SEQUENCE))
                .filter(sequence -> !sequence.required(Attributes.OWNER).equals(owner))
                .ifPresent(sequence -> statements.add(sequence(object) + " OWNER TO " + Names.quote(owner)));
        statements.add(sequence(object) + " OWNED BY " + object.required("owned by"));
        ObjectId sequence = object.id().as(Kind.SEQUENCE);
        if (from.object(sequence).isEmpty()) {
            object.dependsOn().stream()
                    .filter(column -> SequenceSql.hasNumbers(column, from, to))
                    .map(column -> SequenceSql.pastValues(sequence.qualifiedName(), to.get(sequence), column))
                    .forEach(statements::add);
        }
        return statements;
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of(sequence(object) + " OWNED BY NONE");
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        return new Alteration.Replace();
    }

    private static String sequence(SchemaObject object) {
        return "ALTER SEQUENCE " + object.id().qualifiedName();
    }
}
