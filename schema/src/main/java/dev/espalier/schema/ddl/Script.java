package dev.espalier.schema.ddl;

import dev.espalier.schema.ddl.Step.Verb;
import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The statements that turn one schema into the other, in an order that works. */
public final class Script {

    /**
     * One statement.
     *
     * @param object what it is about
     * @param cause the object whose change it serves; another one where something is made again only because what it is
     *     built on changed
     * @param sql without a semicolon at the end
     * @param where in which database and transaction it is run
     */
    public record Line(ObjectId object, ObjectId cause, String sql, Where where) {}

    /** In which database and transaction a statement is run. */
    public enum Where {
        /** What makes or drops the database itself: in another one, outside of a transaction. */
        ELSEWHERE,
        /** What makes a label of an enum: committed before the rest, which may use it. */
        BEFOREHAND,
        /** With all others of the kind in one transaction. */
        TOGETHER
    }

    private final DatabaseSchema from;
    private final DatabaseSchema to;
    private final Dialect dialect;
    private final Heritage heritage;
    private final Fates fates;
    private final Plan plan;
    private final Map<Step, Integer> positions = new HashMap<>();
    private final Map<ObjectId, SchemaObject> aside = new HashMap<>();
    private final Map<ObjectId, Boolean> goesWithItsWhole = new HashMap<>();
    private final List<Line> lines = new ArrayList<>();

    private Script(DatabaseSchema from, DatabaseSchema to) {
        this.from = from;
        this.to = to;
        PartitionKeys keys = new PartitionKeys(from, to);
        heritage = new Heritage(from, to, keys);
        dialect = new Dialect(from, to, heritage);
        TypeUse uses = new TypeUse(from);
        fates = new Fates(from, to, dialect, heritage, keys, uses);
        plan = new Plan(from, to, fates, heritage, uses);
        moveAside();
        List<Step> steps = plan.graph().sorted();
        for (int i = 0; i < steps.size(); i++) {
            positions.put(steps.get(i), i);
        }
        for (Step step : steps) {
            boolean elsewhere = step.id().kind() == Kind.DATABASE && step.verb() != Verb.ALTER;
            for (String sql : statements(step)) {
                Where inside = EnumSql.addsLabel(step.id(), sql) ? Where.BEFOREHAND : Where.TOGETHER;
                lines.add(new Line(step.id(), fates.cause(step.id()), sql, elsewhere ? Where.ELSEWHERE : inside));
                // What follows the database's own statement is run in the database.
                elsewhere = false;
            }
        }
    }

    /** The script from one schema to the other; empty if they are equal. */
    public static Script between(DatabaseSchema from, DatabaseSchema to) {
        return new Script(from, to);
    }

    public List<Line> lines() {
        return List.copyOf(lines);
    }

    /** What to know before this object's statements are run. */
    public List<String> warnings(ObjectId id) {
        return fates.warnings(id);
    }

    private void moveAside() {
        Set<String> taken = new HashSet<>();
        Stream.concat(from.objects().keySet().stream(), to.objects().keySet().stream())
                .forEach(id -> {
                    taken.add(id.name());
                    taken.add(id.part());
                });
        for (ObjectId id : from.objects().keySet()) {
            if (fates.isMovedAside(id)) {
                SchemaObject moved = Dialect.aside(from.get(id), taken);
                taken.add(moved.id().name());
                moved.property("multirange").ifPresent(taken::add);
                aside.put(id, moved);
            }
        }
    }

    private List<String> statements(Step step) {
        ObjectId id = step.id();
        return switch (step.verb()) {
            case DROP -> drop(id);
            case RENAME -> dialect.rename(from.get(id), aside.getOrDefault(id, from.get(id)));
            case CREATE -> create(id);
            case RETYPE -> dialect.retype(from.get(id), to.get(id), isMovedOver(id));
            case ALTER -> id.kind() == Kind.COLUMN ? alterColumn(id) : alterOther(id);
        };
    }

    /** True if dropping the whole is enough: nothing between the two waits for this part to be gone. */
    private boolean goesWithItsWhole(ObjectId id) {
        Optional<ObjectId> whole = from.get(id).whole().filter(w -> fates.of(w).isGone());
        if (whole.isEmpty()) {
            return false;
        }
        Boolean known = goesWithItsWhole.get(id);
        if (known == null) {
            int gone = gone(whole.get());
            known = plan.graph().successors(plan.step(Verb.DROP, id)).stream().allMatch(next -> gone(next) >= gone);
            goesWithItsWhole.put(id, known);
        }
        return known;
    }

    /** True if dropping the column that owns the sequence drops it too, and nothing else uses it by then. */
    private boolean goesWithItsOwner(ObjectId sequence) {
        return fates.of(sequence) == Fate.REMOVE
                && from.object(sequence.as(Kind.OWNED_BY)).stream()
                        .flatMap(owned -> owned.dependsOn().stream())
                        .filter(owner -> owner.kind() == Kind.COLUMN && fates.of(owner) == Fate.REMOVE)
                        .anyMatch(owner -> plan.graph().predecessors(new Step(Verb.DROP, sequence)).stream()
                                .filter(step -> step.id().kind() != Kind.OWNED_BY)
                                .allMatch(step -> gone(step) <= gone(owner)));
    }

    /** True for the canonical function of a range type that goes. */
    private boolean goesWithItsRange(ObjectId function) {
        return from.get(function).dependsOn().stream()
                .filter(needed -> fates.of(needed).isGone())
                .flatMap(needed -> RangeSql.canonical(from.get(needed)).stream())
                .anyMatch(function::equals);
    }

    private List<String> drop(ObjectId id) {
        boolean silent = switch (id.kind()) {
            case SEQUENCE -> goesWithItsOwner(id);
            case OWNED_BY -> goesWithItsOwner(id.as(Kind.SEQUENCE)) || goesWithItsWhole(id);
            case FUNCTION -> goesWithItsRange(id);
            default -> goesWithItsWhole(id);
        };
        return silent ? List.of() : dialect.drop(aside.getOrDefault(id, from.get(id)));
    }

    /** When the object is gone: at its own step, or at that of what it goes with. */
    private int gone(ObjectId id) {
        if (goesWithItsWhole(id)) {
            return gone(from.get(id).whole().orElseThrow());
        }
        return position(fates.isMovedAside(id) ? new Step(Verb.RENAME, id) : plan.step(Verb.DROP, id));
    }

    private int gone(Step step) {
        return step.verb() == Verb.DROP ? gone(step.id()) : position(step);
    }

    private int position(Step step) {
        return positions.getOrDefault(step, Integer.MAX_VALUE);
    }

    private List<String> create(ObjectId id) {
        SchemaObject object = to.get(id);
        if (isMadeWithItsColumn(id) || isInheritedAsIs(id)) {
            return dialect.initialAttributes(object);
        }
        if (id.kind() == Kind.COMPOSITE && fates.isMovedAside(id)) {
            return create(object, Reshaping.of(id, from, to).kept());
        }
        List<SchemaObject> parts = new ArrayList<>();
        if (id.kind() == Kind.TABLE || id.kind() == Kind.COMPOSITE) {
            for (Kind kind : List.of(Kind.COLUMN, Kind.ATTRIBUTE, Kind.INHERITANCE)) {
                parts.addAll(to.parts(id, kind));
            }
            for (SchemaObject column : to.parts(id, Kind.COLUMN)) {
                parts.addAll(madeWith(column.id()));
            }
        }
        if (id.kind() == Kind.COLUMN) {
            parts.addAll(madeWith(id));
        }
        parts.sort(Comparator.comparingInt(Script::number));
        return create(object, parts);
    }

    private List<String> create(SchemaObject object, List<SchemaObject> parts) {
        List<String> statements = new ArrayList<>(dialect.create(object, parts));
        for (SchemaObject part : parts) {
            switch (part.id().kind()) {
                case COLUMN -> statements.addAll(complete(part));
                case ATTRIBUTE -> statements.addAll(dialect.initialAttributes(part));
                default -> {}
            }
        }
        return statements;
    }

    /** The default and identity that are written into the column's own definition. */
    private List<SchemaObject> madeWith(ObjectId column) {
        return Stream.of(Kind.DEFAULT, Kind.IDENTITY)
                .map(kind -> to.object(column.as(kind)))
                .flatMap(Optional::stream)
                .filter(part -> isMadeWithItsColumn(part.id()))
                .toList();
    }

    private boolean isMadeWithItsColumn(ObjectId id) {
        if (id.kind() != Kind.DEFAULT && id.kind() != Kind.IDENTITY) {
            return false;
        }
        ObjectId column = id.as(Kind.COLUMN);
        Step whole = plan.step(Verb.CREATE, column);
        return fates.of(column).isNew()
                && isWrittenOut(column)
                && plan.graph().predecessors(plan.step(Verb.CREATE, id)).stream()
                        .allMatch(before -> position(before) <= position(whole));
    }

    /** False for a column that comes with its parent's or its parent table and is not spelled in a statement of its own. */
    private boolean isWrittenOut(ObjectId column) {
        return fates.leader(column).isEmpty()
                && (plan.madeWith(column).isEmpty()
                        || !to.get(column).is("inherited")
                        || heritage.isSpelledAgain(to.get(column)));
    }

    /** True for a default that a column gets from its parent's together with the column. */
    private boolean isInheritedAsIs(ObjectId id) {
        return id.kind() == Kind.DEFAULT
                && comesFromParent(id.as(Kind.COLUMN))
                && source(id.as(Kind.COLUMN))
                        .flatMap(source -> to.object(source.as(Kind.DEFAULT)))
                        .filter(parent -> parent.properties().equals(to.get(id).properties()))
                        .isPresent();
    }

    /** The column that this one is a copy of when it is made: the one that ADD COLUMN was said of, or its parent's. */
    private Optional<ObjectId> source(ObjectId column) {
        Optional<ObjectId> leader = fates.leader(column);
        if (leader.isPresent()) {
            return source(leader.get()).or(() -> leader);
        }
        return plan.madeWith(column).flatMap(table -> heritage.origin(column));
    }

    private boolean comesFromParent(ObjectId column) {
        return fates.of(column).isNew() && !isWrittenOut(column);
    }

    /** What a column of a new table still needs after the table's own statement. */
    private List<String> complete(SchemaObject column) {
        Optional<SchemaObject> origin =
                column.is("inherited") ? heritage.origin(column.id()).flatMap(to::object) : Optional.empty();
        SchemaObject defined = ColumnSql.asDefined(column);
        SchemaObject given = origin.map(parent -> inherited(parent, heritage.isSpelledAgain(column) ? defined : parent))
                .orElse(defined);
        List<String> statements = new ArrayList<>(dialect.complete(given, column));
        origin.ifPresent(parent -> statements.addAll(withoutDefault(column.id(), parent.id())));
        return statements;
    }

    /** A column as its table gets it when the parent has it so. */
    private static SchemaObject inherited(SchemaObject parent, SchemaObject own) {
        Map<String, String> properties = new TreeMap<>(own.properties());
        for (String property : List.of("not null", "storage", "compression")) {
            parent.property(property).ifPresent(value -> properties.put(property, value));
        }
        properties.remove("statistics target");
        properties.remove("options");
        return own.with(properties);
    }

    /** A default that came from the parent and is not wanted. */
    private List<String> withoutDefault(ObjectId column, ObjectId origin) {
        Optional<SchemaObject> unwanted = to.object(origin.as(Kind.DEFAULT))
                .filter(parent -> to.object(column.as(Kind.DEFAULT)).isEmpty());
        return unwanted.isPresent()
                ? List.of("ALTER TABLE ONLY " + column.qualifiedName() + " ALTER COLUMN " + column.quotedPart()
                        + " DROP DEFAULT")
                : List.of();
    }

    private List<String> alterColumn(ObjectId id) {
        SchemaObject column = to.get(id);
        Optional<ObjectId> leader = heritage.leader(id);
        if (fates.of(id).isNew()) {
            List<String> statements = new ArrayList<>();
            source(id).flatMap(to::object).ifPresent(source -> {
                statements.addAll(dialect.complete(ColumnSql.asDefined(source), column));
                statements.addAll(withoutDefault(id, source.id()));
            });
            return statements;
        }
        Map<String, String> current = new TreeMap<>(from.get(id).properties());
        for (String property : List.of("type", "collation")) {
            current.remove(property);
            column.property(property).ifPresent(value -> current.put(property, value));
        }
        leader.ifPresent(parent -> goAlong(parent, column, current));
        return alter(from.get(id).with(current), column);
    }

    /** Takes over what PostgreSQL carries from the parent's column to the child's. */
    private void goAlong(ObjectId leader, SchemaObject column, Map<String, String> current) {
        Optional<SchemaObject> before = from.object(leader);
        Optional<SchemaObject> after = to.object(leader);
        if (before.isEmpty() || after.isEmpty()) {
            return;
        }
        String property = "not null";
        Optional<String> carried = after.get().property(property);
        if (!before.get().property(property).equals(carried)) {
            current.remove(property);
            carried.ifPresent(value -> current.put(property, value));
            if (column.is("local")) {
                // The child's own constraint may have stayed, or not: say again what it shall be.
                current.remove(property);
                if (!column.is(property)) {
                    current.put(property, "yes");
                }
            }
        }
        if (after.get().property("generated").isEmpty()) {
            current.remove("generated");
        }
    }

    private List<String> alterOther(ObjectId id) {
        if (!fates.isReshaped(id)) {
            return alter(from.get(id), to.get(id));
        }
        Reshaping reshaping = Reshaping.of(id, from, to);
        List<String> statements = new ArrayList<>(CompositeSql.reshape(to.get(id), reshaping));
        reshaping.won().forEach(attribute -> statements.addAll(dialect.initialAttributes(attribute)));
        return statements;
    }

    private List<String> alter(SchemaObject before, SchemaObject after) {
        return dialect.alter(before, after) instanceof Alteration.InPlace inPlace ? inPlace.statements() : List.of();
    }

    /** True if the column's type is one that was moved aside: its values take the way through text. */
    private boolean isMovedOver(ObjectId column) {
        return from.get(column).dependsOn().stream()
                .anyMatch(needed -> needed.kind() != Kind.COLLATION && fates.isMovedAside(needed));
    }

    /** The place of a column, attribute or parent among its kind. */
    private static int number(SchemaObject part) {
        String position = part.detail("position");
        return position.isEmpty() ? 0 : Integer.parseInt(position);
    }
}
