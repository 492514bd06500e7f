package dev.espalier.control.metastore;

import dev.espalier.control.metastore.LiveCatalog.ColumnRef;
import dev.espalier.control.metastore.LiveCatalog.Renamed;
import dev.espalier.control.metastore.TagAssignments.Entity;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What else tables and columns of the default branch go by: the names that the rules saw them first with. What was said by these
 * holds after a rename.
 */
final class EarlierNames {

    private final String catalog;
    private final LiveCatalog live;

    EarlierNames(Catalog catalog, LiveCatalog live) {
        this.catalog = catalog.name();
        this.live = live;
    }

    /**
     * For what is said of this. Only tables that are under rules have any. The default branch is not woken for them: where it does
     * not run, those count that it had when the rules were changed.
     */
    static EarlierNames read(Catalog catalog, Inventory inventory, Changes changes, SecurableName on) {
        List<Renamed> renamed = catalog.governed() && on.object().isPresent()
                ? inventory
                        .renamed(catalog)
                        .orElseGet(() -> changes.rules(catalog).renames().all())
                : List.of();
        return new EarlierNames(
                catalog, new LiveCatalog(List.of(), List.of(), List.of(), List.of(), renamed, NameHolders.NONE));
    }

    /** The name that a table was first seen with, if it has another one now. */
    private Optional<SecurableName> earlier(SecurableName table) {
        return live.renamed().stream()
                .filter(renamed -> table(renamed.now()).equals(table))
                .map(renamed -> table(renamed.first()))
                .filter(first -> !first.equals(table))
                .findFirst();
    }

    /** The thing by the name that it has, and by the earlier one. */
    List<Securable> all(Securable on) {
        Stream<Securable> earlier = on.type() == SecurableType.TABLE
                ? earlier(on.name()).stream().map(name -> new Securable(SecurableType.TABLE, name))
                : Stream.empty();
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
                .filter(renamed -> table(renamed.now()).equals(table)
                        && renamed.now().column().equals(now))
                .map(renamed -> renamed.first().column())
                .filter(first -> !first.equals(now));
    }

    /** Whether another table has, or had, this name of it: what is said by it is said of that one, too. */
    boolean isTaken(Securable name, Securable of) {
        return isTaken(name.name(), of.name());
    }

    private boolean isTaken(SecurableName name, SecurableName of) {
        return !name.equals(of) && (isThere(name) || live.holders().isAnothers(name, of));
    }

    /** The same of a column. */
    boolean isTaken(Entity name, Entity of) {
        return isTaken(name.on(), of.on())
                || (!name.column().equals(of.column())
                        && name.column().stream().anyMatch(column -> has(of.on(), column)));
    }

    private boolean isThere(SecurableName table) {
        return live(table).isPresent();
    }

    private boolean has(SecurableName table, String column) {
        return live(table).stream()
                .flatMap(found -> found.columns().stream())
                .anyMatch(found -> found.name().equals(column));
    }

    private Optional<LiveCatalog.Table> live(SecurableName table) {
        return live.table(SecurableNames.schema(table), SecurableNames.object(table));
    }

    private SecurableName table(ColumnRef place) {
        return SecurableName.of(catalog, place.schema(), place.table());
    }
}
