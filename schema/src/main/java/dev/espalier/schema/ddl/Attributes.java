package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.Names;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What nearly every kind of object has and PostgreSQL sets by statements of their own: owner, comment and privileges. */
final class Attributes {

    static final String OWNER = "owner";
    static final String COMMENT = "comment";

    private final DatabaseSchema to;
    private final Privileges privileges;

    Attributes(DatabaseSchema from, DatabaseSchema to) {
        this.to = to;
        this.privileges = new Privileges(from, to);
    }

    /** True if this property is set here and not by the kind's own statements. */
    static boolean isAttribute(String property) {
        return property.equals(OWNER) || property.equals(COMMENT) || property.startsWith(Privileges.PREFIX);
    }

    /** What a newly made object still needs. */
    List<String> initial(SchemaObject object) {
        List<String> statements = new ArrayList<>();
        object.property(OWNER).ifPresent(owner -> statements.add(own(object, owner)));
        object.property(COMMENT).ifPresent(comment -> statements.add(comment(object, Optional.of(comment))));
        statements.addAll(privileges.initial(object));
        return statements;
    }

    List<String> changes(SchemaObject from, SchemaObject to, Set<String> changed) {
        List<String> statements = new ArrayList<>();
        if (changed.contains(OWNER) && !followsItsTable(to)) {
            statements.add(own(to, to.required(OWNER)));
        }
        if (changed.contains(COMMENT)) {
            statements.add(comment(to, to.property(COMMENT)));
        }
        if (changed.stream().anyMatch(property -> property.startsWith(Privileges.PREFIX))) {
            statements.addAll(privileges.changes(from, to));
        }
        return statements;
    }

    /** A sequence that a column owns has the table's owner, and PostgreSQL refuses to give it another. */
    private boolean followsItsTable(SchemaObject object) {
        return object.id().kind() == Kind.SEQUENCE
                && to.object(object.id().as(Kind.OWNED_BY)).isPresent();
    }

    private static String own(SchemaObject object, String owner) {
        return "ALTER " + Reference.of(object) + " OWNER TO " + Names.quote(owner);
    }

    private static String comment(SchemaObject object, Optional<String> comment) {
        return "COMMENT ON " + Reference.of(object) + " IS "
                + comment.map(Names::literal).orElse("NULL");
    }
}
