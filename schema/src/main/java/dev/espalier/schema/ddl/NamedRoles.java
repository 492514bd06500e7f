package dev.espalier.schema.ddl;

import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.Names;
import dev.espalier.schema.model.ObjectId;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The roles that the statements about an object name. */
public final class NamedRoles {

    private NamedRoles() {}

    /**
     * The names of all roles that have to be there for the object to become what it shall be.
     *
     * @param object what is added or changed
     * @param properties its properties that are new
     */
    public static Set<String> of(ObjectId object, Map<String, String> properties) {
        Set<String> roles = new TreeSet<>();
        properties.forEach((property, value) -> {
            if (property.equals(Attributes.OWNER)) {
                roles.add(value);
            } else if (object.kind() == Kind.POLICY && property.equals(PolicySql.ROLES)) {
                Names.list(value).stream()
                        .filter(role -> !role.equals(Privileges.PUBLIC))
                        .map(Names::unquoted)
                        .forEach(roles::add);
            }
        });
        Privileges.roles(properties.keySet()).stream().map(Names::unquoted).forEach(roles::add);
        if (object.kind() == Kind.DEFAULT_PRIVILEGES) {
            roles.add(object.name());
        }
        return roles;
    }
}
