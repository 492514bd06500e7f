package dev.espalier.control.metastore;

import dev.espalier.control.metastore.LiveCatalog.Function;
import dev.espalier.control.metastore.LiveCatalog.Schema;
import dev.espalier.control.metastore.LiveCatalog.Table;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/**
 * What can be asked of catalogs and what lies in them. They are seen by whoever may use their project; what lies in them is
 * what the project's default branch has now.
 */
public final class Catalogs {

    private final Jdbi jdbi;
    private final Changes changes;
    private final Inventory inventory;
    private final Clock clock;

    Catalogs(Jdbi jdbi, Changes changes, Inventory inventory, Clock clock) {
        this.jdbi = jdbi;
        this.changes = changes;
        this.inventory = inventory;
        this.clock = clock;
    }

    /** All that the principal may know of, by name. */
    public List<Catalog> list(Principal who) {
        return jdbi.withHandle(handle -> CatalogTable.visible(handle, who));
    }

    /** @throws ControlException if there is none that he may know of */
    public Catalog get(Principal who, String name) {
        return changes.catalog(who, name);
    }

    /** Identifies all of this, for ever. */
    public String metastoreId() {
        return jdbi.withHandle(handle -> handle.select("SELECT uid FROM control.metastore")
                .mapTo(String.class)
                .one());
    }

    /**
     * Changes what a catalog says of itself, and who owns it.
     *
     * @param owner name of a principal
     */
    public Changed<Catalog> update(Principal who, String name, Optional<String> owner, Optional<String> comment) {
        Catalog catalog = changes.catalog(who, name);
        record Pair(Catalog before, Catalog after) {}
        Changes.Outcome<Pair> made = changes.make(
                catalog,
                (handle, current) -> {
                    new Rights(current, LiveCatalog.EMPTY, GrantTable.of(handle, current))
                            .require(who, Privilege.MANAGE, current.securable());
                    Optional<Long> ownerId = owner.or(current::owner)
                            .flatMap(text -> PrincipalNames.find(handle, text).id());
                    if (owner.equals(Optional.of(Subject.EVERYONE))) {
                        throw new ControlException(
                                Code.INVALID_PARAMETER_VALUE,
                                "everybody cannot own the catalog " + name + ". Name a principal.");
                    }
                    CatalogTable.describe(
                            handle,
                            current.uid(),
                            ownerId,
                            comment.or(current::comment).filter(text -> !text.isEmpty()),
                            clock.instant().atOffset(ZoneOffset.UTC));
                    return new Pair(
                            current, CatalogTable.byUid(handle, current.uid()).orElse(current));
                },
                (done, step) -> {});
        return new Changed<>(
                Optional.of(made.done().before()), Optional.of(made.done().after()), changes.obeyed(made.catalog()));
    }

    /** The schemas of a catalog. */
    public List<Schema> schemas(Principal who, String catalog) {
        return live(who, catalog).schemas();
    }

    /** @throws ControlException if there is none */
    public Schema schema(Principal who, SecurableName name) {
        return inside(who, new Securable(SecurableType.SCHEMA, name))
                .schema(SecurableNames.schema(name))
                .orElseThrow();
    }

    /** The tables and views of a schema. */
    public List<Table> tables(Principal who, SecurableName schema) {
        return inside(who, new Securable(SecurableType.SCHEMA, schema)).tables().stream()
                .filter(table -> table.schema().equals(SecurableNames.schema(schema)))
                .toList();
    }

    /** The tables and views of all schemas of a catalog. */
    public List<Table> tables(Principal who, String catalog) {
        return live(who, catalog).tables();
    }

    /** @throws ControlException if there is none */
    public Table table(Principal who, SecurableName name) {
        return inside(who, new Securable(SecurableType.TABLE, name))
                .table(SecurableNames.schema(name), SecurableNames.object(name))
                .orElseThrow();
    }

    /** The functions of a schema; under rules without the bodies of those that the principal has no right to. */
    public List<Function> functions(Principal who, SecurableName schema) {
        LiveCatalog live = inside(who, new Securable(SecurableType.SCHEMA, schema));
        return shown(
                who,
                schema.catalog(),
                live,
                live.functions().stream()
                        .filter(function -> function.schema().equals(SecurableNames.schema(schema)))
                        .toList());
    }

    /** The first of this name; under rules without its body for whom has no right to it. */
    public Function function(Principal who, SecurableName name) {
        Catalog catalog = changes.catalog(who, name.catalog());
        LiveCatalog live = inventory.of(catalog);
        Function function = new Existence(catalog, live).requireFunctions(name).getFirst();
        return shown(who, name.catalog(), live, List.of(function)).getFirst();
    }

    /** {@link FunctionBodies} are the same of what lies on branches. */
    private List<Function> shown(Principal who, String catalogName, LiveCatalog live, List<Function> functions) {
        Catalog catalog = changes.catalog(who, catalogName);
        if (!catalog.governed()) {
            return functions;
        }
        Rights rights = new Rights(catalog, live, jdbi.withHandle(handle -> GrantTable.of(handle, catalog)));
        return functions.stream()
                .map(function -> rights.seesBody(who, function.schema(), function.name(), function.owner())
                        ? function
                        : function.withoutBody())
                .toList();
    }

    private LiveCatalog live(Principal who, String catalog) {
        return inventory.of(changes.catalog(who, catalog));
    }

    private LiveCatalog inside(Principal who, Securable what) {
        Catalog catalog = changes.catalog(who, what.name().catalog());
        LiveCatalog live = inventory.of(catalog);
        new Existence(catalog, live).require(what);
        return live;
    }
}
