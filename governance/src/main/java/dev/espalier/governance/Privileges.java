package dev.espalier.governance;

import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.Subject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What one subject has been given, and what follows for all that lies in it. */
final class Privileges {

    /** The number of no table. */
    private static final long ANY = 0;

    private static final String NOBODY = "";

    private final String catalog;
    private final Map<Securable, List<Grant>> byThing = new HashMap<>();
    private final Given given;

    private Privileges(String catalog, Iterable<Grant> grants, boolean everything) {
        this.catalog = catalog;
        Set<Grant> all = new HashSet<>();
        for (Grant grant : grants) {
            give(grant);
            all.add(new Grant(grant.on(), NOBODY, grant.privilege(), grant.notOn()));
        }
        if (everything) {
            give(new Grant(
                    new Securable(SecurableType.CATALOG, SecurableName.of(catalog)), NOBODY, Privilege.ALL_PRIVILEGES));
        }
        given = new Given(all, everything);
    }

    /**
     * What tells subjects apart by what they have been given, under whichever of their names.
     *
     * @param grants to nobody in particular
     * @param everything whether he manages all of it
     */
    record Given(Set<Grant> grants, boolean everything) implements Digest.Parts {

        Given {
            grants = Set.copyOf(grants);
        }

        @Override
        public List<Object> parts() {
            return List.of(
                    everything,
                    grants.stream()
                            .map(Given::digest)
                            // A set has no order; this one is the same for the same grants.
                            .sorted()
                            .toList());
        }

        private static String digest(Grant grant) {
            SecurableName name = grant.on().name();
            return new Digest()
                    .add(
                            grant.on().type(),
                            name.catalog(),
                            name.schema(),
                            name.object(),
                            grant.privilege(),
                            new TreeSet<>(grant.notOn()))
                    .hex();
        }
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

    private void give(Grant grant) {
        byThing.computeIfAbsent(grant.on(), each -> new ArrayList<>()).add(grant);
    }

    /** The same for two subjects who have been given the same. */
    Given given() {
        return given;
    }

    /** Whether nothing in the catalog is kept from him. */
    boolean areAll() {
        return onCatalog(Privilege.ALL_PRIVILEGES);
    }

    boolean uses(String schema) {
        return onCatalog(Privilege.USE_CATALOG)
                && (onCatalog(Privilege.USE_SCHEMA) || onSchema(schema, Privilege.USE_SCHEMA));
    }

    /**
     * Whether he has it on a table by this name, and may use the schema.
     *
     * @param number the table's own, which may have another name now
     */
    boolean onTable(SecurableName table, long number, Privilege privilege) {
        String schema = table.schema().orElseThrow();
        return uses(schema)
                && (onCatalog(privilege)
                        || has(schema(schema), number, privilege)
                        || has(new Securable(SecurableType.TABLE, table), number, privilege));
    }

    /** Whether he has it on all of the schema, also what there will be. */
    boolean onAllOf(String schema, Privilege privilege) {
        return uses(schema) && (onCatalog(privilege) || onSchema(schema, privilege));
    }

    /** Whether the grant names the very function. */
    boolean onFunctionItself(String schema, String function, Privilege privilege) {
        return uses(schema)
                && has(
                        new Securable(SecurableType.FUNCTION, SecurableName.of(catalog, schema, function)),
                        ANY,
                        privilege);
    }

    private boolean onCatalog(Privilege privilege) {
        return has(new Securable(SecurableType.CATALOG, SecurableName.of(catalog)), ANY, privilege);
    }

    private boolean onSchema(String schema, Privilege privilege) {
        return has(schema(schema), ANY, privilege);
    }

    private Securable schema(String schema) {
        return new Securable(SecurableType.SCHEMA, SecurableName.of(catalog, schema));
    }

    private boolean has(Securable on, long table, Privilege privilege) {
        for (Grant each : byThing.getOrDefault(on, List.of())) {
            if (each.privilege().includes(privilege) && !each.notOn().contains(table)) {
                return true;
            }
        }
        return false;
    }
}
