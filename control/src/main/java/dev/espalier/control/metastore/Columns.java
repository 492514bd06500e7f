package dev.espalier.control.metastore;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Columns that policies may meet, by table: those there are, and those that the rules know by name. */
final class Columns {

    private final Map<SecurableName, Set<String>> byTable = new LinkedHashMap<>();

    /** All columns that the rules name: on some branch they may be there. */
    static Columns known(Rules rules) {
        Columns columns = new Columns();
        columns.add(rules.columnTags().keySet());
        columns.add(rules.classified());
        return columns;
    }

    /** These and those that are on the default branch. */
    Columns and(String catalog, LiveCatalog live) {
        live.tables().forEach(table -> {
            Set<String> names = of(SecurableName.of(catalog, table.schema(), table.name()));
            table.columns().forEach(column -> names.add(column.name()));
        });
        return this;
    }

    /** These and the column that is meant, which the default branch may have no more. */
    Columns and(TagAssignments.Entity entity) {
        entity.column().ifPresent(column -> of(entity.on()).add(column));
        return this;
    }

    private void add(Collection<ColumnName> columns) {
        columns.forEach(column -> of(column.of()).add(column.column()));
    }

    private Set<String> of(SecurableName table) {
        return byTable.computeIfAbsent(table, _ -> new LinkedHashSet<>());
    }

    /** Those that lie in something. */
    Columns within(SecurableName scope) {
        return within(List.of(scope), Renames.NONE);
    }

    /** Those that lie in one of them by one of the names that their tables go by. */
    Columns within(List<SecurableName> scopes, Renames renames) {
        Renames all = renames.bothWays();
        Columns inside = new Columns();
        byTable.forEach((table, columns) -> {
            if (Stream.concat(Stream.of(table), all.of(table).stream())
                    .anyMatch(name -> scopes.stream().anyMatch(scope -> scope.covers(name)))) {
                inside.byTable.put(table, columns);
            }
        });
        return inside;
    }

    Map<SecurableName, Set<String>> byTable() {
        return byTable;
    }
}
