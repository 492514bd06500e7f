package dev.espalier.control.metastore;

import dev.espalier.control.metastore.LiveCatalog.ColumnRef;
import dev.espalier.control.metastore.LiveCatalog.Renamed;
import dev.espalier.control.metastore.TagAssignments.Entity;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What else schemas, tables and columns of the default branch go by: the names that the rules saw tables and their columns first
 * with. What was said by these holds after a rename. A schema goes by those of all schemas that a table of it was first seen in.
 */
final class EarlierNames {

    private final String catalog;
    private final LiveCatalog live;

    EarlierNames(Catalog catalog, LiveCatalog live) {
        this.catalog = catalog.name();
        this.live = live;
    }

    /**
     * For what is said of this. Only what is under rules has any. The default branch is not woken for them: where it does
     * not run, those count that it had when the rules were changed.
     */
    static EarlierNames read(Catalog catalog, Inventory inventory, Changes changes, SecurableName on) {
        List<Renamed> renamed = catalog.governed() && on.schema().isPresent()
                ? inventory
                        .renamed(catalog)
                        .orElseGet(() -> changes.rules(catalog).renames().all())
                : List.of();
        return new EarlierNames(
                catalog, new LiveCatalog(List.of(), List.of(), List.of(), List.of(), renamed, NameHolders.NONE));
    }

    /** The names that a schema or table goes by beside the one that it has. */
    private List<SecurableName> earlier(SecurableName on) {
        return live.renamed().stream()
                .filter(renamed -> level(on, renamed.now()).equals(on))
                .map(renamed -> level(on, renamed.first()))
                .filter(first -> !first.equals(on))
                .distinct()
                .toList();
    }

    /** Of the place of a column what is of the kind of this: the table that it is in, the schema, or the catalog. */
    private SecurableName level(SecurableName like, ColumnRef place) {
        return new SecurableName(
                catalog, like.schema().map(_ -> place.schema()), like.object().map(_ -> place.table()));
    }

    /** The thing by the name that it has, and by the earlier ones. Functions have none. */
    List<Securable> all(Securable on) {
        Stream<Securable> earlier = on.type() == SecurableType.FUNCTION
                ? Stream.empty()
                : earlier(on.name()).stream().map(name -> new Securable(on.type(), name));
        return Stream.concat(Stream.of(on), earlier).toList();
    }

    /** Those of these by which it has what is said of what it lies in. */
    List<Securable> kept(Securable on, Rules rules) {
        return all(on).stream()
                .filter(name -> name.equals(on) || rules.keeps(name.name(), on.name()))
                .toList();
    }

    /** What a tag is on, by all its names: a column by each of its own and each of its table's. */
    List<Entity> all(Entity entity) {
        List<Optional<String>> columns = entity.column().stream()
                .flatMap(now -> Stream.concat(Stream.of(now), column(entity.on(), now)))
                .map(Optional::of)
                .toList();
        return Stream.concat(Stream.of(entity.on()), earlier(entity.on()).stream())
                .flatMap(table -> columns.isEmpty()
                        ? Stream.of(new Entity(table, Optional.empty()))
                        : columns.stream().map(column -> new Entity(table, column)))
                .toList();
    }

    private Stream<String> column(SecurableName table, String now) {
        return live.renamed().stream()
                .filter(renamed -> level(table, renamed.now()).equals(table)
                        && renamed.now().column().equals(now))
                .map(renamed -> renamed.first().column())
                .filter(first -> !first.equals(now));
    }

    /** Whether another schema or table has, or had, this name of it: what is said by it is said of that one, too. */
    boolean isTaken(Securable name, Securable of) {
        return isTaken(name.name(), of.name());
    }

    private boolean isTaken(SecurableName name, SecurableName of) {
        return !name.equals(of) && (live.has(name) || live.holders().isAnothers(name, of));
    }

    /** The same of a column. */
    boolean isTaken(Entity name, Entity of) {
        return isTaken(name.on(), of.on())
                || (!name.column().equals(of.column())
                        && name.column().stream().anyMatch(column -> has(of.on(), column)));
    }

    private boolean has(SecurableName table, String column) {
        return live.table(SecurableNames.schema(table), SecurableNames.object(table)).stream()
                .flatMap(found -> found.columns().stream())
                .anyMatch(found -> found.name().equals(column));
    }
}
