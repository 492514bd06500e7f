package dev.espalier.control.metastore;

import dev.espalier.control.ControlException;
import dev.espalier.control.ControlException.Code;
import dev.espalier.identity.Principal;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
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
            return on + column.map(name -> "." + name).orElse("");
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

    /** The tags of an entity itself, by key. */
    public List<TagAssignment> list(Principal who, Entity entity) {
        Catalog catalog = changes.catalog(who, entity.on().catalog());
        return jdbi.withHandle(handle -> TagTable.of(handle, catalog)).stream()
                .filter(tag -> tag.on().equals(entity.on()) && tag.column().equals(entity.column()))
                .toList();
    }

    /** @throws ControlException if the entity has no such tag */
    public TagAssignment get(Principal who, Entity entity, String key) {
        return list(who, entity).stream()
                .filter(tag -> tag.key().equals(key))
                .findFirst()
                .orElseThrow(() -> missing(entity, key));
    }

    /** Assigns a tag that the entity does not have yet. */
    public Changed<TagAssignment> create(Principal who, Entity entity, String key, String value) {
        return change(who, entity, true, (handle, current) -> {
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
        return change(who, entity, true, (handle, current) -> {
            Pair<TagAssignment> pair = put(handle, current, who, entity, key, value);
            if (pair.before().isEmpty()) {
                throw missing(entity, key);
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
        return change(who, entity, true, (handle, current) -> {
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

    /** Takes a tag away. */
    public Changed<TagAssignment> delete(Principal who, Entity entity, String key) {
        return change(
                who,
                entity,
                false,
                (handle, current) ->
                        new Pair<>(Optional.of(remove(handle, current, who, entity, key)), Optional.empty()));
    }

    /** Takes all these tags away, or none of them where one is missing. */
    public Changed<Map<String, TagAssignment>> unset(Principal who, Entity entity, Collection<String> keys) {
        return change(who, entity, false, (handle, current) -> {
            Map<String, TagAssignment> before = new TreeMap<>();
            keys.forEach(key -> before.put(key, remove(handle, current, who, entity, key)));
            return new Pair<>(Optional.of(before), Optional.empty());
        });
    }

    private record Pair<T>(Optional<T> before, Optional<T> after) {}

    /** @param there whether the entity must exist, or have existed: branches from an earlier day have it */
    private <T> Changed<T> change(Principal who, Entity entity, boolean there, Changes.Work<Pair<T>> work) {
        Catalog catalog = changes.catalog(who, entity.on().catalog());
        LiveCatalog live = inventory.of(catalog);
        Pair<T> pair = changes.make(
                catalog,
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
                    if (current.governed()) {
                        SeenNames.note(handle, current, live);
                    }
                    return work.in(handle, current);
                },
                (done, step) -> check(who, entity, live, step));
        return new Changed<>(pair.before(), pair.after(), changes.obeyed(catalog));
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

    private static TagAssignment remove(Handle handle, Catalog current, Principal who, Entity entity, String key) {
        TagGrants.require(handle, who, TagPrivilege.ASSIGN, key);
        TagAssignment tag = TagTable.find(handle, current, entity.on(), entity.column(), key)
                .orElseThrow(() -> missing(entity, key));
        TagTable.delete(handle, current, tag);
        // Somebody has looked at it.
        entity.column()
                .ifPresent(column -> TagTable.classify(
                        handle,
                        current,
                        List.of(new ColumnName(
                                current.name(),
                                SecurableNames.schema(entity.on()),
                                SecurableNames.object(entity.on()),
                                column))));
        return tag;
    }

    private static void check(Principal who, Entity entity, LiveCatalog live, Changes.Step step) {
        Columns columns =
                Columns.known(step.before()).and(step.before().catalog(), live).and(entity);
        // Also what has another name now, and goes by this one, too.
        new SelfExemption(who.name(), step.before(), step.after()).refuseOfTags(columns);
        new PolicyConflicts(step.after()).refuseNew(step.before(), columns.within(entity.on()));
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

    private static ControlException missing(Entity entity, String key) {
        return new ControlException(
                Code.NOT_FOUND, entity + " does not have the tag " + key + ". espalier tags show lists what it has.");
    }
}
