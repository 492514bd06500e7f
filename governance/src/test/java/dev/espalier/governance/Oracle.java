package dev.espalier.governance;

import dev.espalier.control.metastore.ColumnName;
import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.Argument;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.Constant;
import dev.espalier.control.metastore.Policy.Match;
import dev.espalier.control.metastore.Policy.RowFilter;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.Subject;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What one must see, worked out value by value from the words of the rules, and in no way as the compiler does. */
final class Oracle {

    private final Rules rules;

    Oracle(Rules rules) {
        this.rules = rules;
    }

    /** How a table is shown: what is called for a column's value, and which rows are kept. */
    private record Shown(Map<String, List<String>> masks, Set<List<String>> filters) {}

    /** Rows with | between the values; empty if he may not read the table, or the agent that acts for him. */
    Optional<List<String>> sees(Subject subject, RandomRules.Table table) {
        Optional<Shown> shown = shown(new Subject(subject.name(), subject.names(), subject.manages()), table);
        if (subject.agent().isPresent()) {
            Optional<Shown> agents = shown(subject.agent().get(), table);
            shown = shown.flatMap(own -> agents.map(other -> both(own, other)));
        }
        return shown.map(one -> rows(table, one.masks(), List.copyOf(one.filters())));
    }

    private static Shown both(Shown one, Shown other) {
        Map<String, List<String>> masks = new HashMap<>(one.masks());
        other.masks().forEach((column, call) -> {
            List<String> own = masks.putIfAbsent(column, call);
            if (own != null && !own.equals(call)) {
                masks.put(column, List.of("null"));
            }
        });
        Set<List<String>> filters = new HashSet<>(one.filters());
        filters.addAll(other.filters());
        return new Shown(masks, filters);
    }

    private Optional<Shown> shown(Subject subject, RandomRules.Table table) {
        List<Policy> binding = rules.policies().stream()
                .filter(policy -> policy.binds(subject))
                .toList();
        if (subject.manages() && binding.isEmpty()) {
            return Optional.of(new Shown(Map.of(), Set.of()));
        }
        SecurableName name = SecurableName.of(rules.catalog(), table.schema(), table.name());
        if (!subject.manages()
                && !(has(subject, Privilege.USE_CATALOG, SecurableName.of(rules.catalog()))
                        && has(subject, Privilege.USE_SCHEMA, SecurableName.of(rules.catalog(), table.schema()))
                        && has(subject, Privilege.SELECT, name))) {
            return Optional.empty();
        }
        Map<String, String> tags = new HashMap<>();
        for (SecurableName each :
                List.of(SecurableName.of(rules.catalog()), SecurableName.of(rules.catalog(), table.schema()), name)) {
            tags.putAll(rules.tags().getOrDefault(each, Map.of()));
        }
        Map<String, Set<List<String>>> masks = new HashMap<>();
        Set<List<String>> filters = new HashSet<>();
        boolean anyMaskInScope = false;
        boolean closed = false;
        for (Policy policy : binding) {
            if (!policy.on().name().covers(name)) {
                continue;
            }
            anyMaskInScope |= policy.effect() instanceof ColumnMask;
            Map<String, List<String>> columns = new HashMap<>();
            boolean matches = policy.when().holds(tags);
            for (Match match : policy.match()) {
                List<String> found = table.columns().keySet().stream()
                        .filter(column -> match.condition().holds(columnTags(table, column)))
                        .toList();
                columns.put(match.alias(), found);
                matches &= !found.isEmpty();
            }
            if (!matches) {
                continue;
            }
            switch (policy.effect()) {
                case ColumnMask mask -> {
                    for (String column : columns.getOrDefault(mask.onColumn(), List.of())) {
                        masks.computeIfAbsent(column, each -> new HashSet<>())
                                .add(call(mask.function(), mask.using(), column));
                    }
                }
                case RowFilter filter -> {
                    Alias alias = (Alias) filter.using().getFirst();
                    List<String> on = columns.getOrDefault(alias.name(), List.of());
                    closed |= on.size() != 1;
                    if (on.size() == 1) {
                        filters.add(call(filter.function(), filter.using(), on.getFirst()));
                    }
                }
            }
        }
        if (closed || filters.size() > 1) {
            return Optional.empty();
        }
        Map<String, List<String>> shown = new HashMap<>();
        masks.forEach((column, calls) ->
                shown.put(column, calls.size() == 1 ? calls.iterator().next() : List.of("null")));
        if (anyMaskInScope) {
            for (Map.Entry<String, String> column : table.columns().entrySet()) {
                boolean unknown = columnTags(table, column.getKey()).isEmpty()
                        && !rules.classified()
                                .contains(
                                        new ColumnName(rules.catalog(), table.schema(), table.name(), column.getKey()));
                if (unknown && isText(column.getValue())) {
                    shown.putIfAbsent(column.getKey(), List.of("null"));
                }
            }
        }
        return Optional.of(new Shown(shown, filters));
    }

    private Map<String, String> columnTags(RandomRules.Table table, String column) {
        return rules.columnTags()
                .getOrDefault(new ColumnName(rules.catalog(), table.schema(), table.name(), column), Map.of());
    }

    private boolean has(Subject subject, Privilege wanted, SecurableName on) {
        for (Grant grant : rules.grants()) {
            if (subject.names().contains(grant.principal())
                    && grant.on().name().covers(on)
                    && grant.privilege().includes(wanted)) {
                return true;
            }
        }
        return false;
    }

    /** The function, then the column, then constants. */
    private static List<String> call(String function, List<Argument> using, String column) {
        List<String> call = new ArrayList<>(List.of(function, column));
        for (Argument argument : using) {
            if (argument instanceof Constant constant) {
                call.add(constant.value());
            }
        }
        return call;
    }

    private static List<String> rows(
            RandomRules.Table table, Map<String, List<String>> masks, List<List<String>> filters) {
        List<String> columns = List.copyOf(table.columns().keySet());
        List<String> result = new ArrayList<>();
        for (List<String> row : table.rows()) {
            boolean visible = true;
            for (List<String> filter : filters) {
                boolean among = filter.subList(2, filter.size()).contains(row.get(columns.indexOf(filter.get(1))));
                visible &= filter.getFirst().endsWith("is_one_of") == among;
            }
            if (!visible) {
                continue;
            }
            List<String> values = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                List<String> mask = masks.get(columns.get(i));
                String type = String.valueOf(table.columns().get(columns.get(i)));
                values.add(mask == null ? row.get(i) : masked(mask, row.get(i), type));
            }
            result.add(String.join("|", values));
        }
        return result;
    }

    private static String masked(List<String> mask, String value, String type) {
        return switch (mask.getFirst()) {
            case "system.mask.redact" -> isText(type) ? "***" : "null";
            case "system.mask.email_full" -> isText(type) ? "***@masked.invalid" : "null";
            case "system.mask.partial" -> isText(type) ? partial(value, mask.get(3)) : "null";
            case "system.mask.bucket" -> isText(type) ? "null" : bucket(value, type);
            default -> "null";
        };
    }

    private static boolean isText(String type) {
        return type.equals("text") || type.startsWith("varchar") || type.equals("zone");
    }

    private static String partial(String value, String pad) {
        int[] points = value.codePoints().toArray();
        return points.length < 4 ? pad : new String(points, 0, 1) + pad + new String(points, points.length - 1, 1);
    }

    private static String bucket(String value, String type) {
        BigDecimal number = new BigDecimal(value);
        BigDecimal cut = number.subtract(number.remainder(BigDecimal.valueOf(100)));
        return type.equals("numeric")
                ? cut.setScale(number.scale()).toPlainString()
                : cut.toBigInteger().toString();
    }
}
