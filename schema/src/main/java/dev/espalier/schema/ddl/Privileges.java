package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.Names;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Grants and revokes. An object has a property {@code privileges of X} for each X that holds anything else than usual;
 * its value lists them, or is {@code nothing}. Who granted them is not told apart: the owner grants them all.
 */
final class Privileges {

    static final String PREFIX = "privileges of ";

    private static final String ITS_OWNER = "its owner";
    static final String PUBLIC = "PUBLIC";
    private static final String GRANT_OPTION = " WITH GRANT OPTION";

    private final DatabaseSchema from;
    private final DatabaseSchema to;

    Privileges(DatabaseSchema from, DatabaseSchema to) {
        this.from = from;
        this.to = to;
    }

    /** What a newly made object needs: default privileges of the database may have given it too much or too little. */
    List<String> initial(SchemaObject object) {
        Set<String> grantees = new TreeSet<>(grantees(object));
        Target target = Target.of(object);
        List<String> statements = new ArrayList<>();
        Set<String> unsure = new LinkedHashSet<>();
        for (String grantee : defaultGrantees(object.id())) {
            // Who owns the object may be named in the default privileges of somebody else.
            unsure.add(grantee.equals(Names.quote(owner(object))) ? ITS_OWNER : grantee);
        }
        for (String grantee : unsure) {
            if (!grantee.equals(ITS_OWNER)) {
                statements.add(target.revoke("ALL", target.role(grantee), false));
            }
        }
        grantees.addAll(unsure);
        for (String grantee : grantees) {
            Set<String> wanted = held(object, grantee);
            Set<String> usual = usual(object.id().kind(), grantee);
            if (!unsure.contains(grantee)) {
                statements.addAll(target.difference(grantee, usual, wanted));
            } else if (grantee.equals(ITS_OWNER)) {
                statements.add(target.grant("ALL", target.role(grantee), false));
                statements.addAll(target.difference(grantee, usual, wanted));
            } else {
                statements.addAll(target.difference(grantee, Set.of(), wanted));
            }
        }
        return statements;
    }

    List<String> changes(SchemaObject before, SchemaObject after) {
        Target target = Target.of(after);
        Set<String> grantees = new TreeSet<>(grantees(before));
        grantees.addAll(grantees(after));
        Set<String> hadByOwner = new TreeSet<>(held(before, ITS_OWNER));
        if (!owner(before).equals(owner(after))) {
            // What the new owner had been granted became the owner's when the object changed hands.
            String newOwner = Names.quote(owner(after));
            held(before, newOwner).forEach(privilege -> hadByOwner.add(privilege.replace(GRANT_OPTION, "")));
            grantees.remove(newOwner);
            grantees.add(ITS_OWNER);
        }
        List<String> statements = new ArrayList<>();
        for (String grantee : grantees) {
            Set<String> had = grantee.equals(ITS_OWNER) ? withoutRepetition(hadByOwner) : held(before, grantee);
            statements.addAll(target.difference(grantee, had, held(after, grantee)));
        }
        if (statements.stream().anyMatch(statement -> statement.endsWith(" CASCADE"))) {
            // What the grantee had passed on is gone with it, though the object may keep it.
            for (String grantee : grantees(after)) {
                statements.addAll(target.difference(grantee, Set.of(), held(after, grantee)));
            }
        }
        if (statements.stream().anyMatch(statement -> statement.startsWith("REVOKE"))) {
            statements.addAll(keptOnColumns(after.id(), grantees));
        }
        return statements;
    }

    /** Revoking a privilege on a relation takes the same privileges on its columns along, which may be there to stay. */
    private List<String> keptOnColumns(ObjectId relation, Set<String> grantees) {
        List<String> statements = new ArrayList<>();
        for (Kind kind : List.of(Kind.COLUMN, Kind.VIEW_COLUMN)) {
            for (SchemaObject column : to.parts(relation, kind)) {
                if (from.object(column.id()).isPresent()) {
                    for (String grantee : grantees) {
                        statements.addAll(Target.of(column).difference(grantee, Set.of(), held(column, grantee)));
                    }
                }
            }
        }
        return statements;
    }

    /** Turns the privileges that a default grants into others; the object is the default itself. */
    static List<String> ofDefault(
            String command, SchemaObject object, Optional<SchemaObject> before, Optional<SchemaObject> after) {
        Target target = new Target(
                command + " ", " ON " + object.id().part(), "", object.id().name());
        Set<String> grantees = new TreeSet<>();
        before.ifPresent(b -> grantees.addAll(grantees(b)));
        after.ifPresent(a -> grantees.addAll(grantees(a)));
        List<String> statements = new ArrayList<>();
        for (String grantee : grantees) {
            Set<String> had = before.map(b -> held(b, grantee)).orElseGet(() -> usualDefault(object.id(), grantee));
            Set<String> wanted = after.map(a -> held(a, grantee)).orElseGet(() -> usualDefault(object.id(), grantee));
            statements.addAll(target.difference(grantee, had, wanted));
        }
        return statements;
    }

    private static Set<String> withoutRepetition(Set<String> privileges) {
        return privileges.contains("ALL") ? Set.of("ALL") : privileges;
    }

    /** The owner of the object, or of the table that it is a part of. */
    private static String owner(SchemaObject object) {
        return object.property(Attributes.OWNER).orElse(object.detail("table owner"));
    }

    /** The roles, each quoted where it needs it, that hold something by these properties and have to be there. */
    static List<String> roles(Set<String> properties) {
        return grantees(properties).stream()
                .filter(grantee -> !grantee.equals(ITS_OWNER) && !grantee.equals(PUBLIC))
                .toList();
    }

    private static Set<String> grantees(SchemaObject object) {
        return grantees(object.properties().keySet());
    }

    private static Set<String> grantees(Set<String> properties) {
        return properties.stream()
                .filter(property -> property.startsWith(PREFIX))
                .map(property -> property.substring(PREFIX.length()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> held(SchemaObject object, String grantee) {
        return object.property(PREFIX + grantee)
                .map(value -> value.equals("nothing") ? Set.<String>of() : Set.of(value.split(", ")))
                .orElseGet(() -> object.id().kind() == Kind.DEFAULT_PRIVILEGES
                        ? usualDefault(object.id(), grantee)
                        : usual(object.id().kind(), grantee));
    }

    /** What PostgreSQL gives without being asked. */
    private static Set<String> usual(Kind kind, String grantee) {
        boolean perColumn = kind == Kind.COLUMN || kind == Kind.VIEW_COLUMN;
        if (grantee.equals(ITS_OWNER)) {
            return perColumn ? Set.of() : Set.of("ALL");
        }
        if (!grantee.equals(PUBLIC)) {
            return Set.of();
        }
        return switch (kind) {
            case FUNCTION, PROCEDURE, AGGREGATE -> Set.of("EXECUTE");
            case ENUM, RANGE, COMPOSITE, DOMAIN -> Set.of("USAGE");
            case DATABASE -> Set.of("CONNECT", "TEMPORARY");
            default -> Set.of();
        };
    }

    private static Set<String> usualDefault(ObjectId id, String grantee) {
        if (!id.schema().isEmpty()) {
            return Set.of();
        }
        return usual(
                switch (id.part()) {
                    case "FUNCTIONS" -> Kind.FUNCTION;
                    case "TYPES" -> Kind.ENUM;
                    default -> Kind.TABLE;
                },
                grantee);
    }

    /** Everyone who may have got something on a new object by the database's default privileges. */
    private Set<String> defaultGrantees(ObjectId id) {
        String type = switch (Reference.grantable(id.kind())) {
            case "TABLE" -> "TABLES";
            case "SEQUENCE" -> "SEQUENCES";
            case "FUNCTION", "PROCEDURE" -> "FUNCTIONS";
            case "TYPE", "DOMAIN" -> "TYPES";
            case "SCHEMA" -> "SCHEMAS";
            default -> "";
        };
        Set<String> grantees = new LinkedHashSet<>();
        if (id.kind() != Kind.COLUMN && id.kind() != Kind.VIEW_COLUMN) {
            for (SchemaObject object : from.objects().values()) {
                ObjectId each = object.id();
                if (each.kind() == Kind.DEFAULT_PRIVILEGES
                        && each.part().equals(type)
                        && (each.schema().isEmpty() || each.schema().equals(id.schema()))) {
                    grantees.addAll(grantees(object));
                }
            }
        }
        return grantees;
    }

    /** The words around the privileges: {@code GRANT} privileges {@code (column) ON TABLE x TO} role. */
    private record Target(String before, String on, String column, String owner) {

        static Target of(SchemaObject object) {
            ObjectId id = object.id();
            boolean column = id.kind() == Kind.COLUMN || id.kind() == Kind.VIEW_COLUMN;
            String name = switch (id.kind()) {
                case FUNCTION, PROCEDURE, AGGREGATE -> id.fullName();
                case IDENTITY -> object.required("sequence");
                default -> id.qualifiedName();
            };
            return new Target(
                    "",
                    " ON " + Reference.grantable(id.kind()) + " " + name,
                    column ? " (" + id.quotedPart() + ")" : "",
                    Privileges.owner(object));
        }

        String role(String grantee) {
            return grantee.equals(ITS_OWNER) ? Names.quote(owner) : grantee;
        }

        /** Statements from one set of privileges to the other; what was grantable is revoked with what came of it. */
        List<String> difference(String grantee, Set<String> had, Set<String> wanted) {
            Set<String> lost = new TreeSet<>(had);
            lost.removeAll(wanted);
            Set<String> won = new TreeSet<>(wanted);
            won.removeAll(had);
            List<String> statements = new ArrayList<>();
            for (boolean grantable : new boolean[] {true, false}) {
                list(lost, grantable).ifPresent(list -> statements.add(revoke(list, role(grantee), grantable)));
            }
            for (boolean grantable : new boolean[] {false, true}) {
                list(won, grantable).ifPresent(list -> statements.add(grant(list, role(grantee), grantable)));
            }
            return statements;
        }

        String grant(String privileges, String role, boolean grantable) {
            return before + "GRANT " + privileges + on + " TO " + role + (grantable ? GRANT_OPTION : "");
        }

        String revoke(String privileges, String role, boolean cascade) {
            return before + "REVOKE " + privileges + on + " FROM " + role + (cascade ? " CASCADE" : "");
        }

        private Optional<String> list(Set<String> privileges, boolean grantable) {
            String list = privileges.stream()
                    .filter(privilege -> privilege.endsWith(GRANT_OPTION) == grantable)
                    .map(privilege -> privilege.replace(GRANT_OPTION, "") + column)
                    .collect(Collectors.joining(", "));
            return list.isEmpty() ? Optional.empty() : Optional.of(list);
        }
    }
}
