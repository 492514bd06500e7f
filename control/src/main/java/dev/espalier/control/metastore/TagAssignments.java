package dev.espalier.control.metastore;

import dev.espalier.control.ControlException;
import dev.espalier.control.ControlException.Code;
import dev.espalier.identity.Principal;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
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
        return put(who, entity, key, value, false);
    }

    /** Gives a tag another value. */
    public Changed<TagAssignment> update(Principal who, Entity entity, String key, String value) {
        return put(who, entity, key, value, true);
    }

    private Changed<TagAssignment> put(Principal who, Entity entity, String key, String value, boolean there) {
        Catalog catalog = changes.catalog(who, entity.on().catalog());
        LiveCatalog live = inventory.of(catalog);
        record Pair(Optional<TagAssignment> before, TagAssignment after) {}
        Pair pair = changes.make(
                catalog,
                (handle, current) -> {
                    requireRight(current, live, GrantTable.of(handle, current), who, entity);
                    requireThere(current, live, entity);
                    GovernedTag tag = TagTable.governed(handle, key).orElseThrow(() -> GovernedTags.unknown(key));
                    if (!tag.allows(value)) {
                        throw new ControlException(
                                Code.INVALID_PARAMETER_VALUE,
                                "the governed tag " + key + " has no value \"" + value + "\". Its values are: "
                                        + String.join(", ", tag.values()) + ".");
                    }
                    Optional<TagAssignment> before = TagTable.find(handle, current, entity.on(), entity.column(), key);
                    if (before.isEmpty() && there) {
                        throw missing(entity, key);
                    }
                    if (before.isPresent() && !there) {
                        throw new ControlException(
                                Code.ALREADY_EXISTS,
                                entity + " has the tag " + key + " already. Update it to give it another value.");
                    }
                    TagAssignment after = new TagAssignment(
                            entity.on(),
                            entity.column(),
                            key,
                            value,
                            who.name(),
                            clock.instant().truncatedTo(ChronoUnit.MICROS));
                    TagTable.put(handle, current, after);
                    return new Pair(before, after);
                },
                (done, step) -> check(who, entity, live, step));
        return new Changed<>(pair.before(), Optional.of(pair.after()), changes.obeyed(catalog));
    }

    /** Takes a tag away. */
    public Changed<TagAssignment> delete(Principal who, Entity entity, String key) {
        Catalog catalog = changes.catalog(who, entity.on().catalog());
        LiveCatalog live = inventory.of(catalog);
        TagAssignment gone = changes.make(
                catalog,
                (handle, current) -> {
                    requireRight(current, live, GrantTable.of(handle, current), who, entity);
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
                },
                (done, step) -> check(who, entity, live, step));
        return new Changed<>(Optional.of(gone), Optional.empty(), changes.obeyed(catalog));
    }

    private static void check(Principal who, Entity entity, LiveCatalog live, Changes.Step step) {
        Columns columns =
                Columns.known(step.before()).and(step.before().catalog(), live).within(entity.on());
        new SelfExemption(who.name(), step.before(), step.after()).refuseOfTags(columns);
        new MaskConflicts(step.after()).refuseNew(step.before(), columns);
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
