package dev.espalier.governance;

import dev.espalier.control.metastore.ColumnName;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.governance.Frame.Absent;
import dev.espalier.governance.Matches.Applied;
import dev.espalier.governance.Matches.Table;
import dev.espalier.governance.Snapshot.Column;
import dev.espalier.governance.Snapshot.Relation;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Tables and columns that the rules know and the database does not have. A migration can bring them back, and from then on they
 * are hidden, before anything is compiled for them.
 */
final class AbsentNames {

    private final List<Policy> policies;
    private final List<Table> tables;
    /** Of relations that are there, the columns that are. */
    private final Map<SecurableName, Set<String>> present = new HashMap<>();

    /** @param policies in the order of places */
    AbsentNames(Rules rules, List<Policy> policies, List<Table> there) {
        this.policies = policies;
        for (Table table : there) {
            Set<String> columns = present.computeIfAbsent(table.name(), name -> new HashSet<>());
            table.relation().columns().forEach(column -> {
                columns.add(column.name());
                columns.add(column.knownName());
            });
        }
        Map<SecurableName, TreeSet<String>> known = new TreeMap<>(Names.BY_PARTS);
        rules.columnTags().keySet().stream()
                .filter(column -> !present.getOrDefault(column.of(), Set.of()).contains(column.column()))
                .map(ColumnName::of)
                .forEach(name -> known.put(name, new TreeSet<>()));
        policies.stream()
                .map(policy -> policy.on().name())
                .filter(name -> name.object().isPresent() && !present.containsKey(name))
                .forEach(name -> known.put(name, new TreeSet<>()));
        rules.columnTags().keySet().stream()
                .filter(column -> known.containsKey(column.of()))
                .forEach(column -> known.computeIfAbsent(column.of(), name -> new TreeSet<>())
                        .add(column.column()));
        // With all columns that are tagged, because a condition may need several.
        tables = new Matches(
                        rules,
                        policies,
                        known.entrySet().stream()
                                .map(entry -> relation(entry.getKey(), entry.getValue()))
                                .toList())
                .tables();
    }

    private static Relation relation(SecurableName name, Set<String> names) {
        String schema = name.schema().orElseThrow();
        String relation = name.object().orElseThrow();
        List<Column> columns = new ArrayList<>();
        for (String column : names) {
            columns.add(new Column(columns.size() + 1, column, column, "text", "S", false));
        }
        return new Relation(0, schema, relation, 'r', schema, relation, List.of(), true, columns, List.of());
    }

    /** @param binding places of the policies that bind somebody */
    List<Absent> of(BitSet binding) {
        List<Absent> absent = new ArrayList<>();
        for (Table table : tables) {
            Set<String> there = present.get(table.name());
            TreeSet<String> columns = new TreeSet<>();
            for (Applied applied : table.applied()) {
                if (binding.get(applied.policy())) {
                    if (policies.get(applied.policy()).effect() instanceof ColumnMask mask) {
                        applied.aliases()
                                .getOrDefault(mask.onColumn(), List.of())
                                .forEach(column -> columns.add(column.name()));
                    } else {
                        columns.add("");
                    }
                }
            }
            if (table.maskingAnything().intersects(binding)) {
                columns.add("");
            }
            columns.stream()
                    .filter(column -> there == null || !(column.isEmpty() || there.contains(column)))
                    .forEach(column -> absent.add(new Absent(
                            table.relation().schema(), table.relation().name(), column)));
        }
        return absent;
    }
}
