package dev.espalier.schema.ddl;

import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Domains and their constraints. */
final class DomainSql implements ObjectSql {

    private final TypeChange types;

    DomainSql(TypeChange types) {
        this.types = types;
    }

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        if (object.id().kind() == Kind.DOMAIN_CONSTRAINT) {
            return List.of(alter(object) + " ADD CONSTRAINT " + object.id().quotedPart() + " "
                    + object.required("definition")
                    + (object.property("valid").isPresent() ? " NOT VALID" : ""));
        }
        return List.of("CREATE " + Reference.of(object) + " AS " + object.required("type")
                + object.property("collation").map(c -> " COLLATE " + c).orElse("")
                + object.property("default").map(d -> " DEFAULT " + d).orElse("")
                + (object.is("not null") ? " NOT NULL" : ""));
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return object.id().kind() == Kind.DOMAIN_CONSTRAINT
                ? List.of(alter(object) + " DROP CONSTRAINT " + object.id().quotedPart())
                : List.of("DROP " + Reference.of(object));
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        if (from.id().kind() == Kind.DOMAIN_CONSTRAINT) {
            return changed.equals(Set.of("valid")) && to.property("valid").isEmpty()
                    ? new Alteration.InPlace(List.of(
                            alter(to) + " VALIDATE CONSTRAINT " + to.id().quotedPart()))
                    : new Alteration.Replace();
        }
        if (changed.contains("type") || changed.contains("collation")) {
            List<String> warnings = new ArrayList<>(List.of("values are converted through text"));
            warnings.addAll(types.warnings(from, to));
            return new Alteration.Replace(warnings);
        }
        List<String> statements = new ArrayList<>();
        if (changed.contains("default")) {
            statements.add(alter(to)
                    + to.property("default").map(d -> " SET DEFAULT " + d).orElse(" DROP DEFAULT"));
        }
        if (changed.contains("not null")) {
            statements.add(alter(to) + (to.is("not null") ? " SET NOT NULL" : " DROP NOT NULL"));
        }
        return new Alteration.InPlace(statements);
    }

    private static String alter(SchemaObject object) {
        return "ALTER DOMAIN " + object.id().qualifiedName();
    }
}
