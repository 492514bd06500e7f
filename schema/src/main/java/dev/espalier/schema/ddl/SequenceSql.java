package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.Names;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Sequences that stand for themselves. Their value is kept; it moves only where the new bounds leave no other way. */
final class SequenceSql implements ObjectSql {

    static final List<String> TYPES = List.of("smallint", "integer", "bigint");

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        return List.of("CREATE " + (object.is("unlogged") ? "UNLOGGED " : "") + Reference.of(object) + " AS "
                + object.required("type") + " " + options(object));
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of("DROP " + Reference.of(object));
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        List<String> statements = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        String name = to.id().qualifiedName();
        if (changed.contains("unlogged")) {
            statements.add("ALTER SEQUENCE " + name + (to.is("unlogged") ? " SET UNLOGGED" : " SET LOGGED"));
            if (to.is("unlogged")) {
                warnings.add("the sequence starts anew when PostgreSQL crashes, and on a branch made while it runs");
            }
        }
        statements.addAll(counter(name, from, to, changed));
        return new Alteration.InPlace(statements, warnings);
    }

    /** The options of a sequence, or of the sequence behind an identity column, as ALTER and CREATE take them. */
    static String options(SchemaObject object) {
        return "START WITH " + object.required("start")
                + " INCREMENT BY " + object.required("increment")
                + " MINVALUE " + object.required("minimum")
                + " MAXVALUE " + object.required("maximum")
                + " CACHE " + object.required("cache")
                + (object.is("cycle") ? " CYCLE" : " NO CYCLE");
    }

    /**
     * Moves a new sequence on to the furthest value that the column has of those it would come to, so that none is given twice;
     * never back, as it may have been moved past another column's.
     *
     * @param name the sequence's
     * @param counter its options
     * @param column an integer one, which had its values from elsewhere so far
     */
    static String pastValues(String name, SchemaObject counter, ObjectId column) {
        String value = column.quotedPart();
        String start = counter.required("start");
        boolean rises = !counter.required("increment").startsWith("-");
        String furthest = "pg_catalog." + (rises ? "max(" : "min(") + value + ")";
        return "SELECT pg_catalog.setval(" + Names.literal(name) + ", " + furthest + ") FROM " + column.qualifiedName()
                + " WHERE " + value + " BETWEEN "
                + (rises
                        ? start + " AND " + counter.required("maximum")
                        : counter.required("minimum") + " AND " + start)
                + " HAVING " + furthest + (rises ? " >= " : " <= ") + "(SELECT last_value FROM " + name + ")";
    }

    /** True for an integer column that was there before. */
    static boolean hasNumbers(ObjectId id, DatabaseSchema from, DatabaseSchema to) {
        return id.kind() == Kind.COLUMN
                && from.object(id).isPresent()
                && TYPES.contains(to.underDomains(to.get(id)).detail("type"));
    }

    /** Changes of type, bounds, step, cache and cycle of the sequence of that name. */
    static List<String> counter(String name, SchemaObject from, SchemaObject to, Set<String> changed) {
        List<String> statements = new ArrayList<>();
        if (changed.stream()
                .noneMatch(List.of("type", "start", "increment", "minimum", "maximum", "cache", "cycle")::contains)) {
            return statements;
        }
        long minimum = Long.parseLong(to.required("minimum"));
        long maximum = Long.parseLong(to.required("maximum"));
        long oldMinimum = Long.parseLong(from.required("minimum"));
        long oldMaximum = Long.parseLong(from.required("maximum"));
        if (minimum > oldMinimum || maximum < oldMaximum) {
            int type = Math.max(TYPES.indexOf(from.required("type")), TYPES.indexOf(to.required("type")));
            statements.add("ALTER SEQUENCE " + name + " AS " + TYPES.get(type) + " MINVALUE "
                    + Math.min(minimum, oldMinimum) + " MAXVALUE " + Math.max(maximum, oldMaximum));
            statements.add("SELECT pg_catalog.setval(" + Names.literal(name) + ", greatest(least(last_value, " + maximum
                    + "), " + minimum + "), is_called) FROM " + name + " WHERE last_value NOT BETWEEN " + minimum
                    + " AND " + maximum);
        }
        statements.add("ALTER SEQUENCE " + name + " AS " + to.required("type") + " " + options(to));
        return statements;
    }
}
