package dev.espalier.governance;

import dev.espalier.control.metastore.ColumnName;
import dev.espalier.control.metastore.Condition;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.Match;
import dev.espalier.control.metastore.Readings;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.governance.Snapshot.Column;
import dev.espalier.governance.Snapshot.Relation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which policies are meant for which relations, and with which columns; the same for every subject. */
final class Matches {

    /**
     * A policy that is meant for a relation.
     *
     * @param policy its place in the list of policies
     * @param aliases columns by what the policy calls them
     * @param lacking what it calls those that the rules know and the relation does not have
     */
    record Applied(int policy, Map<String, List<Column>> aliases, List<String> lacking) {}

    /**
     * What the rules say of one relation.
     *
     * @param names what the rules call it
     * @param masking places of the policies that mask columns and whose scope has it, whatever they match
     * @param maskingAnything those of them that would mask a column without tags
     * @param applied those that match, or would if the relation had all columns that the rules know of it
     * @param unclassified numbers of the columns that nobody has looked at
     */
    record Table(
            Relation relation,
            List<SecurableName> names,
            BitSet masking,
            BitSet maskingAnything,
            List<Applied> applied,
            Set<Integer> unclassified) {

        /** The one that it keeps. */
        SecurableName name() {
            return names.getFirst();
        }
    }

    private static final Map<String, String> NO_TAGS = Map.of();

    private final Rules rules;
    private final Names names;
    private final List<Policy> policies;
    private final List<Relation> relations;
    private final Map<SecurableName, List<Integer>> byScope = new HashMap<>();
    private final Map<SecurableName, List<ColumnName>> taggedColumns;
    private final BitSet matching = new BitSet();

    /** @param relations all that there are */
    Matches(Rules rules, List<Policy> policies, List<Relation> relations) {
        this.rules = rules;
        this.policies = policies;
        this.relations = relations;
        names = new Names(rules, relations);
        taggedColumns = rules.columnTags().keySet().stream().collect(Collectors.groupingBy(ColumnName::of));
        for (int i = 0; i < policies.size(); i++) {
            byScope.computeIfAbsent(policies.get(i).on().name(), name -> new ArrayList<>())
                    .add(i);
        }
    }

    /** Places of policies that matched a relation so far. */
    BitSet matching() {
        return matching;
    }

    List<Table> tables() {
        Map<Long, List<Relation>> children = new HashMap<>();
        Map<Long, Relation> all = new HashMap<>();
        for (Relation relation : relations) {
            all.put(relation.id(), relation);
            for (Long parent : relation.parents()) {
                children.computeIfAbsent(parent, id -> new ArrayList<>()).add(relation);
            }
        }
        return relations.stream()
                .map(relation -> table(relation, children, all))
                .toList();
    }

    /** The relations that are read through each that has such: its partitions and children, and theirs. */
    static Map<Long, List<Table>> parts(List<Table> tables) {
        Map<Long, Table> byId = new HashMap<>();
        tables.forEach(table -> byId.put(table.relation().id(), table));
        Map<Long, List<Table>> parts = new HashMap<>();
        for (Table table : tables) {
            Set<Long> above = new HashSet<>();
            Deque<Long> ways = new ArrayDeque<>(table.relation().parents());
            while (!ways.isEmpty()) {
                Table whole = byId.get(ways.pop());
                if (whole != null && above.add(whole.relation().id())) {
                    parts.computeIfAbsent(whole.relation().id(), id -> new ArrayList<>())
                            .add(table);
                    ways.addAll(whole.relation().parents());
                }
            }
        }
        return parts;
    }

    private Table table(Relation relation, Map<Long, List<Relation>> children, Map<Long, Relation> all) {
        List<SecurableName> kept = names.all(relation);
        List<SecurableName> called = names.ruling(relation);
        List<Map<String, String>> tags = tags(called, relation);
        Map<Column, List<Map<String, String>>> columnTags = new LinkedHashMap<>();
        Set<Integer> unclassified = new HashSet<>();
        for (Column column : relation.columns()) {
            List<Map<String, String>> assigned = tags(called, relation, column);
            if (assigned.getFirst().isEmpty()
                    && !rules.classified().contains(names.of(called.getFirst(), column))
                    && !isLookedAtAbove(relation, column, all, new HashSet<>())) {
                unclassified.add(column.number());
            }
            columnTags.put(column, assigned);
        }
        Map<Column, List<Map<String, String>>> own = new LinkedHashMap<>(columnTags);
        addChildrensTags(relation, columnTags, children, new HashSet<>());
        // A tag of a part takes nothing away from the whole.
        columnTags.replaceAll((column, merged) -> Stream.concat(
                        own.getOrDefault(column, List.of()).stream(), merged.stream())
                .distinct()
                .toList());
        BitSet masking = new BitSet();
        BitSet maskingAnything = new BitSet();
        List<Map<String, String>> missing = missing(called, relation);
        List<Applied> applied = new ArrayList<>();
        // Many policies share their conditions.
        Map<Condition, List<Column>> holding = new HashMap<>();
        for (int i : candidates(called)) {
            Policy policy = policies.get(i);
            if (policy.effect() instanceof ColumnMask) {
                masking.set(i);
                if (Readings.hold(policy.when(), tags) && holdsWithoutTags(policy)) {
                    maskingAnything.set(i);
                }
            }
            if (Readings.hold(policy.when(), tags)) {
                applied(i, columnTags, missing, holding).ifPresent(one -> {
                    applied.add(one);
                    matching.set(i);
                });
            }
        }
        return new Table(relation, kept, masking, maskingAnything, applied, unclassified);
    }

    /** A part's column is the whole's, and known as that one. */
    private boolean isLookedAtAbove(Relation part, Column column, Map<Long, Relation> all, Set<Long> seen) {
        for (Long id : part.parents()) {
            Relation whole = all.get(id);
            if (whole == null || !seen.add(id)) {
                continue;
            }
            SecurableName name = names.of(whole);
            boolean here = whole.columns().stream()
                    .filter(other -> other.name().equals(column.name()))
                    .map(other -> names.of(name, other))
                    .anyMatch(other -> rules.classified().contains(other)
                            || rules.columnTags().containsKey(other));
            if (here || isLookedAtAbove(whole, column, all, seen)) {
                return true;
            }
        }
        return false;
    }

    /** What a part of a table is tagged with, is read through the whole, too. */
    private void addChildrensTags(
            Relation parent,
            Map<Column, List<Map<String, String>>> columnTags,
            Map<Long, List<Relation>> children,
            Set<Long> seen) {
        for (Relation child : children.getOrDefault(parent.id(), List.of())) {
            if (!seen.add(child.id())) {
                continue;
            }
            List<SecurableName> called = names.all(child);
            for (Column column : child.columns()) {
                List<Map<String, String>> tags = tags(called, child, column);
                columnTags.replaceAll(
                        (own, all) -> own.name().equals(column.name()) ? Readings.inheriting(all, tags) : all);
            }
            addChildrensTags(child, columnTags, children, seen);
        }
    }

    /** Tags of the columns that the rules know by a name of the relation's, and that it does not have. */
    private List<Map<String, String>> missing(List<SecurableName> called, Relation relation) {
        Set<ColumnName> there = new HashSet<>();
        relation.columns().forEach(column -> there.addAll(names.all(called, relation, column)));
        return called.stream()
                .flatMap(name -> taggedColumns.getOrDefault(name, List.of()).stream())
                .filter(column -> !there.contains(column))
                .map(column -> rules.columnTags().getOrDefault(column, NO_TAGS))
                .toList();
    }

    /** Empty if one of the policy's conditions holds for no column, there or missing. */
    private Optional<Applied> applied(
            int place,
            Map<Column, List<Map<String, String>>> columnTags,
            List<Map<String, String>> missing,
            Map<Condition, List<Column>> holding) {
        Map<String, List<Column>> aliases = new LinkedHashMap<>();
        List<String> lacking = new ArrayList<>();
        for (Match match : policies.get(place).match()) {
            List<Column> columns = holding.computeIfAbsent(
                    match.condition(),
                    condition -> columnTags.entrySet().stream()
                            .filter(column -> Readings.hold(condition, column.getValue()))
                            .map(Map.Entry::getKey)
                            .toList());
            if (!columns.isEmpty()) {
                aliases.put(match.alias(), columns);
            } else if (missing.stream().anyMatch(match.condition()::holds)) {
                lacking.add(match.alias().equals(Match.UNNAMED) ? "a match without a name" : match.alias());
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(new Applied(place, aliases, lacking));
    }

    /** Of the relation: its own by all its names, and what it inherits where none of them says otherwise. */
    private List<Map<String, String>> tags(List<SecurableName> called, Relation relation) {
        return Readings.inheriting(
                Readings.of(called.stream()
                        .map(name -> rules.tags().getOrDefault(name, NO_TAGS))
                        .toList()),
                Readings.of(Stream.concat(
                                Stream.of(relation.schema()),
                                called.stream().map(name -> name.schema().orElseThrow()))
                        .distinct()
                        .map(this::inherited)
                        .toList()));
    }

    private List<Map<String, String>> tags(List<SecurableName> called, Relation relation, Column column) {
        return Readings.of(names.all(called, relation, column).stream()
                .map(name -> rules.columnTags().getOrDefault(name, NO_TAGS))
                .toList());
    }

    private Set<Integer> candidates(List<SecurableName> called) {
        Set<Integer> all = new TreeSet<>(byScope.getOrDefault(SecurableName.of(rules.catalog()), List.of()));
        for (SecurableName name : called) {
            all.addAll(byScope.getOrDefault(
                    SecurableName.of(rules.catalog(), name.schema().orElseThrow()), List.of()));
            all.addAll(byScope.getOrDefault(name, List.of()));
        }
        return all;
    }

    /** Tags of a schema and the catalog; the nearer wins. */
    private Map<String, String> inherited(String schema) {
        Map<String, String> tags = new HashMap<>(rules.tags().getOrDefault(SecurableName.of(rules.catalog()), NO_TAGS));
        tags.putAll(rules.tags().getOrDefault(SecurableName.of(rules.catalog(), schema), NO_TAGS));
        return tags;
    }

    private static boolean holdsWithoutTags(Policy policy) {
        return policy.match().stream().allMatch(match -> match.condition().holds(NO_TAGS));
    }

    /** What the rules say of tables that the schema may get. */
    record Future(BitSet masking, BitSet maskingAnything, BitSet closing) {}

    /** @param schema empty for one that may come */
    Future future(String schema) {
        Map<String, String> tags = inherited(schema);
        BitSet masking = new BitSet();
        BitSet maskingAnything = new BitSet();
        BitSet closing = new BitSet();
        List<Integer> candidates = new ArrayList<>(byScope.getOrDefault(SecurableName.of(rules.catalog()), List.of()));
        candidates.addAll(byScope.getOrDefault(SecurableName.of(rules.catalog(), schema), List.of()));
        for (int i : candidates) {
            Policy policy = policies.get(i);
            boolean now = policy.when().holds(tags) && holdsWithoutTags(policy);
            if (policy.effect() instanceof ColumnMask) {
                masking.set(i);
                if (now) {
                    maskingAnything.set(i);
                }
            } else if (now) {
                closing.set(i);
            }
        }
        return new Future(masking, maskingAnything, closing);
    }
}
