package dev.espalier.schema.ddl;

import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.Names;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Schemas and extensions. */
final class ContainerSql implements ObjectSql {

    private final boolean sameVersion;

    /** @param sameVersion whether both servers are of one major version and so come with the same extensions */
    ContainerSql(boolean sameVersion) {
        this.sameVersion = sameVersion;
    }

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        String create = "CREATE " + Reference.of(object);
        if (object.id().kind() == Kind.SCHEMA) {
            return List.of(create);
        }
        String version = sameVersion ? " VERSION " + Names.literal(object.required("version")) : "";
        return List.of(create + " WITH SCHEMA " + Names.quote(object.required("schema")) + version);
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of("DROP " + Reference.of(object));
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        String alter = "ALTER " + Reference.of(to);
        List<String> statements = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        if (changed.contains("schema")) {
            if (!from.is("relocatable")) {
                return new Alteration.Impossible("the extension cannot be moved to another schema");
            }
            statements.add(alter + " SET SCHEMA " + Names.quote(to.required("schema")));
        }
        if (changed.contains("version")) {
            statements.add(alter + " UPDATE TO " + Names.literal(to.required("version")));
            warnings.add("works only if the server has this version of the extension and a way to it");
        }
        return new Alteration.InPlace(statements, warnings);
    }
}
