package dev.espalier.control.metastore;

import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.Argument;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.Constant;
import dev.espalier.control.metastore.Policy.RowFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What policies do to which columns and tables, whomever they bind. Tags are put together once for all policies, in one thread. */
final class Reach {

    /**
     * One thing that a policy does.
     *
     * @param column empty for a row filter, which is on the table
     * @param arguments what the function is given, besides the column that it masks
     * @param read columns that are among the arguments
     */
    record Hit(Policy policy, SecurableName table, Optional<String> column, String arguments, Set<String> read) {

        /** The function with its arguments; two of the same call do the same. */
        String call() {
            return policy.effect().function() + "(" + arguments + ")";
        }

        /** What it is done to, in words. */
        String where() {
            return column.map(table::column).orElseGet(table::toString);
        }
    }

    private final Rules rules;
    private final Renames renames;
    private final Map<SecurableName, Tags> tables = new HashMap<>();

    /**
     * Tags of a table.
     *
     * @param own with what it inherits
     * @param byColumn those of each column that was asked for
     */
    private record Tags(List<Map<String, String>> own, Map<String, List<Map<String, String>>> byColumn) {}

    Reach(Rules rules) {
        this.rules = rules;
        renames = rules.renames().bothWays();
    }

    /** What the policy does to those of the columns that it is for. */
    List<Hit> of(Policy policy, Columns columns) {
        List<Hit> hits = new ArrayList<>();
        columns.byTable().forEach((table, names) -> {
            if (covers(policy, table)
                    && Readings.hold(policy.when(), tags(table).own())) {
                hits.addAll(of(policy, table, names));
            }
        });
        return hits;
    }

    private List<Hit> of(Policy policy, SecurableName table, Set<String> columns) {
        Map<String, List<Map<String, String>>> tags = tags(table).byColumn();
        Map<String, List<String>> byAlias = new HashMap<>();
        for (Policy.Match match : policy.match()) {
            List<String> matching = columns.stream()
                    .filter(column ->
                            Readings.hold(match.condition(), tags.computeIfAbsent(column, _ -> tags(table, column))))
                    .toList();
            if (matching.isEmpty()) {
                return List.of();
            }
            byAlias.put(match.alias(), matching);
        }
        String arguments = policy.effect().using().stream()
                .map(argument -> argument(argument, byAlias))
                .collect(Collectors.joining(", "));
        Set<String> read = policy.effect().using().stream()
                .flatMap(argument -> argument instanceof Alias(String name)
                        ? byAlias.getOrDefault(name, List.of()).stream()
                        : Stream.empty())
                .collect(Collectors.toSet());
        return switch (policy.effect()) {
            case RowFilter _ -> List.of(new Hit(policy, table, Optional.empty(), arguments, read));
            case ColumnMask mask ->
                byAlias.getOrDefault(mask.onColumn(), List.of()).stream()
                        .map(column -> new Hit(policy, table, Optional.of(column), arguments, read))
                        .toList();
        };
    }

    private static String argument(Argument argument, Map<String, List<String>> byAlias) {
        return switch (argument) {
            case Alias(String name) -> String.join("|", byAlias.getOrDefault(name, List.of()));
            case Constant(String value) -> "'" + value + "'";
        };
    }

    /** Whether the policy is on something that has the table, by any of its names. */
    boolean covers(Policy policy, SecurableName table) {
        SecurableName on = policy.on().name();
        return on.covers(table) || renames.of(table).stream().anyMatch(on::covers);
    }

    private Tags tags(SecurableName table) {
        return tables.computeIfAbsent(table, this::read);
    }

    /** A table's tags, with what it inherits; what is nearer counts. */
    private Tags read(SecurableName table) {
        List<SecurableName> names =
                Stream.concat(Stream.of(table), renames.of(table).stream()).toList();
        return new Tags(
                Readings.inheriting(
                        Readings.of(names.stream().map(this::own).toList()),
                        Readings.of(names.stream().map(this::inherited).toList())),
                new HashMap<>());
    }

    private Map<String, String> own(SecurableName name) {
        return rules.tags().getOrDefault(name, Map.of());
    }

    private Map<String, String> inherited(SecurableName table) {
        Map<String, String> tags = new HashMap<>(own(SecurableName.of(table.catalog())));
        tags.putAll(own(SecurableName.of(table.catalog(), SecurableNames.schema(table))));
        return tags;
    }

    private List<Map<String, String>> tags(SecurableName table, String column) {
        return Readings.of(names(table, column)
                .map(name -> rules.columnTags().getOrDefault(name, Map.of()))
                .toList());
    }

    /** Whether nobody has looked at the column. */
    boolean isUnclassified(SecurableName table, String column) {
        return names(table, column)
                .noneMatch(name ->
                        rules.classified().contains(name) || rules.columnTags().containsKey(name));
    }

    private Stream<ColumnName> names(SecurableName table, String column) {
        ColumnName name = column(table, column);
        return Stream.concat(Stream.of(name), renames.of(name).stream());
    }

    private static ColumnName column(SecurableName table, String column) {
        return ColumnName.in(table, column);
    }
}
