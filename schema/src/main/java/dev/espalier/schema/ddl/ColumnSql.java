package dev.espalier.schema.ddl;

import dev.espalier.schema.model.Casts;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.Names;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Columns of tables. */
final class ColumnSql implements ObjectSql {

    /** The version that can change a generated column's expression. */
    static final int SET_EXPRESSION = 17;

    private final Casts casts;
    private final int version;
    private final TypeChange types;
    private final Heritage heritage;

    /**
     * @param casts of the database to change
     * @param version its server's major version
     */
    ColumnSql(Casts casts, int version, TypeChange types, Heritage heritage) {
        this.heritage = heritage;
        this.casts = casts;
        this.version = version;
        this.types = types;
    }

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        return List.of(table(object) + " ADD COLUMN " + definition(object, parts));
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of(table(object) + " DROP COLUMN " + object.id().quotedPart());
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        if (!changed.contains("generated")) {
            return new Alteration.InPlace(settings(from, to));
        }
        boolean keepsValues =
                to.property("generated").isEmpty() && from.required("generated").endsWith(" STORED");
        if (keepsValues) {
            List<String> statements = new ArrayList<>();
            statements.add(table(to) + " ALTER COLUMN " + to.id().quotedPart() + " DROP EXPRESSION");
            statements.addAll(settings(from, to));
            return new Alteration.InPlace(statements);
        }
        if (from.property("generated").isEmpty() || to.property("generated").isEmpty()) {
            return new Alteration.Replace(List.of("the column's values are lost"));
        }
        boolean inPlace = hasSameStorage(from, to) && (isStored(to) || heritage.changesAlone(to));
        if (inPlace && version >= SET_EXPRESSION) {
            return new Alteration.InPlace(settings(from, to));
        }
        return heritage.changesAlone(to)
                ? new Alteration.Impossible("PostgreSQL " + version + " cannot give a column that is inherited another"
                        + " expression: make the table anew and copy the rows")
                : new Alteration.Replace();
    }

    private static boolean hasSameStorage(SchemaObject from, SchemaObject to) {
        return isStored(from) == isStored(to);
    }

    private static boolean isStored(SchemaObject generated) {
        return generated.required("generated").endsWith(" STORED");
    }

    /** The column as CREATE TABLE and ADD COLUMN spell it, with its default and identity if they are among the parts. */
    static String definition(SchemaObject column, List<SchemaObject> parts) {
        return column.id().quotedPart() + " " + type(column) + constraints(column, parts);
    }

    /** What stands after the type. */
    static String constraints(SchemaObject column, List<SchemaObject> parts) {
        ObjectId id = column.id();
        return column.property("generated")
                        .map(expression -> " GENERATED ALWAYS AS " + expression)
                        .orElse("")
                + find(parts, id.as(Kind.DEFAULT))
                        .map(part -> " DEFAULT " + part.required("default"))
                        .orElse("")
                + find(parts, id.as(Kind.IDENTITY))
                        .map(part -> " " + IdentitySql.generated(part))
                        .orElse("")
                + (isPlainlyNotNull(column)
                        ? column.property("not null constraint")
                                        .map(name -> " CONSTRAINT " + Names.quote(name))
                                        .orElse("")
                                + " NOT NULL"
                        : "");
    }

    /** The column as {@link #definition} makes it: what needs statements of its own is as usual. */
    static SchemaObject asDefined(SchemaObject column) {
        Map<String, String> properties = new TreeMap<>(column.properties());
        properties.keySet().removeAll(Set.of("storage", "compression", "statistics target", "options"));
        if (!isPlainlyNotNull(column)) {
            properties.keySet().removeAll(Set.of("not null", "not null constraint"));
        }
        return column.with(properties);
    }

    /** Statements that change everything but the type, and an expression only into another one where that can be done. */
    List<String> settings(SchemaObject from, SchemaObject to) {
        Set<String> changed = Properties.changed(from, to);
        String column = "ALTER TABLE ONLY " + to.id().qualifiedName() + " ALTER COLUMN "
                + to.id().quotedPart();
        List<String> statements = new ArrayList<>();
        if (changed.contains("generated")
                && from.property("generated").isPresent()
                && to.property("generated").isPresent()
                && version >= SET_EXPRESSION) {
            // ONLY keeps a parent's expression from its children, which have their own in the model.
            String expression = to.required("generated");
            statements.add(column + " SET EXPRESSION AS " + expression.substring(0, expression.lastIndexOf(' ')));
        }
        if (changed.contains("not null") || changed.contains("not null constraint")) {
            statements.addAll(nullability(from, to));
        }
        if (changed.contains("storage")) {
            statements.add(column + " SET STORAGE " + to.property("storage").orElse(to.detail("usual storage")));
        }
        if (changed.contains("compression")) {
            statements.add(
                    column + " SET COMPRESSION " + to.property("compression").orElse("default"));
        }
        if (changed.contains("statistics target")) {
            statements.add(column + " SET STATISTICS "
                    + to.property("statistics target").orElse("-1"));
        }
        if (changed.contains("options")) {
            Options.changes(from.property("options"), to.property("options"))
                    .forEach(action -> statements.add(column + " " + action));
        }
        return statements;
    }

    /**
     * Gives the column its new type. A string that is too long makes the statement fail and is not cut, as it is assigned and
     * not cast.
     */
    List<String> retype(SchemaObject from, SchemaObject to, boolean throughText) {
        String source = types.source(from);
        String target = types.target(to);
        String quoted = to.id().quotedPart();
        String column = table(to) + " ALTER COLUMN " + quoted;
        List<String> statements = new ArrayList<>();
        if (from.is("null default")) {
            // A stored NULL of the old type means no default, but stands in the way of the new type.
            statements.add(column + " DROP DEFAULT");
        }
        String retype = column + " TYPE " + type(to);
        if (!throughText && casts.assignable(source, target)) {
            statements.add(retype);
        } else {
            String text = throughText || !casts.castable(source, target) ? "::text" : "";
            statements.add(
                    retype + " USING " + quoted + text + (casts.isString(target) ? "" : "::" + to.required("type")));
        }
        return statements;
    }

    /** What to know before the column gets its new type. */
    List<String> retypeWarnings(SchemaObject from, SchemaObject to) {
        return casts.assignable(types.source(from), types.target(to))
                ? types.warnings(from, to)
                : List.of("every value is cast from " + from.detail("type") + " to " + to.detail("type")
                        + ": check that the cast means what you want");
    }

    private List<String> nullability(SchemaObject from, SchemaObject to) {
        String column = table(to) + " ALTER COLUMN " + to.id().quotedPart();
        Optional<String> before = from.property("not null");
        Optional<String> after = to.property("not null");
        if (before.equals(after)) {
            return List.of(table(to) + " RENAME CONSTRAINT " + constraint(from) + " TO " + constraint(to));
        }
        List<String> statements = new ArrayList<>();
        boolean validates = before.equals(Optional.of("not valid")) && after.equals(Optional.of("yes"));
        if (validates && from.property("not null constraint").equals(to.property("not null constraint"))) {
            return List.of(table(to) + " VALIDATE CONSTRAINT " + constraint(to));
        }
        if (before.isPresent()) {
            statements.add(column + " DROP NOT NULL");
        }
        if (after.isPresent()) {
            boolean plain = version < 18
                    || (isPlainlyNotNull(to)
                            && to.property("not null constraint").isEmpty());
            statements.add(
                    plain
                            ? column + " SET NOT NULL"
                            : table(to) + " ADD CONSTRAINT " + constraint(to) + " NOT NULL "
                                    + to.id().quotedPart()
                                    + (to.required("not null").contains("not inherited") ? " NO INHERIT" : "")
                                    + (to.required("not null").startsWith("not valid") ? " NOT VALID" : ""));
        }
        return statements;
    }

    private static boolean isPlainlyNotNull(SchemaObject column) {
        return column.is("not null");
    }

    /** The name of the not-null constraint, which is told only where it is not the usual one. */
    private static String constraint(SchemaObject column) {
        String actual = column.detail("not null constraint");
        return Names.quote(
                actual.isEmpty() ? column.id().name() + "_" + column.id().part() + "_not_null" : actual);
    }

    private static String type(SchemaObject column) {
        return column.required("type")
                + column.property("collation").map(c -> " COLLATE " + c).orElse("");
    }

    private static String table(SchemaObject column) {
        return "ALTER TABLE " + column.id().qualifiedName();
    }

    private static Optional<SchemaObject> find(List<SchemaObject> parts, ObjectId id) {
        return parts.stream().filter(part -> part.id().equals(id)).findFirst();
    }
}
