package dev.espalier.governance;

import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.Subject;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** What one subject has been given, and what follows for all that lies in it. */
final class Privileges {

    private static final Set<Privilege> NONE = EnumSet.noneOf(Privilege.class);

    private final String catalog;
    private final Map<Securable, Set<Privilege>> given = new HashMap<>();
    private final String key;

    private Privileges(String catalog, Iterable<Grant> grants, boolean everything) {
        this.catalog = catalog;
        SortedSet<String> words = new TreeSet<>();
        for (Grant grant : grants) {
            give(grant.on(), grant.privilege());
            words.add(grant.privilege() + " " + grant.on().type() + " "
                    + grant.on().name());
        }
        if (everything) {
            give(new Securable(SecurableType.CATALOG, SecurableName.of(catalog)), Privilege.ALL_PRIVILEGES);
            words.add("everything");
        }
        key = String.join("\n", words);
    }

    /** Gives out the privileges of each subject of the rules. */
    static final class Index {

        private final String catalog;
        private final Map<String, List<Grant>> byPrincipal = new HashMap<>();

        Index(Rules rules) {
            catalog = rules.catalog();
            for (Grant grant : rules.grants()) {
                byPrincipal
                        .computeIfAbsent(grant.principal(), name -> new ArrayList<>())
                        .add(grant);
            }
        }

        /** What he has himself, without what an agent that acts for him lacks. */
        Privileges of(Subject subject) {
            List<Grant> grants = new ArrayList<>();
            for (String name : subject.names()) {
                grants.addAll(byPrincipal.getOrDefault(name, List.of()));
            }
            return new Privileges(catalog, grants, subject.manages());
        }
    }

    private void give(Securable on, Privilege privilege) {
        given.computeIfAbsent(on, each -> EnumSet.noneOf(Privilege.class)).add(privilege);
    }

    /** The same for two subjects who have been given the same. */
    String key() {
        return key;
    }

    /** Whether nothing in the catalog is kept from him. */
    boolean areAll() {
        return onCatalog(Privilege.ALL_PRIVILEGES);
    }

    boolean uses(String schema) {
        return onCatalog(Privilege.USE_CATALOG)
                && (onCatalog(Privilege.USE_SCHEMA) || onSchema(schema, Privilege.USE_SCHEMA));
    }

    /** Whether he has it on a table of the schema, and may use the schema. */
    boolean onTable(SecurableName table, Privilege privilege) {
        String schema = table.schema().orElseThrow();
        return uses(schema)
                && (onCatalog(privilege)
                        || onSchema(schema, privilege)
                        || has(new Securable(SecurableType.TABLE, table), privilege));
    }

    /** Whether he has it on all of the schema, also what there will be. */
    boolean onAllOf(String schema, Privilege privilege) {
        return uses(schema) && (onCatalog(privilege) || onSchema(schema, privilege));
    }

    /** Whether the grant names the very function. */
    boolean onFunctionItself(String schema, String function, Privilege privilege) {
        return uses(schema)
                && has(new Securable(SecurableType.FUNCTION, SecurableName.of(catalog, schema, function)), privilege);
    }

    private boolean onCatalog(Privilege privilege) {
        return has(new Securable(SecurableType.CATALOG, SecurableName.of(catalog)), privilege);
    }

    private boolean onSchema(String schema, Privilege privilege) {
        return has(new Securable(SecurableType.SCHEMA, SecurableName.of(catalog, schema)), privilege);
    }

    private boolean has(Securable on, Privilege privilege) {
        for (Privilege each : given.getOrDefault(on, NONE)) {
            if (each.includes(privilege)) {
                return true;
            }
        }
        return false;
    }
}
