package dev.espalier.control.metastore;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** What can be asked of tags on catalogs, schemas, tables and columns. */
public final class TagAssignments {

    /** What a tag is on: with a column, that column of the table. */
    public record Entity(SecurableName on, Optional<String> column) {

        /** Whoever may tag this may tag the entity. */
        Securable securable() {
            return SecurableNames.scope(on.catalog(), SecurableNames.schema(on), SecurableNames.object(on));
        }

        @Override
        public String toString() {
            return column.map(on::column).orElseGet(on::toString);
        }
    }

    private final Jdbi jdbi;
    private final Changes changes;
    private final Inventory inventory;
    private final Clock clock;

    TagAssignments(Jdbi jdbi, Changes changes, Inventory inventory, Clock clock) {
        this.jdbi = jdbi;
        this.changes = changes;
        this.inventory = inventory;
        this.clock = clock;
    }

    /** The tags of an entity itself, those by its earlier names last, each by key. */
    public List<TagAssignment> list(Principal who, Entity entity) {
        Catalog catalog = changes.catalog(who, entity.on().catalog());
        List<Entity> names =
                EarlierNames.read(catalog, inventory, changes, entity.on()).all(entity);
        return jdbi.withHandle(handle -> TagTable.of(handle, catalog)).stream()
                .filter(tag -> names.contains(on(tag)))
                .sorted(Comparator.comparingInt(tag -> names.indexOf(on(tag))))
                .toList();
    }

    private static Entity on(TagAssignment tag) {
        return new Entity(tag.on(), tag.column());
    }

    /** @throws ControlException if the entity has no such tag */
    public TagAssignment get(Principal who, Entity entity, String key) {
        return list(who, entity).stream()
                .filter(tag -> tag.key().equals(key))
                .findFirst()
                .orElseThrow(() -> missing(entity, key, List.of()));
    }

    /** Assigns a tag that the entity does not have yet. */
    public Changed<TagAssignment> create(Principal who, Entity entity, String key, String value) {
        return change(who, entity, true, (handle, current, _) -> {
            Pair<TagAssignment> pair = put(handle, current, who, entity, key, value);
            if (pair.before().isPresent()) {
                throw new ControlException(
                        Code.ALREADY_EXISTS,
                        entity + " has the tag " + key + " already. Update it to give it another value.");
            }
            return pair;
        });
    }

    /** Gives a tag another value. */
    public Changed<TagAssignment> update(Principal who, Entity entity, String key, String value) {
        return change(who, entity, true, (handle, current, names) -> {
            Pair<TagAssignment> pair = put(handle, current, who, entity, key, value);
            if (pair.before().isEmpty()) {
                List<Entity> earlier = names.all(entity).stream()
                        .filter(name -> !name.equals(entity))
                        .toList();
                throw missing(entity, key, found(handle, current, earlier, key));
            }
            return pair;
        });
    }

    /**
     * Gives the entity all these tags, or none of them where one is refused.
     *
     * @param tags values by key
     * @return the tags by key: those that were there, and those that are
     */
    public Changed<Map<String, TagAssignment>> set(Principal who, Entity entity, Map<String, String> tags) {
        return change(who, entity, true, (handle, current, _) -> {
            Map<String, TagAssignment> before = new TreeMap<>();
            Map<String, TagAssignment> after = new TreeMap<>();
            new TreeMap<>(tags).forEach((key, value) -> {
                Pair<TagAssignment> pair = put(handle, current, who, entity, key, value);
                pair.before().ifPresent(tag -> before.put(key, tag));
                pair.after().ifPresent(tag -> after.put(key, tag));
            });
            return new Pair<>(Optional.of(before), Optional.of(after));
        });
    }

    /** Takes a tag away, by an earlier name of the entity, too, unless another one has that now. */
    public Changed<TagAssignment> delete(Principal who, Entity entity, String key) {
        return change(who, entity, false, (handle, current, names) -> {
            Removed removed = remove(handle, current, who, entity, names, key);
            return new Pair<>(Optional.of(removed.own()), Optional.empty(), removed.staying());
        });
    }

    /** Takes all these tags away, as {@link #delete} does, or none of them where one is missing. */
    public Changed<Map<String, TagAssignment>> unset(Principal who, Entity entity, Collection<String> keys) {
        return change(who, entity, false, (handle, current, names) -> {
            Map<String, TagAssignment> before = new TreeMap<>();
            List<TagAssignment> staying = new ArrayList<>();
            keys.forEach(key -> {
                Removed removed = remove(handle, current, who, entity, names, key);
                before.put(key, removed.own());
                staying.addAll(removed.staying());
            });
            return new Pair<>(Optional.of(before), Optional.empty(), staying);
        });
    }

    /** @param staying what was to be taken, and is there by another name yet */
    private record Pair<T>(Optional<T> before, Optional<T> after, List<TagAssignment> staying) {
        Pair(Optional<T> before, Optional<T> after) {
            this(before, after, List.of());
        }
    }

    /** What is done to the tags of an entity, which may have other names, too. */
    @FunctionalInterface
    private interface TagWrite<T> {
        Pair<T> in(Handle handle, Catalog catalog, EarlierNames names);
    }

    /** @param there whether the entity must exist, or have existed: branches from an earlier day have it */
    private <T> Changed<T> change(Principal who, Entity entity, boolean there, TagWrite<T> write) {
        Catalog catalog = changes.catalog(who, entity.on().catalog());
        LiveCatalog live = inventory.of(catalog);
        EarlierNames names = new EarlierNames(catalog, live);
        Changes.Outcome<Pair<T>> outcome = changes.make(
                catalog,
                live,
                (handle, current) -> {
                    requireRight(current, live, GrantTable.of(handle, current), who, entity);
                    if (there
                            && !SeenNames.had(
                                    handle,
                                    current,
                                    entity.on(),
                                    entity.column().orElse(""))) {
                        requireThere(current, live, entity);
                    }
                    return write.in(handle, current, names);
                },
                (done, step) -> check(who, names.all(entity), live, step));
        Pair<T> pair = outcome.done();
        List<String> warnings = changes.obeyed(outcome.catalog());
        warnings.addAll(unmatched(names.all(entity), live, outcome.step()));
        pair.staying()
                .forEach(tag -> warnings.add(entity + " still has the tag " + tag.key() + " by an earlier name of it, "
                        + tag.where()
                        + ": what was said by that name before the rename holds here, too. Another has the name"
                        + " now, or had it, so take it away by that name."));
        return new Changed<>(pair.before(), pair.after(), warnings);
    }

    private Pair<TagAssignment> put(
            Handle handle, Catalog current, Principal who, Entity entity, String key, String value) {
        GovernedTag tag = GovernedTags.find(handle, key);
        TagGrants.require(handle, who, TagPrivilege.ASSIGN, key);
        if (!tag.allows(value)) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "the governed tag " + key + " has no value \"" + value + "\". Its values are: "
                            + String.join(", ", tag.values()) + ".");
        }
        Optional<TagAssignment> before = TagTable.find(handle, current, entity.on(), entity.column(), key);
        TagAssignment after = new TagAssignment(
                entity.on(),
                entity.column(),
                key,
                value,
                who.name(),
                clock.instant().truncatedTo(ChronoUnit.MICROS));
        TagTable.put(handle, current, after);
        return new Pair<>(before, Optional.of(after));
    }

    /**
     * A tag that was taken away.
     *
     * @param own the one by the nearest name
     * @param staying those by names that another has now, or had
     */
    private record Removed(TagAssignment own, List<TagAssignment> staying) {}

    private static Removed remove(
            Handle handle, Catalog current, Principal who, Entity entity, EarlierNames names, String key) {
        TagGrants.require(handle, who, TagPrivilege.ASSIGN, key);
        List<TagAssignment> all = found(handle, current, names.all(entity), key);
        List<TagAssignment> own =
                all.stream().filter(tag -> !names.isTaken(on(tag), entity)).toList();
        if (own.isEmpty()) {
            throw missing(entity, key, all);
        }
        own.forEach(tag -> TagTable.delete(handle, current, tag));
        // Somebody has looked at it.
        TagTable.classify(
                handle,
                current,
                own.stream()
                        .flatMap(tag -> tag.column().stream().map(column -> ColumnName.in(tag.on(), column)))
                        .toList());
        return new Removed(
                own.getFirst(), all.stream().filter(tag -> !own.contains(tag)).toList());
    }

    private static List<TagAssignment> found(Handle handle, Catalog current, List<Entity> names, String key) {
        return names.stream()
                .flatMap(name -> TagTable.find(handle, current, name.on(), name.column(), key).stream())
                .toList();
    }

    /** @param names all that the entity is called: what is said by an earlier name is of it, too */
    private static void check(Principal who, List<Entity> names, LiveCatalog live, Changes.Step step) {
        Columns columns = columns(names, live, step);
        Columns concerned = concerned(columns, names, step);
        SelfExemption exemption = new SelfExemption(who.name(), step.before(), step.after());
        exemption.refuseOfTags(concerned);
        exemption.refuseOfReading(concerned);
        new PolicyConflicts(step.after()).refuseNew(step.before(), columns.within(on(names), Renames.NONE));
    }

    /** What is to be said of policies that the change leaves with nothing to match: what they hid is seen. */
    private static List<String> unmatched(List<Entity> names, LiveCatalog live, Changes.Step step) {
        Columns columns = columns(names, live, step);
        Columns concerned = concerned(columns, names, step);
        Reach before = new Reach(step.before());
        Reach after = new Reach(step.after());
        return step.after().policies().stream()
                .filter(policy -> !before.of(policy, concerned).isEmpty()
                        && after.of(policy, columns).isEmpty())
                .map(Policies::matchesNothing)
                .toList();
    }

    private static Columns columns(List<Entity> names, LiveCatalog live, Changes.Step step) {
        return Columns.known(step.before()).and(step.before().catalog(), live).and(names.getFirst());
    }

    /** Also what has another name now, and goes by one of these, too. */
    private static Columns concerned(Columns columns, List<Entity> names, Changes.Step step) {
        return columns.within(on(names), step.before().renames());
    }

    private static List<SecurableName> on(List<Entity> names) {
        return names.stream().map(Entity::on).toList();
    }

    private static void requireRight(
            Catalog catalog, LiveCatalog live, List<Grant> grants, Principal who, Entity entity) {
        new Rights(catalog, live, grants).require(who, Privilege.APPLY_TAG, entity.securable());
    }

    private static void requireThere(Catalog catalog, LiveCatalog live, Entity entity) {
        Existence existence = new Existence(catalog, live);
        existence.require(entity.securable());
        entity.column().ifPresent(column -> existence.requireColumn(entity.on(), column));
    }

    /** @param elsewhere where it is by an earlier name of the entity */
    private static ControlException missing(Entity entity, String key, List<TagAssignment> elsewhere) {
        return new ControlException(
                Code.NOT_FOUND,
                entity + " does not have the tag " + key + ". "
                        + (elsewhere.isEmpty()
                                ? "espalier tags show lists what it has."
                                : "It holds by an earlier name of it, "
                                        + elsewhere.getFirst().where() + ": change it there."));
    }
}
