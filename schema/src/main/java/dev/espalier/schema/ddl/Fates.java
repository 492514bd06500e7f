package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Decides what becomes of every object: first by comparing the two schemas, then by following PostgreSQL's own
 * dependencies: whatever is built on something that is dropped or gets another type has to be dropped before, and is
 * made again if the new schema has it. Tables, plain columns and sequences are never dropped for that reason.
 */
final class Fates {

    private static final Set<Kind> MOVED_ASIDE =
            Set.of(Kind.COLLATION, Kind.ENUM, Kind.RANGE, Kind.DOMAIN, Kind.COMPOSITE);

    private static final Set<String> TYPE = Set.of("type", "collation");

    private static final String NOT_SHOWN =
            "its definition is not shown to whoever asks. Have the branches compared by somebody who may see it";

    private final DatabaseSchema from;
    private final DatabaseSchema to;
    private final Dialect dialect;
    private final Heritage heritage;
    private final TypeUse uses;
    private final Map<ObjectId, Fate> fates = new TreeMap<>();
    private final Map<ObjectId, ObjectId> causes = new HashMap<>();
    private final Map<ObjectId, List<String>> warnings = new HashMap<>();
    private final Map<ObjectId, Set<ObjectId>> dependents = new HashMap<>();

    Fates(
            DatabaseSchema from,
            DatabaseSchema to,
            Dialect dialect,
            Heritage heritage,
            PartitionKeys keys,
            TypeUse uses) {
        this.from = from;
        this.to = to;
        this.dialect = dialect;
        this.heritage = heritage;
        this.uses = uses;
        Set<ObjectId> all = new TreeSet<>(from.objects().keySet());
        all.addAll(to.objects().keySet());
        all.forEach(id -> fates.put(
                id, keys.objection(id).map(reason -> stuck(id, reason)).orElseGet(() -> compared(id))));
        for (SchemaObject object : from.objects().values()) {
            object.dependsOn().forEach(needed -> dependsOn(object.id(), needed));
            if (object.id().kind() == Kind.COLUMN) {
                heritage.leader(object.id()).ifPresent(leader -> dependsOn(object.id(), leader));
            }
        }
        fates.replaceAll((id, fate) -> fate.isGone() && MOVED_ASIDE.contains(id.kind())
                ? keys.objectionToLosing(id, uses)
                        .map(reason -> stuck(id, reason))
                        .orElse(fate)
                : fate);
        keepUnmade();
        followDependencies();
        fates.forEach(this::warnOfParentsExpression);
    }

    private void warnOfParentsExpression(ObjectId id, Fate fate) {
        boolean comesAsTheParents = id.kind() == Kind.COLUMN
                && fate.isNew()
                && heritage.hasOwnExpression(to.get(id))
                && (leader(id).isPresent() ? from.version() < ColumnSql.SET_EXPRESSION : from.version() < 16);
        if (comesAsTheParents) {
            List<String> all = new ArrayList<>(warnings(id));
            all.add("it gets its parent's expression, as PostgreSQL " + from.version() + " gives it no other");
            warnings.put(id, all);
        }
    }

    Fate of(ObjectId id) {
        return fates.getOrDefault(id, Fate.KEEP);
    }

    /** Every object of either schema. */
    Set<ObjectId> all() {
        return fates.keySet();
    }

    /** The object whose change made this one be dropped and made again; itself where that was its own change. */
    ObjectId cause(ObjectId id) {
        return causes.getOrDefault(id, id);
    }

    List<String> warnings(ObjectId id) {
        return warnings.getOrDefault(id, List.of());
    }

    /** The objects that are built on this one in the old schema. */
    Collection<ObjectId> dependents(ObjectId id) {
        return dependents.getOrDefault(id, Set.of());
    }

    /** True for a type or collation that makes way by taking another name, so that columns can be moved over. */
    boolean isMovedAside(ObjectId id) {
        return of(id) == Fate.REPLACE && MOVED_ASIDE.contains(id.kind());
    }

    /** True for a composite type whose values move over before its attributes are all as they shall be. */
    boolean isReshaped(ObjectId id) {
        return id.kind() == Kind.COMPOSITE
                && isMovedAside(id)
                && !Reshaping.of(id, from, to).isEmpty();
    }

    /** The column whose step is this column's step too, as PostgreSQL carries it from parent to child. */
    Optional<ObjectId> leader(ObjectId id) {
        if (id.kind() != Kind.COLUMN) {
            return Optional.empty();
        }
        return heritage.leader(id).filter(leader -> switch (of(id)) {
            case ADD -> of(leader).isNew();
            case REMOVE -> of(leader) == Fate.REMOVE && !from.get(id).is("local");
            case RETYPE, REPLACE -> of(leader) == of(id);
            default -> false;
        });
    }

    private void dependsOn(ObjectId dependent, ObjectId needed) {
        dependents.computeIfAbsent(needed, n -> new TreeSet<>()).add(dependent);
    }

    private Fate compared(ObjectId id) {
        Optional<SchemaObject> old = from.object(id);
        if (id.kind() == Kind.OTHER && old.isPresent() != to.object(id).isPresent()) {
            warnings.put(id, List.of("no statements are written for this kind of object"));
            return Fate.STUCK;
        }
        Optional<String> missing = to.object(id).flatMap(object -> Features.missing(object, from.version()));
        if (missing.isPresent()) {
            warnings.put(id, List.of(missing.get()));
            return Fate.STUCK;
        }
        if (isWithheld(id)
                && (old.isEmpty() || !Properties.changed(old.get(), to.get(id)).isEmpty())) {
            return stuck(id, NOT_SHOWN);
        }
        if (old.isEmpty()) {
            warnings.put(id, Warnings.ofAddition(to.get(id), from, to));
            return Fate.ADD;
        }
        if (to.object(id).isEmpty()) {
            warnings.put(id, Warnings.ofRemoval(old.get(), from, to, uses));
            return Fate.REMOVE;
        }
        SchemaObject before = old.get();
        SchemaObject after = to.get(id);
        Set<String> changed = Properties.changed(before, after);
        if (changed.isEmpty()) {
            return Fate.KEEP;
        }
        return switch (dialect.alter(before, after)) {
            case Alteration.InPlace inPlace -> {
                warnings.put(id, inPlace.warnings());
                yield isRetyped(before, changed) ? retyped(before, after) : Fate.ALTER;
            }
            case Alteration.Replace replace -> {
                List<String> all = new ArrayList<>(replace.warnings());
                all.addAll(Warnings.ofReference(after, from, to));
                warnings.put(id, all);
                yield Fate.REPLACE;
            }
            case Alteration.Impossible impossible -> stuck(id, impossible.reason());
        };
    }

    private boolean isWithheld(ObjectId id) {
        return to.object(id).filter(SchemaObject::isWithheld).isPresent();
    }

    private Fate stuck(ObjectId id, String reason) {
        String what =
                from.object(id).isEmpty() ? "not made: " : to.object(id).isEmpty() ? "not removed: " : "not changed: ";
        warnings.put(id, List.of(what + reason));
        return Fate.STUCK;
    }

    /** A table that cannot become a partition is not made, nor is what is built on it. */
    private void keepUnmade() {
        Deque<ObjectId> open = new ArrayDeque<>();
        fates.forEach((id, fate) -> {
            if (fate == Fate.STUCK && id.kind() == Kind.INHERITANCE) {
                open.add(id);
            }
        });
        while (!open.isEmpty()) {
            ObjectId id = open.poll();
            for (SchemaObject object : to.objects().values()) {
                boolean needs = object.dependsOn().contains(id)
                        || (id.kind() == Kind.INHERITANCE && object.id().equals(id.whole(Kind.TABLE)));
                if (needs && of(object.id()) == Fate.ADD) {
                    fates.put(object.id(), stuck(object.id(), id + " is not made"));
                    open.add(object.id());
                }
            }
        }
    }

    private static boolean isRetyped(SchemaObject object, Set<String> changed) {
        return object.id().kind() == Kind.COLUMN && changed.stream().anyMatch(TYPE::contains);
    }

    private Fate retyped(SchemaObject before, SchemaObject after) {
        if (after.property("generated").isPresent()) {
            return Fate.REPLACE;
        }
        List<String> all = new ArrayList<>(warnings(after.id()));
        all.addAll(dialect.retypeWarnings(before, after));
        warnings.put(after.id(), all);
        return Fate.RETYPE;
    }

    private void followDependencies() {
        Deque<ObjectId> open = new ArrayDeque<>();
        fates.forEach((id, fate) -> {
            if (fate.isGone() || fate == Fate.RETYPE) {
                open.add(id);
            }
        });
        fates.forEach((id, fate) -> {
            if (fate == Fate.ALTER || id.kind() == Kind.ATTRIBUTE) {
                replacedWith(id).forEach(other -> replace(other, id, open));
            }
        });
        while (!open.isEmpty()) {
            ObjectId id = open.poll();
            if (id.kind() == Kind.COLUMN && of(id) == Fate.REPLACE) {
                // What a parent gives a child goes and comes with the parent's.
                heritage.leader(id)
                        .filter(leader -> from.object(leader).isPresent()
                                && to.object(leader).isPresent())
                        .ifPresent(leader -> replace(leader, id, open));
            }
            for (ObjectId dependent : dependents(id)) {
                Fate next = disturbed(id, dependent);
                if (next != of(dependent)) {
                    fates.put(dependent, next);
                    causes.put(dependent, cause(id));
                    open.add(dependent);
                    if (dependent.kind() == Kind.ATTRIBUTE) {
                        replace(dependent.whole(Kind.COMPOSITE), id, open);
                    }
                }
            }
        }
    }

    private void replace(ObjectId id, ObjectId cause, Deque<ObjectId> open) {
        if (!of(id).isGone()) {
            fates.put(id, Fate.REPLACE);
            causes.put(id, cause(cause));
            open.add(id);
        }
    }

    /** What cannot stay while an object is changed in place. */
    private List<ObjectId> replacedWith(ObjectId id) {
        if (id.kind() == Kind.ATTRIBUTE) {
            return replacedWithAttribute(id);
        }
        if (id.kind() == Kind.TRIGGER) {
            // PostgreSQL carries when it fires to the partitions, also to those where that is otherwise.
            return dependents(id).stream()
                    .filter(dependent -> dependent.kind() == Kind.TRIGGER)
                    .toList();
        }
        // Foreign keys tie tables together that have to be logged, or not, together.
        boolean changesLogging = id.kind() == Kind.TABLE
                && from.get(id).is("unlogged") != to.get(id).is("unlogged");
        if (!changesLogging) {
            return List.of();
        }
        return Stream.concat(Stream.of(id), from.parts(id, Kind.COLUMN).stream().map(SchemaObject::id))
                .flatMap(each -> dependents(each).stream())
                .filter(dependent -> dependent.kind() == Kind.FOREIGN_KEY)
                .toList();
    }

    /** Tables let go of the type while it changes; where values of it are kept, an attribute's type changes with the whole. */
    private List<ObjectId> replacedWithAttribute(ObjectId id) {
        Optional<SchemaObject> before = from.object(id);
        Optional<SchemaObject> after = to.object(id);
        boolean stays = before.isPresent() && after.isPresent();
        if (stays && Properties.changed(before.get(), after.get()).stream().noneMatch(TYPE::contains)) {
            return List.of();
        }
        ObjectId composite = id.whole(Kind.COMPOSITE);
        Collection<ObjectId> built = dependents(composite);
        return Stream.concat(
                        built.stream().filter(dependent -> dependent.kind() == Kind.OF_TYPE),
                        stays && uses.isStored(composite) ? Stream.of(composite) : Stream.empty())
                .toList();
    }

    /** What becomes of a dependent when this happens to what it is built on. */
    private Fate disturbed(ObjectId id, ObjectId dependent) {
        Fate fate = of(dependent);
        if (fate.isGone()) {
            return fate;
        }
        boolean disturbs = switch (of(id)) {
            case REMOVE, REPLACE -> true;
            case RETYPE -> !survivesRetype(dependent);
            default -> false;
        };
        if (!disturbs) {
            return fate;
        }
        return switch (dependent.kind()) {
            case SCHEMA, EXTENSION, TABLE, SEQUENCE, IDENTITY, INHERITANCE, OTHER -> fate;
            case COLUMN -> disturbedColumn(id, from.get(dependent), fate);
            default -> isWithheld(dependent) ? stuck(dependent, NOT_SHOWN) : Fate.REPLACE;
        };
    }

    private Fate disturbedColumn(ObjectId id, SchemaObject column, Fate fate) {
        if (column.property("generated").isPresent()) {
            return Fate.REPLACE;
        }
        return isMovedAside(id) ? Fate.RETYPE : fate;
    }

    /** PostgreSQL builds indexes again itself when a column under them changes, unless expressions are in the way. */
    private boolean survivesRetype(ObjectId dependent) {
        return switch (dependent.kind()) {
            case IDENTITY, OWNED_BY, INHERITANCE -> true;
            case INDEX, CONSTRAINT -> from.get(dependent).is("plain");
            default -> false;
        };
    }
}
