package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.Names;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The SQL of every kind of object, in the dialect of the server whose database is to be changed. */
final class Dialect {

    private final Attributes attributes;
    private final ColumnSql columns;
    private final Map<Kind, ObjectSql> kinds = new EnumMap<>(Kind.class);

    Dialect(DatabaseSchema from, DatabaseSchema to, Heritage heritage) {
        attributes = new Attributes(from, to);
        TypeChange types = new TypeChange(from, to);
        columns = new ColumnSql(from.casts(), from.version(), types, heritage);
        ObjectSql containers = new ContainerSql(from.version() == to.version());
        ObjectSql domains = new DomainSql(types);
        ObjectSql composites = new CompositeSql(types);
        ObjectSql routines = new RoutineSql();
        ObjectSql constraints = new ConstraintSql(to);
        ObjectSql views = new ViewSql();
        ObjectSql firing = new FiringSql();
        for (Kind kind : Kind.values()) {
            kinds.put(
                    kind,
                    switch (kind) {
                        case DATABASE -> new DatabaseSql();
                        case SCHEMA, EXTENSION -> containers;
                        case COLLATION -> new CollationSql();
                        case ENUM -> new EnumSql();
                        case RANGE -> new RangeSql(to);
                        case DOMAIN, DOMAIN_CONSTRAINT -> domains;
                        case COMPOSITE, ATTRIBUTE -> composites;
                        case SEQUENCE -> new SequenceSql();
                        case FUNCTION, PROCEDURE, AGGREGATE -> routines;
                        case TABLE -> new TableSql(to, heritage);
                        case INHERITANCE -> new InheritanceSql();
                        case COLUMN -> columns;
                        case DEFAULT -> new DefaultSql(from, to);
                        case IDENTITY -> new IdentitySql(from);
                        case OWNED_BY -> new OwnedBySql(from, to);
                        case OF_TYPE -> new OfTypeSql();
                        case CONSTRAINT, FOREIGN_KEY, INDEX -> constraints;
                        case STATISTICS -> new StatisticsSql();
                        case VIEW, MATERIALIZED_VIEW -> views;
                        case VIEW_COLUMN -> new ViewColumnSql(attributes);
                        case RULE, TRIGGER, EVENT_TRIGGER -> firing;
                        case POLICY -> new PolicySql();
                        case DEFAULT_PRIVILEGES -> new DefaultPrivilegesSql();
                        case OTHER -> new OtherSql();
                    });
        }
    }

    List<String> create(SchemaObject object, List<SchemaObject> parts) {
        List<String> statements = new ArrayList<>(of(object).create(object, parts));
        if (object.id().kind() == Kind.COLUMN) {
            statements.addAll(columns.settings(ColumnSql.asDefined(object), object));
        }
        statements.addAll(initialAttributes(object));
        return statements;
    }

    List<String> drop(SchemaObject object) {
        return of(object).drop(object);
    }

    Alteration alter(SchemaObject from, SchemaObject to) {
        Set<String> changed = Properties.changed(from, to);
        Set<String> own = hasAttributes(to)
                ? changed.stream()
                        .filter(property -> !Attributes.isAttribute(property))
                        .collect(Collectors.toSet())
                : changed;
        Alteration alteration = own.isEmpty() ? new Alteration.InPlace(List.of()) : of(to).alter(from, to, own);
        if (alteration instanceof Alteration.InPlace(List<String> statements, List<String> warnings)
                && hasAttributes(to)) {
            List<String> all = new ArrayList<>(statements);
            all.addAll(attributes.changes(from, to, changed));
            return new Alteration.InPlace(all, warnings);
        }
        return alteration;
    }

    /** What a column still needs that came with its table or its parent as {@code given}. */
    List<String> complete(SchemaObject given, SchemaObject column) {
        List<String> statements = new ArrayList<>(columns.settings(given, column));
        statements.addAll(initialAttributes(column));
        return statements;
    }

    List<String> retype(SchemaObject from, SchemaObject to, boolean throughText) {
        return columns.retype(from, to, throughText);
    }

    List<String> retypeWarnings(SchemaObject from, SchemaObject to) {
        return columns.retypeWarnings(from, to);
    }

    List<String> initialAttributes(SchemaObject object) {
        return hasAttributes(object) ? attributes.initial(object) : List.of();
    }

    /** Moves a type or collation out of the way of the one that replaces it. */
    List<String> rename(SchemaObject object, SchemaObject aside) {
        return object.id().kind() == Kind.RANGE
                ? RangeSql.rename(object, aside)
                : List.of("ALTER " + Reference.of(object) + " RENAME TO "
                        + Names.quote(aside.id().name()));
    }

    /** The object under a name that neither schema uses. */
    static SchemaObject aside(SchemaObject object, Set<String> taken) {
        ObjectId id = object.id();
        Map<String, String> properties = new TreeMap<>(object.properties());
        properties.computeIfPresent("multirange", (property, name) -> free(name, taken));
        return new SchemaObject(
                new ObjectId(id.kind(), id.schema(), free(id.name(), taken), id.part()),
                properties,
                object.details(),
                object.dependsOn());
    }

    private static String free(String name, Set<String> taken) {
        // PostgreSQL cuts names at 63 bytes; a character has four at most.
        String base = name.length() > 12 ? name.substring(0, 12) : name;
        int number = 1;
        while (taken.contains(base + "_old" + number)) {
            number++;
        }
        return base + "_old" + number;
    }

    private static boolean hasAttributes(SchemaObject object) {
        return object.id().kind() != Kind.DEFAULT_PRIVILEGES && object.id().kind() != Kind.OTHER;
    }

    private ObjectSql of(SchemaObject object) {
        ObjectSql sql = kinds.get(object.id().kind());
        if (sql == null) {
            throw new IllegalStateException("no SQL for " + object.id());
        }
        return sql;
    }
}
