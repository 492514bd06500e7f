package dev.espalier.governance;

import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Privilege;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Grants that give nothing. Who makes something owns it, and those whom a policy binds own nothing. CREATE SCHEMA nobody has by a grant:
 * PostgreSQL's CREATE on the database gives extensions, and schemas that others find by their search paths, as well.
 */
final class IdleGrants {

    private IdleGrants() {}

    /** @param boundNames of those whom a policy binds, their groups' among them */
    static List<String> warnings(List<Grant> grants, Set<String> boundNames) {
        List<String> warnings = new ArrayList<>();
        for (Grant grant : grants) {
            if (grant.privilege() == Privilege.CREATE_SCHEMA) {
                warnings.add(
                        what(grant) + ": PostgreSQL has no right to make schemas that gives nothing else. Who manages"
                                + " the project, or owns the database, makes them.");
            } else if (grant.privilege() == Privilege.CREATE_TABLE && boundNames.contains(grant.principal())) {
                warnings.add(what(grant) + ", or those of its members, whom a policy binds: they own nothing here."
                        + " A branch of a mirror that is masked for them is where they make tables.");
            }
        }
        return warnings;
    }

    private static String what(Grant grant) {
        return grant.privilege() + " on the " + grant.on().type().noun() + " "
                + grant.on().name() + " does nothing for " + grant.principal();
    }
}
