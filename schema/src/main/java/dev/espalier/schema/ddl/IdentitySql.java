package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Identity columns with the sequence behind them. */
final class IdentitySql implements ObjectSql {

    private final DatabaseSchema from;

    IdentitySql(DatabaseSchema from) {
        this.from = from;
    }

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        List<String> statements = new ArrayList<>();
        statements.add(column(object) + " ADD " + generated(object));
        if (from.object(object.id().as(Kind.COLUMN)).isPresent()) {
            statements.add(SequenceSql.pastValues(object.required("sequence"), object, object.id()));
        }
        return statements;
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of(column(object) + " DROP IDENTITY");
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        List<String> statements = new ArrayList<>();
        if (changed.contains("sequence")) {
            statements.add("ALTER SEQUENCE " + from.required("sequence") + " RENAME TO " + to.detail("sequence name"));
        }
        if (changed.contains("generated")) {
            statements.add(
                    column(to) + " SET GENERATED " + to.required("generated").toUpperCase(Locale.ROOT));
        }
        statements.addAll(SequenceSql.counter(to.required("sequence"), from, to, changed));
        return new Alteration.InPlace(statements);
    }

    static String generated(SchemaObject object) {
        return "GENERATED " + object.required("generated").toUpperCase(Locale.ROOT) + " AS IDENTITY (SEQUENCE NAME "
                + object.required("sequence") + " " + SequenceSql.options(object) + ")";
    }

    private static String column(SchemaObject object) {
        return "ALTER TABLE " + object.id().qualifiedName() + " ALTER COLUMN "
                + object.id().quotedPart();
    }
}
