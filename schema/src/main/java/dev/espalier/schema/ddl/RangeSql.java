package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.Names;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Range types. One with a canonical function and that function need each other: they are made together, by way of a type that
 * is nothing but a name so far, and dropped together.
 */
final class RangeSql implements ObjectSql {

    private static final String CANONICAL = "canonical function";

    private final DatabaseSchema to;

    RangeSql(DatabaseSchema to) {
        this.to = to;
    }

    /** The canonical function of a range type, which takes a value of the type and gives one back. */
    static Optional<ObjectId> canonical(SchemaObject object) {
        return object.id().kind() == Kind.RANGE && object.property(CANONICAL).isPresent()
                ? object.dependsOn().stream()
                        .filter(needed -> needed.kind() == Kind.FUNCTION
                                && needed.part().equals(object.id().qualifiedName()))
                        .findFirst()
                : Optional.empty();
    }

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        List<String> statements = new ArrayList<>();
        List<String> options = new ArrayList<>();
        options.add("subtype = " + object.required("subtype"));
        object.property("operator class").ifPresent(value -> options.add("subtype_opclass = " + value));
        object.property("collation").ifPresent(value -> options.add("collation = " + value));
        object.property("difference function").ifPresent(value -> options.add("subtype_diff = " + value));
        canonical(object).ifPresent(function -> {
            statements.add("CREATE " + Reference.of(object));
            statements.add(to.get(function).required("definition"));
            options.add("canonical = " + function.qualifiedName());
        });
        options.add("multirange_type_name = " + multirange(object));
        statements.add("CREATE " + Reference.of(object) + " AS RANGE (" + String.join(", ", options) + ")");
        return statements;
    }

    @Override
    public List<String> drop(SchemaObject object) {
        // All else that is built on it is gone by then.
        return List.of(
                "DROP " + Reference.of(object) + (object.property(CANONICAL).isPresent() ? " CASCADE" : ""));
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        List<String> warnings = new ArrayList<>(List.of("values are converted through text"));
        warnings.addAll(TypeChange.warnings(from.required("subtype"), to.required("subtype")));
        return new Alteration.Replace(warnings);
    }

    static String multirange(SchemaObject object) {
        return Names.quote(object.id().schema()) + "." + Names.quote(object.required("multirange"));
    }

    /** Renames the type, its multirange and the functions that make values of both, which PostgreSQL names after them. */
    static List<String> rename(SchemaObject range, SchemaObject aside) {
        String type = aside.id().qualifiedName();
        String subtype = range.required("subtype");
        String newType = Names.quote(aside.id().name());
        String newMultirange = Names.quote(aside.required("multirange"));
        List<String> statements = new ArrayList<>();
        statements.add("ALTER " + Reference.of(range) + " RENAME TO " + newType);
        statements.add("ALTER TYPE " + multirange(range) + " RENAME TO " + newMultirange);
        for (String arguments : List.of(subtype + ", " + subtype, subtype + ", " + subtype + ", text")) {
            statements.add("ALTER FUNCTION " + range.id().qualifiedName() + "(" + arguments + ") RENAME TO " + newType);
        }
        for (String arguments : List.of("", type, type + "[]")) {
            statements.add("ALTER FUNCTION " + multirange(range) + "(" + arguments + ") RENAME TO " + newMultirange);
        }
        return statements;
    }
}
