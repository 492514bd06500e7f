package dev.espalier.governance;

import dev.espalier.control.metastore.ColumnName;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.governance.Snapshot.Column;
import dev.espalier.governance.Snapshot.Relation;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the rules call the things in a database. A thing keeps the name that it was first seen with, if the rules know that name;
 * else it goes by the one it has. So a rename takes nothing away, and a table that takes the place of another is that one. The rules
 * of the name that it has now hold besides, since that is the name by which people speak of it.
 */
final class Names {

    /** Part by part: a part can have a dot in it. */
    static final Comparator<SecurableName> BY_PARTS = Comparator.comparing(SecurableName::catalog)
            .thenComparing(name -> name.schema().orElse(""))
            .thenComparing(name -> name.object().orElse(""));

    private static final Comparator<ColumnName> BY_COLUMN_PARTS =
            Comparator.comparing(ColumnName::of, BY_PARTS).thenComparing(ColumnName::column);

    private final Rules rules;
    private final Set<SecurableName> tables = new HashSet<>();
    private final Set<SecurableName> schemas = new HashSet<>();
    private final Map<SecurableName, List<Relation>> byFirst;

    /** @param relations all that there are */
    Names(Rules rules, List<Relation> relations) {
        this.rules = rules;
        byFirst = relations.stream().collect(Collectors.groupingBy(this::first));
        rules.grants().forEach(grant -> know(grant.on().name()));
        rules.policies().forEach(policy -> know(policy.on().name()));
        rules.tags().keySet().forEach(this::know);
        rules.columnTags().keySet().forEach(column -> know(column.of()));
        rules.classified().forEach(column -> know(column.of()));
    }

    private void know(SecurableName name) {
        if (name.object().isPresent()) {
            tables.add(name);
        }
        name.schema().ifPresent(schema -> schemas.add(SecurableName.of(name.catalog(), schema)));
    }

    private SecurableName first(Relation relation) {
        return SecurableName.of(rules.catalog(), relation.knownSchema(), relation.knownName());
    }

    private SecurableName now(Relation relation) {
        return SecurableName.of(rules.catalog(), relation.schema(), relation.name());
    }

    SecurableName of(Relation relation) {
        SecurableName known = first(relation);
        if (tables.contains(known)) {
            return known;
        }
        SecurableName now = now(relation);
        if (tables.contains(now)) {
            return now;
        }
        return schemas.contains(SecurableName.of(rules.catalog(), relation.knownSchema())) ? known : now;
    }

    /** All that it is called, the name that it keeps first. */
    List<SecurableName> all(Relation relation) {
        SecurableName kept = of(relation);
        SecurableName now = now(relation);
        return tables.contains(now) && !now.equals(kept) ? List.of(kept, now) : List.of(kept);
    }

    /**
     * All by whose rules it is: also those of the schema that it lies in now; what it was a part of is no more than its own rows, and where the default branch has renamed it, what
     * is said of it there is said of it here, too, unless the rename has been made here, and the name is another's since.
     */
    List<SecurableName> ruling(Relation relation) {
        SecurableName first = first(relation);
        SecurableName now = now(relation);
        boolean isInKnownSchema = schemas.contains(SecurableName.of(rules.catalog(), relation.schema()));
        return Stream.of(
                        all(relation).stream(),
                        isInKnownSchema ? Stream.of(now) : Stream.<SecurableName>empty(),
                        rules.renames().of(first).stream()
                                .filter(later -> !isRenameOfAnother(relation, first, later))
                                .sorted(BY_PARTS),
                        relation.onceWholes().stream()
                                .map(whole -> SecurableName.of(rules.catalog(), whole.schema(), whole.name())))
                .flatMap(names -> names)
                .distinct()
                .toList();
    }

    /** All that a column of a relation with these names is called, also by the default branch; the name that it keeps first. */
    List<ColumnName> all(List<SecurableName> called, Relation relation, Column column) {
        return Stream.of(
                        Stream.of(of(called.getFirst(), column)),
                        called.stream()
                                .flatMap(table -> Stream.of(of(table, column), ColumnName.in(table, column.name()))),
                        called.stream()
                                .flatMap(table -> rules.renames().of(ColumnName.in(table, column.knownName())).stream()
                                        .filter(now -> !isRenameOfAnother(relation, table, now.of())
                                                && !isRenameOfAnother(relation, column, now.column())))
                                .sorted(BY_COLUMN_PARTS))
                .flatMap(names -> names)
                .distinct()
                .toList();
    }

    /**
     * Whether a table that was there before this one has been renamed so. One that has come later, and is called so, too, takes no rules
     * away: anybody who owns a schema can make that. A part goes by the names of its whole.
     */
    private boolean isRenameOfAnother(Relation relation, SecurableName first, SecurableName now) {
        return relation.onceWholes().stream()
                        .noneMatch(whole -> SecurableName.of(rules.catalog(), whole.schema(), whole.name())
                                .equals(first))
                && byFirst.getOrDefault(first, List.of()).stream()
                        .anyMatch(other -> other.id() < relation.id()
                                && !now(other).equals(first)
                                && now(other).equals(now));
    }

    /** The same of a column. */
    private static boolean isRenameOfAnother(Relation relation, Column column, String now) {
        return relation.columns().stream()
                .anyMatch(other -> other.number() < column.number()
                        && other.knownName().equals(column.knownName())
                        && !other.name().equals(other.knownName())
                        && other.name().equals(now));
    }

    ColumnName of(SecurableName table, Column column) {
        ColumnName known = ColumnName.in(table, column.knownName());
        return rules.columnTags().containsKey(known) || rules.classified().contains(known)
                ? known
                : ColumnName.in(table, column.name());
    }
}
