package dev.espalier.schema.ddl;

import dev.espalier.schema.model.Names;
import dev.espalier.schema.model.SchemaObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Default privileges: nothing but privileges. */
final class DefaultPrivilegesSql implements ObjectSql {

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        return Privileges.ofDefault(command(object), object, Optional.empty(), Optional.of(object));
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return Privileges.ofDefault(command(object), object, Optional.of(object), Optional.empty());
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        return new Alteration.InPlace(Privileges.ofDefault(command(to), to, Optional.of(from), Optional.of(to)));
    }

    private static String command(SchemaObject object) {
        return "ALTER DEFAULT PRIVILEGES FOR ROLE " + Names.quote(object.id().name())
                + (object.id().schema().isEmpty()
                        ? ""
                        : " IN SCHEMA " + Names.quote(object.id().schema()));
    }
}
