package dev.espalier.control;

import dev.espalier.control.request.ResourceName;
import java.util.List;

/**
 * A role on a branch.
 *
 * @param postgresRole its name in PostgreSQL
 * @param identityType whom it stands for
 * @param authMethod how it signs in
 * @param memberOf roles that it is a member of, by their name in the API
 */
public record Role(
        ResourceName name,
        String roleId,
        String postgresRole,
        IdentityType identityType,
        AuthMethod authMethod,
        List<String> memberOf,
        Attributes attributes) {

    /** The role whose members may do everything that a user of a branch may. */
    public static final String SUPERUSER = "databricks_superuser";

    Role withId(ResourceName otherName, String otherId) {
        return new Role(otherName, otherId, postgresRole, identityType, authMethod, memberOf, attributes);
    }

    /** Whom a role stands for. */
    public enum IdentityType {
        IDENTITY_TYPE_UNSPECIFIED,
        USER,
        SERVICE_PRINCIPAL,
        GROUP
    }

    /** How a role signs in. */
    public enum AuthMethod {
        LAKEBASE_OAUTH_V1,
        PG_PASSWORD_SCRAM_SHA_256,
        NO_LOGIN
    }

    /** Attributes of a role in PostgreSQL. */
    public record Attributes(boolean createdb, boolean createrole, boolean bypassrls) {

        /** What a plain role has. */
        public static final Attributes NONE = new Attributes(false, false, false);
    }
}
