package dev.espalier.governance;

import dev.espalier.control.metastore.ColumnName;
import dev.espalier.control.metastore.Condition;
import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.Constant;
import dev.espalier.control.metastore.Policy.Effect;
import dev.espalier.control.metastore.Policy.Match;
import dev.espalier.control.metastore.Policy.RowFilter;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.Subject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** A schema with rows, tags, policies, grants and principals, all made from one seed. */
final class RandomRules {

    static final String CATALOG = "c";

    /** The types of columns, and one of {@code zone}: a text that only a few values have. */
    private static final List<String> TYPES = List.of("text", "text", "integer", "numeric", "varchar(40)", "zone");

    private static final List<String> ZONES = List.of("eu", "us", "asia");

    record Table(String schema, String name, Map<String, String> columns, List<List<String>> rows) {}

    private final Random random;
    final List<Table> tables = new ArrayList<>();
    final Rules rules;
    private final String prefix;

    /** @param prefix of the principals' names, which are the server's */
    RandomRules(long seed, String prefix) {
        random = new Random(seed);
        this.prefix = prefix;
        for (String schema : List.of("one", "two")) {
            for (int t = 0; t < 1 + random.nextInt(3); t++) {
                tables.add(table(schema, "t" + t));
            }
        }
        Map<SecurableName, Map<String, String>> tags = new HashMap<>();
        Map<ColumnName, Map<String, String>> columnTags = new HashMap<>();
        Set<ColumnName> classified = new HashSet<>();
        tags(SecurableName.of(CATALOG), tags, 4);
        for (Table table : tables) {
            tags(SecurableName.of(CATALOG, table.schema()), tags, 3);
            tags(SecurableName.of(CATALOG, table.schema(), table.name()), tags, 3);
            for (String column : table.columns().keySet()) {
                ColumnName name = new ColumnName(CATALOG, table.schema(), table.name(), column);
                if (!column.equals("id") && random.nextInt(2) == 0) {
                    columnTags.put(name, Map.of("k" + random.nextInt(4), "v" + random.nextInt(3)));
                }
                if (column.equals("id") || random.nextInt(5) > 0) {
                    classified.add(name);
                }
            }
        }
        List<Policy> policies = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(7); i++) {
            policies.add(policy(i));
        }
        List<Grant> grants = new ArrayList<>();
        for (int i = 0; i < 2 + random.nextInt(8); i++) {
            Privilege privilege = pick(List.of(
                    Privilege.SELECT,
                    Privilege.SELECT,
                    Privilege.MODIFY,
                    Privilege.USE_SCHEMA,
                    Privilege.ALL_PRIVILEGES));
            grants.add(new Grant(scope(), pick(List.of("g0", "g1", "g2", Subject.EVERYONE)), privilege));
        }
        grants.add(new Grant(catalog(), Subject.EVERYONE, Privilege.USE_CATALOG));
        if (random.nextInt(3) > 0) {
            grants.add(new Grant(catalog(), Subject.EVERYONE, Privilege.USE_SCHEMA));
            grants.add(new Grant(catalog(), "g0", Privilege.SELECT));
        }
        List<Subject> subjects = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            subjects.add(new Subject(prefix + i, groups(), i == 4 && random.nextBoolean()));
        }
        for (int i = 0; i < 5; i++) {
            subjects.add(new Subject(
                    prefix + "agent" + i,
                    subjects.get(i).names(),
                    subjects.get(i).manages(),
                    Optional.of(new Subject("agent" + i, groups(), random.nextInt(4) == 0))));
        }
        rules = new Rules(1, CATALOG, grants, tags, columnTags, classified, policies, subjects);
    }

    private Set<String> groups() {
        Set<String> groups = new HashSet<>();
        for (String group : List.of("g0", "g1", "g2")) {
            if (random.nextBoolean()) {
                groups.add(group);
            }
        }
        return groups;
    }

    private Table table(String schema, String name) {
        Map<String, String> columns = new TreeMap<>();
        columns.put("id", "bigint");
        for (int c = 0; c < 1 + random.nextInt(5); c++) {
            columns.put("x" + c, pick(TYPES));
        }
        List<List<String>> rows = new ArrayList<>();
        for (int r = 0; r < 8; r++) {
            List<String> row = new ArrayList<>();
            for (Map.Entry<String, String> column : columns.entrySet()) {
                row.add(column.getKey().equals("id") ? String.valueOf(r) : value(column.getValue()));
            }
            rows.add(row);
        }
        return new Table(schema, name, columns, rows);
    }

    private String value(String type) {
        return switch (type) {
            case "integer" -> String.valueOf(random.nextInt(20_000) - 10_000);
            case "numeric" -> random.nextInt(1_000) + "." + (10 + random.nextInt(90));
            case "zone" -> pick(ZONES);
            default ->
                pick(List.of("Ann", "bob@corp.example", "x", "O'Neil \"q\" \\ {1}", "päul straße", "", "a|b"))
                        + random.nextInt(100);
        };
    }

    private void tags(SecurableName name, Map<SecurableName, Map<String, String>> tags, int oneIn) {
        if (random.nextInt(oneIn) == 0) {
            tags.put(name, Map.of("t" + random.nextInt(2), "w" + random.nextInt(2)));
        }
    }

    private Policy policy(int i) {
        Effect effect;
        List<Match> match = new ArrayList<>();
        match.add(new Match("a", columnCondition()));
        if (random.nextInt(4) == 0) {
            match.add(new Match("b", columnCondition()));
        }
        if (random.nextInt(3) == 0) {
            String function = random.nextBoolean() ? "system.mask.is_one_of" : "system.mask.is_none_of";
            effect = new RowFilter(
                    function, List.of(new Alias("a"), new Constant(pick(ZONES)), new Constant("it's {1}")));
        } else {
            effect = switch (random.nextInt(5)) {
                case 0 -> new ColumnMask("system.mask.redact", "a", List.of());
                case 1 -> new ColumnMask("system.mask.null", "a", List.of());
                case 2 ->
                    new ColumnMask(
                            "system.mask.partial",
                            "a",
                            List.of(new Constant("1"), new Constant("{2}'\\"), new Constant("1")));
                case 3 -> new ColumnMask("system.mask.bucket", "a", List.of(new Constant("100")));
                default -> new ColumnMask("system.mask.email_full", "a", List.of());
            };
        }
        Set<String> to = new HashSet<>(Set.of(pick(List.of("g0", "g1", "g2", Subject.EVERYONE, prefix + 0))));
        Set<String> except = random.nextInt(3) == 0 ? Set.of(pick(List.of("g0", "g1", "g2", prefix + 1))) : Set.of();
        return new Policy(
                "id" + i,
                "policy" + i,
                Optional.empty(),
                scope(),
                to,
                except,
                random.nextInt(3) == 0 ? tableCondition() : new Condition.Always(),
                match,
                effect);
    }

    private Condition columnCondition() {
        return condition("k", 4, "v", 3);
    }

    private Condition tableCondition() {
        return condition("t", 2, "w", 2);
    }

    private Condition condition(String key, int keys, String value, int values) {
        Condition one = new Condition.HasTag(key + random.nextInt(keys));
        Condition other = new Condition.HasTagValue(key + random.nextInt(keys), value + random.nextInt(values));
        return switch (random.nextInt(6)) {
            case 0 -> new Condition.Or(one, other);
            case 1 -> new Condition.And(one, new Condition.Not(other));
            case 2 -> other;
            default -> one;
        };
    }

    private Securable scope() {
        Table table = pick(tables);
        return switch (random.nextInt(4)) {
            case 0 -> new Securable(SecurableType.SCHEMA, SecurableName.of(CATALOG, table.schema()));
            case 1 -> new Securable(SecurableType.TABLE, SecurableName.of(CATALOG, table.schema(), table.name()));
            default -> catalog();
        };
    }

    private static Securable catalog() {
        return new Securable(SecurableType.CATALOG, SecurableName.of(CATALOG));
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
