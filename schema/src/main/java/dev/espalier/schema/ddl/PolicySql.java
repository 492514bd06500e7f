package dev.espalier.schema.ddl;

import dev.espalier.schema.model.SchemaObject;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Row security policies. Changed in place wherever PostgreSQL can, so that no row is open or shut in between. */
final class PolicySql implements ObjectSql {

    static final String ROLES = "roles";

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        return List.of("CREATE " + Reference.of(object)
                + (object.is("restrictive") ? " AS RESTRICTIVE" : "")
                + " FOR " + object.required("command").toUpperCase(Locale.ROOT)
                + clauses(object, Set.of(ROLES, "using", "check")));
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of("DROP " + Reference.of(object));
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        boolean possible = !changed.contains("command")
                && !changed.contains("restrictive")
                && to.properties().keySet().containsAll(changed);
        return possible
                ? new Alteration.InPlace(List.of("ALTER " + Reference.of(to) + clauses(to, changed)))
                : new Alteration.Replace();
    }

    private static String clauses(SchemaObject object, Set<String> wanted) {
        return clause(object, wanted, ROLES, " TO %s")
                + clause(object, wanted, "using", " USING (%s)")
                + clause(object, wanted, "check", " WITH CHECK (%s)");
    }

    private static String clause(SchemaObject object, Set<String> wanted, String property, String form) {
        return object.property(property)
                .filter(value -> wanted.contains(property))
                .map(value -> form.replace("%s", value))
                .orElse("");
    }
}
