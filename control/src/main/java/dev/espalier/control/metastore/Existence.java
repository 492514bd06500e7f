package dev.espalier.control.metastore;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Refuses names of what is not there on the default branch. */
final class Existence {

    private static final int MOST_SHOWN = 20;

    private final Catalog catalog;
    private final LiveCatalog live;

    Existence(Catalog catalog, LiveCatalog live) {
        this.catalog = catalog;
        this.live = live;
    }

    /** @throws ControlException if there is no such schema, table or function, of whatever kind, in the catalog */
    void require(Securable what) {
        Optional<String> schema = what.name().schema();
        if (schema.isEmpty()) {
            return;
        }
        if (live.schema(schema.get()).isEmpty()) {
            throw missing(
                    "schema",
                    SecurableName.of(catalog.name(), schema.get()).toString(),
                    live.schemas().stream().map(LiveCatalog.Schema::name).toList());
        }
        Optional<String> object = what.name().object();
        if (object.isEmpty()) {
            return;
        }
        if (what.type() == SecurableType.FUNCTION) {
            if (live.routines(schema.get(), object.get()).isEmpty()) {
                throw missing(
                        "function",
                        what.name().toString(),
                        live.routines().stream()
                                .filter(routine -> routine.schema().equals(schema.get()) && !routine.ofExtension())
                                .map(LiveCatalog.Routine::name)
                                .distinct()
                                .toList());
            }
        } else if (live.table(schema.get(), object.get()).isEmpty()) {
            throw missing(
                    "table",
                    what.name().toString(),
                    live.tables().stream()
                            .filter(table -> table.schema().equals(schema.get()))
                            .map(LiveCatalog.Table::name)
                            .toList());
        }
    }

    /**
     * The functions of this name that policies can use and the catalog shows: no procedures, no aggregates, and none that an extension brings.
     *
     * @throws ControlException if there is none
     */
    List<LiveCatalog.Function> requireFunctions(SecurableName name) {
        String schema = SecurableNames.schema(name);
        require(new Securable(SecurableType.SCHEMA, SecurableName.of(catalog.name(), schema)));
        List<LiveCatalog.Function> found = live.functions(schema, SecurableNames.object(name));
        if (found.isEmpty()) {
            throw missing(
                    "function",
                    name.toString(),
                    live.functions().stream()
                            .filter(function -> function.schema().equals(schema))
                            .map(LiveCatalog.Function::name)
                            .distinct()
                            .toList());
        }
        return found;
    }

    /** @throws ControlException if the table has no such column */
    void requireColumn(SecurableName table, String column) {
        require(new Securable(SecurableType.TABLE, table));
        List<String> columns = live
                .table(SecurableNames.schema(table), SecurableNames.object(table))
                .map(LiveCatalog.Table::columns)
                .orElse(List.of())
                .stream()
                .map(LiveCatalog.Column::name)
                .toList();
        if (!columns.contains(column)) {
            throw missing("column", table.column(column), columns);
        }
    }

    private static ControlException missing(String what, String name, List<String> there) {
        return new ControlException(
                Code.NOT_FOUND,
                "there is no " + what + " " + name + " on the project's default branch. There are: "
                        + (there.isEmpty()
                                ? "none"
                                : there.stream().limit(MOST_SHOWN).collect(Collectors.joining(", ")))
                        + ".");
    }
}
