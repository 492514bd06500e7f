package dev.espalier.governance;

import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.RowFilter;
import dev.espalier.governance.Expressions.Call;
import dev.espalier.governance.Expressions.Refused;
import dev.espalier.governance.Expressions.Sql;
import dev.espalier.governance.Matches.Applied;
import dev.espalier.governance.Matches.Table;
import dev.espalier.governance.Snapshot.Column;
import java.util.BitSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/** Makes of the policies that bind somebody what a table is for him: the masks of its columns, the filter of its rows, or that it is closed. */
final class TableRenderer {

    private final List<Policy> policies;
    private final Expressions expressions;
    private final Set<String> warnings;

    /** Calls do not depend on the profile. The keys are looked up by what they are, not by what they hold. */
    private final IdentityHashMap<Applied, Map<Column, Call>> masks = new IdentityHashMap<>();

    private final IdentityHashMap<Applied, Call> filters = new IdentityHashMap<>();

    /**
     * @param policies by the places that {@link Applied#policy} and the sets of those who are bound go by
     * @param warnings where it adds what somebody should know
     */
    TableRenderer(List<Policy> policies, Expressions expressions, Set<String> warnings) {
        this.policies = policies;
        this.expressions = expressions;
        this.warnings = warnings;
    }

    /** A relation as a profile sees it. */
    static final class Rendering {
        final SortedMap<Integer, String> masks = new TreeMap<>();
        Optional<String> filter = Optional.empty();
        Optional<String> closed = Optional.empty();
        final TreeSet<Long> functions = new TreeSet<>();

        /** Leaves what both show: masks and filters of both, and nothing of a column that they mask in two ways. */
        void narrow(Rendering other) {
            other.masks.forEach(
                    (column, sql) -> masks.merge(column, sql, (one, two) -> one.equals(two) ? one : "NULL"));
            other.filter.ifPresent(sql -> filter = Optional.of(filter.filter(own -> !own.equals(sql))
                    .map(own -> "(" + own + ") AND (" + sql + ")")
                    .orElse(sql)));
            closed = closed.or(() -> other.closed);
            functions.addAll(other.functions);
        }
    }

    /**
     * One table for those whom these policies bind.
     *
     * @param couldGuess whether one whom a policy binds could find out by writing what its tokens stand for
     */
    Rendering render(Table table, BitSet binding, IntPredicate couldGuess) {
        Rendering rendering = new Rendering();
        if (binding.isEmpty()) {
            return rendering;
        }
        Map<Integer, String> maskedBy = new HashMap<>();
        Optional<String> filteredBy = Optional.empty();
        for (Applied applied : table.applied()) {
            if (!binding.get(applied.policy())) {
                continue;
            }
            Policy policy = policies.get(applied.policy());
            switch (policy.effect()) {
                case ColumnMask mask -> {
                    for (Column column : applied.aliases().getOrDefault(mask.onColumn(), List.of())) {
                        String sql = masked(table, policy, applied, mask, column, couldGuess, rendering);
                        String other = rendering.masks.putIfAbsent(column.number(), sql);
                        String otherPolicy = maskedBy.putIfAbsent(column.number(), policy.name());
                        if (other != null && !other.equals(sql)) {
                            rendering.masks.put(column.number(), "NULL");
                            warnings.add("The policies " + otherPolicy + " and " + policy.name() + " both mask "
                                    + table.name() + "." + column.name()
                                    + " for one principal, who reads NULL. Exempt the principal from"
                                    + " one of them.");
                        }
                    }
                }
                case RowFilter filter -> {
                    Call call = filters.computeIfAbsent(applied, each -> expressions.filter(filter, each));
                    switch (call) {
                        case Refused(String why) -> {
                            rendering.closed = Optional.of("policy " + policy.name() + ": " + why);
                            warnings.add("The policy " + policy.name() + " cannot filter " + table.name() + ": " + why
                                    + ". Those whom it binds cannot read the table.");
                        }
                        case Sql sql -> {
                            if (sql.needs() != 0) {
                                rendering.functions.add(sql.needs());
                            }
                            if (rendering.filter.isPresent()
                                    && !rendering.filter.get().equals(sql.text())) {
                                rendering.closed = Optional.of("two row filters");
                                warnings.add("The policies " + filteredBy.orElse("") + " and " + policy.name()
                                        + " both filter " + table.name()
                                        + " for one principal, who cannot read the table. Exempt"
                                        + " the principal from one of them.");
                            }
                            rendering.filter = Optional.of(sql.text());
                            filteredBy = Optional.of(policy.name());
                        }
                    }
                }
            }
        }
        if (table.masking().intersects(binding)) {
            boolean anything = table.maskingAnything().intersects(binding);
            for (Column column : table.relation().columns()) {
                if (table.unclassified().contains(column.number()) && (anything || !column.saysLittle())) {
                    if (rendering.masks.putIfAbsent(column.number(), "NULL") == null) {
                        warnings.add("Nobody has looked at " + table.name() + "." + column.name()
                                + ": it reads NULL for those whom a mask binds. Tag it, or say that it needs no tag.");
                    }
                }
            }
        }
        return rendering;
    }

    private String masked(
            Table table,
            Policy policy,
            Applied applied,
            ColumnMask mask,
            Column column,
            IntPredicate couldGuess,
            Rendering rendering) {
        Call call = masks.computeIfAbsent(applied, each -> new HashMap<>())
                .computeIfAbsent(column, each -> expressions.mask(mask, each, applied));
        return switch (call) {
            case Refused(String why) -> {
                warnings.add("The policy " + policy.name() + " cannot mask " + table.name() + "." + column.name() + ": "
                        + why + ". It reads NULL.");
                yield "NULL";
            }
            case Sql sql
            when sql.keyed() && couldGuess.test(applied.policy()) -> {
                warnings.add("The policy " + policy.name() + " gives tokens for " + table.name() + "." + column.name()
                        + ". To those who may change the table, and to their agents, it reads NULL: by writing guesses they"
                        + " could find out what a token stands for.");
                yield "NULL";
            }
            case Sql sql -> {
                if (sql.needs() != 0) {
                    rendering.functions.add(sql.needs());
                }
                yield sql.text();
            }
        };
    }

    /** What a part hides is not shown through the whole: masks hold there as well, and for rows it is closed. */
    void takeOver(Rendering rendering, Table whole, Table part, Rendering hidden) {
        hidden.masks.forEach((number, sql) -> {
            String name = part.relation().column(number).name();
            whole.relation().columns().stream()
                    .filter(column -> column.name().equals(name))
                    .forEach(column -> {
                        String mask = Expressions.moved(sql, part.relation(), whole.relation())
                                .orElse("NULL");
                        String own = rendering.masks.putIfAbsent(column.number(), mask);
                        if (own != null && !own.equals(mask)) {
                            rendering.masks.put(column.number(), "NULL");
                            warnings.add(part.name() + " is a part of " + whole.name() + " and masks " + name
                                    + " in another way for somebody, who reads NULL there. Set the policy on the whole"
                                    + " table.");
                        }
                    });
        });
        rendering.functions.addAll(hidden.functions);
        boolean rows = hidden.filter.isPresent()
                && !hidden.filter
                        .flatMap(sql -> Expressions.moved(sql, part.relation(), whole.relation()))
                        .equals(rendering.filter);
        if (rendering.closed.isEmpty() && (rows || hidden.closed.isPresent())) {
            rendering.closed = Optional.of("its part " + part.name() + " is closed or hides rows");
            warnings.add(part.name() + ", a part of " + whole.name()
                    + ", is closed to a principal or hides rows, so that the principal cannot read the whole. Set the policy on the"
                    + " whole table.");
        }
    }
}
