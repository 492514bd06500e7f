package dev.espalier.schema;

import dev.espalier.schema.ddl.NamedRoles;
import dev.espalier.schema.ddl.Properties;
import dev.espalier.schema.ddl.Script;
import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Makes the list of changes: one for each object that differs, a default or an owning column told with its whole. */
final class Comparison {

    private final DatabaseSchema from;
    private final DatabaseSchema to;
    private final Script script;
    private final Map<ObjectId, List<String>> ddl = new HashMap<>();
    private final List<Change> changes = new ArrayList<>();

    Comparison(CommonGround ground, Script script) {
        this.from = ground.from();
        this.to = ground.to();
        this.script = script;
        Set<ObjectId> all = new TreeSet<>(from.objects().keySet());
        all.addAll(to.objects().keySet());
        all.removeIf(id -> id.kind().isAspect() || !differs(id));
        all.forEach(id -> ddl.put(id, new ArrayList<>()));
        script.lines().forEach(this::assign);
        all.forEach(this::compare);
        changes.sort(
                Comparator.comparing((Change change) -> top(change.object())).thenComparing(Change::object));
    }

    List<Change> changes() {
        return List.copyOf(changes);
    }

    /** All statements, in the order in which they work. */
    List<Statement> statements() {
        return script.lines().stream()
                .map(line -> new Statement(line.sql(), toldWith(line), line.where()))
                .toList();
    }

    private Optional<SchemaObject> before(ObjectId id) {
        return from.object(id).map(object -> withAspects(from, object));
    }

    private Optional<SchemaObject> after(ObjectId id) {
        return to.object(id).map(object -> withAspects(to, object));
    }

    private boolean differs(ObjectId id) {
        return !before(id).map(SchemaObject::properties).equals(after(id).map(SchemaObject::properties));
    }

    private void compare(ObjectId id) {
        Optional<SchemaObject> before = before(id);
        Optional<SchemaObject> after = after(id);
        if (before.isEmpty() || after.isEmpty()) {
            Action action = before.isEmpty() ? Action.ADDED : Action.REMOVED;
            add(id, action, properties(before), properties(after));
            return;
        }
        Set<String> changed = Properties.changed(before.get(), after.get());
        add(id, Action.CHANGED, only(properties(before), changed), only(properties(after), changed));
    }

    private void add(ObjectId id, Action action, Map<String, String> before, Map<String, String> after) {
        List<String> warnings = new ArrayList<>(script.warnings(id));
        if (action != Action.REMOVED) {
            warnings.addAll(missingRoles(id, after));
        }
        List<String> statements = List.copyOf(ddl.getOrDefault(id, List.of()));
        changes.add(
                new Change(id.label(), action, id.fullName(), before, after, statements, List.copyOf(warnings), id));
    }

    private List<String> missingRoles(ObjectId id, Map<String, String> after) {
        return NamedRoles.of(id, after).stream()
                .filter(role -> !from.roles().contains(role))
                .map(role -> "there is no role " + role + " on the server yet: make it first, or the statements fail")
                .toList();
    }

    private void assign(Script.Line line) {
        toldWith(line)
                .ifPresent(id -> ddl.computeIfAbsent(id, i -> new ArrayList<>()).add(line.sql()));
    }

    /** The object of the change that a line serves. */
    private Optional<ObjectId> toldWith(Script.Line line) {
        return Stream.of(line.object(), line.cause())
                .map(this::told)
                .filter(ddl::containsKey)
                .findFirst();
    }

    /** The object that an aspect is told with. */
    private ObjectId told(ObjectId id) {
        return id.kind().isAspect()
                ? from.object(id)
                        .or(() -> to.object(id))
                        .flatMap(SchemaObject::whole)
                        .orElse(id)
                : id;
    }

    private ObjectId top(ObjectId id) {
        Optional<ObjectId> whole = from.object(id).or(() -> to.object(id)).flatMap(SchemaObject::whole);
        return whole.map(this::top).orElse(id);
    }

    private static SchemaObject withAspects(DatabaseSchema schema, SchemaObject object) {
        Map<String, String> properties = new TreeMap<>(object.properties());
        for (Kind kind : Kind.values()) {
            if (kind.isAspect()) {
                schema.object(object.id().as(kind))
                        .filter(aspect -> aspect.whole().equals(Optional.of(object.id())))
                        .ifPresent(aspect -> properties.putAll(aspect.properties()));
            }
        }
        return object.with(properties);
    }

    private static Map<String, String> properties(Optional<SchemaObject> object) {
        return object.map(SchemaObject::properties).orElse(Map.of());
    }

    private static Map<String, String> only(Map<String, String> properties, Set<String> names) {
        Map<String, String> kept = new TreeMap<>(properties);
        kept.keySet().retainAll(names);
        return Collections.unmodifiableMap(kept);
    }
}
