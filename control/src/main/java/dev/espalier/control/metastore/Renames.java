package dev.espalier.control.metastore;

import dev.espalier.control.metastore.LiveCatalog.ColumnRef;
import dev.espalier.control.metastore.LiveCatalog.Renamed;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the default branch calls things now, by the names that they were first seen with: copies that lack a rename have those.
 *
 * @param tables by schema and name
 */
public record Renames(Map<SecurableName, Set<SecurableName>> tables, Map<ColumnName, Set<ColumnName>> columns) {

    public static final Renames NONE = new Renames(Map.of(), Map.of());

    public Renames {
        tables = Map.copyOf(tables);
        columns = Map.copyOf(columns);
    }

    /** @param columns what columns are called now; one of a table that has another name goes by another one, too */
    public static Renames of(Map<ColumnName, Set<ColumnName>> columns) {
        Map<SecurableName, Set<SecurableName>> tables = new HashMap<>();
        columns.forEach((first, all) -> all.stream()
                .map(ColumnName::of)
                .filter(now -> !now.equals(first.of()))
                .forEach(now ->
                        tables.computeIfAbsent(first.of(), _ -> new HashSet<>()).add(now)));
        return new Renames(tables, columns);
    }

    /** All other names that a thing goes by somewhere, by each of them. */
    Renames bothWays() {
        Map<ColumnName, Set<ColumnName>> all = new HashMap<>();
        columns.forEach((first, others) -> {
            Set<ColumnName> names = new HashSet<>(others);
            names.add(first);
            names.forEach(
                    name -> all.computeIfAbsent(name, _ -> new HashSet<>()).addAll(names));
        });
        all.forEach((name, names) -> names.remove(name));
        return of(all);
    }

    /** What a table that was first seen with this name is called on the default branch, if it is called otherwise. */
    public Set<SecurableName> of(SecurableName first) {
        return tables.getOrDefault(first, Set.of());
    }

    /** The same of a column. */
    public Set<ColumnName> of(ColumnName first) {
        return columns.getOrDefault(first, Set.of());
    }

    /** Each column's first name with each of those that it has now. */
    List<Renamed> all() {
        return columns.entrySet().stream()
                .flatMap(entry -> entry.getValue().stream().map(now -> new Renamed(place(entry.getKey()), place(now))))
                .toList();
    }

    private static ColumnRef place(ColumnName name) {
        return new ColumnRef(name.schema(), name.table(), name.column());
    }
}
