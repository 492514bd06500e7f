package dev.espalier.schema.ddl;

import dev.espalier.schema.ddl.Step.Verb;
import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.Names;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Which steps there are and what has to come before what. Says nothing about SQL. */
final class Plan {

    private static final List<Verb> MAKING = List.of(Verb.CREATE, Verb.RETYPE, Verb.ALTER);

    private final DatabaseSchema from;
    private final DatabaseSchema to;
    private final Fates fates;
    private final Heritage heritage;
    private final StepGraph graph = new StepGraph();

    Plan(DatabaseSchema from, DatabaseSchema to, Fates fates, Heritage heritage, TypeUse uses) {
        this.from = from;
        this.to = to;
        this.fates = fates;
        this.heritage = heritage;
        fates.all().forEach(this::addSteps);
        from.objects().values().forEach(this::orderDropping);
        from.objects().values().forEach(this::orderLeaving);
        from.objects().values().forEach(this::orderLettingGo);
        to.objects().values().forEach(this::orderMaking);
        to.objects().keySet().forEach(this::orderInheriting);
        to.objects().values().forEach(this::orderTyping);
        orderNames();
        orderReshaping(uses, new TypeUse(to));
        // Last, as they yield to everything else.
        to.objects().values().forEach(this::preferMakingWhole);
        from.objects().values().forEach(this::preferDroppingWhole);
    }

    StepGraph graph() {
        return graph;
    }

    /** The step that does this, if there is one: a new table's columns are made by the table's step, and so on. */
    Step step(Verb verb, ObjectId id) {
        Optional<ObjectId> leader = fates.leader(id);
        // A column that its table has by itself too stays when the parent's goes.
        boolean stays = verb == Verb.DROP
                && from.object(id).filter(old -> old.is("local")).isPresent();
        if (leader.isPresent() && verb != Verb.ALTER && !stays) {
            return step(verb, leader.get());
        }
        if (verb == Verb.DROP && goesWithItsType(id)) {
            return new Step(verb, id.whole(Kind.COMPOSITE));
        }
        return verb == Verb.CREATE
                ? madeWith(id).map(whole -> new Step(verb, whole)).orElseGet(() -> new Step(verb, id))
                : new Step(verb, id);
    }

    /** The new table or type whose statement makes this part too. */
    Optional<ObjectId> madeWith(ObjectId id) {
        return switch (id.kind()) {
            case COLUMN, INHERITANCE ->
                Optional.of(id.whole(Kind.TABLE)).filter(w -> fates.of(w).isNew());
            case ATTRIBUTE ->
                Optional.of(id.whole(Kind.COMPOSITE)).filter(w -> fates.of(w).isNew());
            default -> Optional.empty();
        };
    }

    /** True for an attribute of a type that makes way: it has its values until they have moved over. */
    private boolean goesWithItsType(ObjectId id) {
        return id.kind() == Kind.ATTRIBUTE && fates.isMovedAside(id.whole(Kind.COMPOSITE));
    }

    private void addSteps(ObjectId id) {
        Fate fate = fates.of(id);
        if (fate.isGone()) {
            graph.add(step(Verb.DROP, id));
        }
        if (fate.isNew()) {
            graph.add(step(Verb.CREATE, id));
        }
        if (fates.isMovedAside(id)) {
            graph.add(new Step(Verb.RENAME, id));
        }
        if (fate == Fate.RETYPE) {
            graph.add(step(Verb.RETYPE, id));
        }
        // What a column does not get from its parent it gets afterwards, whatever its own fate.
        boolean completes = id.kind() == Kind.COLUMN
                && to.object(id).isPresent()
                && madeWith(id).isEmpty()
                && (fates.leader(id).isPresent()
                        || (!fate.isNew() && heritage.leader(id).isPresent()));
        if (fate == Fate.ALTER || fate == Fate.RETYPE || completes || fates.isReshaped(id)) {
            graph.add(new Step(Verb.ALTER, id));
        }
        for (Verb last : List.of(Verb.CREATE, Verb.RETYPE)) {
            graph.order(step(last, id), new Step(Verb.ALTER, id));
        }
        if (fates.isMovedAside(id)) {
            graph.order(new Step(Verb.RENAME, id), step(Verb.CREATE, id));
            graph.order(step(Verb.CREATE, id), step(Verb.DROP, id));
        } else if (!goesWithItsType(id)) {
            graph.order(step(Verb.DROP, id), step(Verb.CREATE, id));
        }
    }

    /** What is built on an object goes before the object goes or is disturbed. */
    private void orderDropping(SchemaObject object) {
        ObjectId id = object.id();
        Step drop = step(Verb.DROP, id);
        for (ObjectId needed : object.dependsOn()) {
            if (isCanonicalOf(from, id, needed)) {
                continue;
            }
            Step neededDrop = step(Verb.DROP, needed);
            boolean ownName = fates.isMovedAside(id) || id.kind() == Kind.COLUMN || id.kind() == Kind.ATTRIBUTE;
            graph.order(drop, fates.isMovedAside(needed) && !ownName ? new Step(Verb.RENAME, needed) : neededDrop);
            if (fates.isMovedAside(needed)) {
                graph.order(drop, neededDrop);
                // A range's functions are renamed too, and named by the type it ranges over.
                graph.order(new Step(Verb.RENAME, id), new Step(Verb.RENAME, needed));
            }
            graph.order(drop, step(Verb.RETYPE, needed));
            if (isInTheWay(id, needed)) {
                graph.order(drop, new Step(Verb.ALTER, needed));
            }
            // What keeps its contents lets go by being changed.
            if (!fates.of(id).isGone()) {
                graph.order(step(Verb.RETYPE, id), neededDrop);
                graph.order(new Step(Verb.ALTER, id), neededDrop);
            }
        }
    }

    /** True for a range type's canonical function, which is made and dropped with the type. */
    private static boolean isCanonicalOf(DatabaseSchema schema, ObjectId function, ObjectId range) {
        return schema.object(range)
                .flatMap(RangeSql::canonical)
                .filter(function::equals)
                .isPresent();
    }

    /** Parts that would forbid what is done to the object in place: a primary key keeps its columns not null. */
    private static boolean isInTheWay(ObjectId part, ObjectId needed) {
        return switch (part.kind()) {
            case CONSTRAINT, DEFAULT, IDENTITY -> needed.kind() == Kind.COLUMN;
            case OWNED_BY -> needed.kind() == Kind.SEQUENCE;
            case FOREIGN_KEY -> true;
            default -> false;
        };
    }

    /** What an object is built on is there, and as it shall be, before the object is. */
    private void orderMaking(SchemaObject object) {
        for (Verb verb : MAKING) {
            Step step = step(verb, object.id());
            object.dependsOn().stream()
                    .filter(needed -> !isCanonicalOf(to, needed, object.id()))
                    .forEach(needed -> orderMade(needed, step));
        }
    }

    private void orderMade(ObjectId needed, Step step) {
        for (Verb made : MAKING) {
            if (made != Verb.ALTER || !fates.isReshaped(needed)) {
                graph.order(step(made, needed), step);
            }
        }
    }

    /** A composite type gets its last shape once the values have moved over, and before what is built on that shape. */
    private void orderReshaping(TypeUse before, TypeUse after) {
        for (ObjectId composite : fates.all()) {
            if (fates.isReshaped(composite)) {
                Step reshape = new Step(Verb.ALTER, composite);
                Set<ObjectId> held = before.of(composite);
                Set<ObjectId> built = after.of(composite);
                built.stream().filter(held::contains).forEach(id -> graph.order(step(Verb.RETYPE, id), reshape));
                built.stream()
                        .filter(id -> !TypeUse.isType(id.kind()))
                        .flatMap(id -> MAKING.stream().map(verb -> step(verb, id)))
                        .forEach(step -> graph.prefer(reshape, step));
            }
        }
    }

    /** A parent's columns come before its children's, and all columns before a tie is made. */
    private void orderInheriting(ObjectId id) {
        if (id.kind() == Kind.COLUMN) {
            heritage.origin(id).ifPresent(origin -> {
                // What follows its leader has no steps of its own but the last.
                for (Verb verb : fates.leader(id).isPresent() ? List.of(Verb.ALTER) : MAKING) {
                    orderMade(origin, step(verb, id));
                    orderMade(origin.as(Kind.DEFAULT), step(verb, id));
                }
                graph.order(step(Verb.DROP, origin), step(Verb.DROP, id));
            });
        }
        if (id.kind() == Kind.INHERITANCE) {
            Step tie = step(Verb.CREATE, id);
            ObjectId parent = Heritage.parent(to.get(id));
            orderTied(parent, tie);
            if (madeWith(id).isEmpty()) {
                orderTied(id.whole(Kind.TABLE), tie);
                orderIndexes(id.whole(Kind.TABLE), tie);
            }
        }
    }

    /** A table that leaves its parent does so before what they share changes, or the one would take the other along. */
    private void orderLeaving(SchemaObject object) {
        ObjectId id = object.id();
        boolean leaves = id.kind() == Kind.INHERITANCE
                && fates.of(id).isGone()
                && !fates.of(id.whole(Kind.TABLE)).isGone();
        if (leaves) {
            for (ObjectId table : List.of(Heritage.parent(object), id.whole(Kind.TABLE))) {
                for (Kind kind : List.of(Kind.COLUMN, Kind.CONSTRAINT, Kind.INDEX, Kind.FOREIGN_KEY)) {
                    for (SchemaObject part : from.parts(table, kind)) {
                        for (Verb verb : List.of(Verb.DROP, Verb.RETYPE, Verb.ALTER)) {
                            graph.order(step(Verb.DROP, id), step(verb, part.id()));
                        }
                    }
                }
            }
        }
    }

    /** A table is of no type while the type's attributes and its columns change. */
    private void orderLettingGo(SchemaObject object) {
        if (object.id().kind() == Kind.OF_TYPE) {
            Step drop = step(Verb.DROP, object.id());
            columnsAndAttributes(object).forEach(id -> {
                for (Verb verb : Verb.values()) {
                    graph.order(drop, step(verb, id));
                }
            });
        }
    }

    private void orderTyping(SchemaObject object) {
        if (object.id().kind() == Kind.OF_TYPE) {
            Step create = step(Verb.CREATE, object.id());
            columnsAndAttributes(object).forEach(id -> {
                for (Verb verb : Verb.values()) {
                    graph.order(step(verb, id), create);
                }
            });
        }
    }

    /** Of both schemas: the columns of a table that is of a type, and the type's attributes. */
    private Stream<ObjectId> columnsAndAttributes(SchemaObject ofType) {
        ObjectId table = ofType.id().whole(Kind.TABLE);
        return Stream.of(from, to)
                .flatMap(schema -> Stream.concat(
                        schema.parts(table, Kind.COLUMN).stream(),
                        ofType.dependsOn().stream().flatMap(needed -> schema.parts(needed, Kind.ATTRIBUTE).stream())))
                .map(SchemaObject::id);
    }

    private void orderTied(ObjectId table, Step tie) {
        orderMade(table, tie);
        for (Kind kind : List.of(Kind.COLUMN, Kind.CONSTRAINT)) {
            to.parts(table, kind).stream().filter(part -> !part.is("plain")).forEach(part -> orderMade(part.id(), tie));
            from.parts(table, kind).forEach(part -> graph.order(step(Verb.DROP, part.id()), tie));
        }
    }

    /** A table's own new indexes come after the tie, which would take them for the parent's. */
    private void orderIndexes(ObjectId table, Step tie) {
        for (Kind kind : List.of(Kind.INDEX, Kind.CONSTRAINT)) {
            to.parts(table, kind).stream()
                    .filter(part -> kind == Kind.INDEX || part.is("plain"))
                    .forEach(part -> graph.order(tie, step(Verb.CREATE, part.id())));
        }
    }

    /** Names that are free only once something else is gone. */
    private void orderNames() {
        Map<String, Set<ObjectId>> gone = new HashMap<>();
        for (ObjectId id : from.objects().keySet()) {
            if (fates.of(id).isGone()) {
                namesOf(id)
                        .forEach(name ->
                                gone.computeIfAbsent(name, n -> new HashSet<>()).add(id));
            }
        }
        for (ObjectId id : to.objects().keySet()) {
            if (fates.of(id).isNew()) {
                for (String name : namesOf(id)) {
                    gone.getOrDefault(name, Set.of())
                            .forEach(other -> graph.order(
                                    fates.isMovedAside(other) ? new Step(Verb.RENAME, other) : step(Verb.DROP, other),
                                    step(Verb.CREATE, id)));
                }
            }
        }
    }

    /** The names an object takes, each after the name space it is taken from. */
    private static List<String> namesOf(ObjectId id) {
        String own = Names.quote(id.schema()) + ".";
        return switch (id.kind()) {
            case TABLE, VIEW, MATERIALIZED_VIEW, COMPOSITE ->
                List.of("relation " + id.qualifiedName(), "type " + id.qualifiedName());
            case SEQUENCE -> List.of("relation " + id.qualifiedName());
            case INDEX -> List.of("relation " + own + id.quotedPart());
            case CONSTRAINT, FOREIGN_KEY ->
                List.of("relation " + own + id.quotedPart(), "constraint " + id.qualifiedName() + id.quotedPart());
            case ENUM, DOMAIN, RANGE -> List.of("type " + id.qualifiedName());
            case FUNCTION, PROCEDURE, AGGREGATE -> List.of("routine " + id.fullName());
            default -> List.of();
        };
    }

    /** A default or identity goes into the statement that makes its column, unless it needs what needs the column. */
    private void preferMakingWhole(SchemaObject object) {
        ObjectId id = object.id();
        boolean folds = id.kind() == Kind.DEFAULT || id.kind() == Kind.IDENTITY;
        if (folds && fates.of(id).isNew()) {
            Step whole = step(Verb.CREATE, id.as(Kind.COLUMN));
            for (Step before : List.copyOf(graph.predecessors(step(Verb.CREATE, id)))) {
                if (!before.equals(whole) && before.verb() != Verb.DROP) {
                    graph.prefer(before, whole);
                }
            }
        }
    }

    /** A part goes with its whole, unless something that must be gone before the whole waits for the part. */
    private void preferDroppingWhole(SchemaObject object) {
        Optional<ObjectId> whole = object.whole().filter(w -> fates.of(w) == Fate.REMOVE);
        if (whole.isEmpty() || !fates.of(object.id()).isGone()) {
            return;
        }
        Step drop = step(Verb.DROP, whole.get());
        for (ObjectId needed : object.dependsOn()) {
            ObjectId other = needed.kind() == Kind.COLUMN && fates.of(needed.whole(Kind.TABLE)) == Fate.REMOVE
                    ? needed.whole(Kind.TABLE)
                    : needed;
            if (fates.of(other) != Fate.REMOVE || other.equals(whole.get())) {
                continue;
            }
            // The owner of a sequence takes the sequence along, not the other way round.
            if (object.id().kind() == Kind.OWNED_BY) {
                graph.prefer(step(Verb.DROP, other), drop);
            } else {
                graph.prefer(drop, step(Verb.DROP, other));
            }
        }
    }
}
