package dev.espalier.governance;

import dev.espalier.control.metastore.ColumnName;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.governance.Snapshot.Column;
import dev.espalier.governance.Snapshot.Relation;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the rules call the things in a database. A thing keeps the name that it was first seen with, if the rules know that name;
 * else it goes by the one it has. So a rename takes nothing away, and a table that takes the place of another is that one. The rules
 * of the name that it has now hold besides, since that is the name by which people speak of it.
 */
final class Names {

    private static final Comparator<SecurableName> BY_NAME = Comparator.comparing(SecurableName::toString);
    private static final Comparator<ColumnName> BY_COLUMN_NAME = Comparator.comparing(ColumnName::toString);

    private final Rules rules;
    private final Set<SecurableName> tables = new HashSet<>();
    private final Set<SecurableName> schemas = new HashSet<>();

    Names(Rules rules) {
        this.rules = rules;
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

    SecurableName of(Relation relation) {
        SecurableName known = SecurableName.of(rules.catalog(), relation.knownSchema(), relation.knownName());
        if (tables.contains(known)) {
            return known;
        }
        SecurableName now = SecurableName.of(rules.catalog(), relation.schema(), relation.name());
        if (tables.contains(now)) {
            return now;
        }
        return schemas.contains(SecurableName.of(rules.catalog(), relation.knownSchema())) ? known : now;
    }

    /** All that it is called, the name that it keeps first. */
    List<SecurableName> all(Relation relation) {
        SecurableName kept = of(relation);
        SecurableName now = SecurableName.of(rules.catalog(), relation.schema(), relation.name());
        return tables.contains(now) && !now.equals(kept) ? List.of(kept, now) : List.of(kept);
    }

    /**
     * All by whose rules it is: what it was a part of is no more than its own rows, and where the default branch has renamed it, what
     * is said of it there is said of it here, too.
     */
    List<SecurableName> ruling(Relation relation) {
        SecurableName first = SecurableName.of(rules.catalog(), relation.knownSchema(), relation.knownName());
        return Stream.of(
                        all(relation).stream(),
                        rules.renames().of(first).stream().sorted(BY_NAME),
                        relation.onceWholes().stream()
                                .map(whole -> SecurableName.of(rules.catalog(), whole.schema(), whole.name())))
                .flatMap(names -> names)
                .distinct()
                .toList();
    }

    /** All that a column of a relation with these names is called, also by the default branch; the name that it keeps first. */
    List<ColumnName> all(List<SecurableName> relation, Column column) {
        return Stream.of(
                        Stream.of(of(relation.getFirst(), column)),
                        relation.stream().flatMap(table -> Stream.of(of(table, column), column(table, column.name()))),
                        relation.stream()
                                .flatMap(table -> rules.renames().of(column(table, column.knownName())).stream())
                                .sorted(BY_COLUMN_NAME))
                .flatMap(names -> names)
                .distinct()
                .toList();
    }

    ColumnName of(SecurableName table, Column column) {
        ColumnName known = column(table, column.knownName());
        return rules.columnTags().containsKey(known) || rules.classified().contains(known)
                ? known
                : column(table, column.name());
    }

    private static ColumnName column(SecurableName table, String column) {
        return new ColumnName(
                table.catalog(), table.schema().orElseThrow(), table.object().orElseThrow(), column);
    }
}
