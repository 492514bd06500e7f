package dev.espalier.schema.ddl;

import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.SchemaObject;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Composite types and their attributes. */
final class CompositeSql implements ObjectSql {

    private final TypeChange types;

    CompositeSql(TypeChange types) {
        this.types = types;
    }

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        if (object.id().kind() == Kind.ATTRIBUTE) {
            return List.of(alter(object) + " ADD ATTRIBUTE " + definition(object));
        }
        String attributes = parts.stream().map(CompositeSql::definition).collect(Collectors.joining(", "));
        return List.of("CREATE " + Reference.of(object) + " AS (" + attributes + ")");
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return object.id().kind() == Kind.ATTRIBUTE
                ? List.of(alter(object) + " DROP ATTRIBUTE " + object.id().quotedPart())
                : List.of("DROP " + Reference.of(object));
    }

    /** An attribute of a type that no column has; the planner replaces the type where one has. */
    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        return new Alteration.InPlace(
                List.of(alter(to) + " ALTER ATTRIBUTE " + to.id().quotedPart() + " TYPE " + type(to)),
                types.warnings(from, to));
    }

    /** Takes away and adds attributes of a type that is in use. */
    static List<String> reshape(SchemaObject type, Reshaping reshaping) {
        String actions = Stream.concat(
                        reshaping.gone().stream()
                                .map(attribute ->
                                        "DROP ATTRIBUTE " + attribute.id().quotedPart()),
                        reshaping.won().stream().map(attribute -> "ADD ATTRIBUTE " + definition(attribute)))
                .collect(Collectors.joining(", "));
        return List.of(alter(type) + " " + actions);
    }

    private static String definition(SchemaObject attribute) {
        return attribute.id().quotedPart() + " " + type(attribute);
    }

    private static String type(SchemaObject attribute) {
        return attribute.required("type")
                + attribute.property("collation").map(c -> " COLLATE " + c).orElse("");
    }

    private static String alter(SchemaObject attribute) {
        return "ALTER TYPE " + attribute.id().qualifiedName();
    }
}
