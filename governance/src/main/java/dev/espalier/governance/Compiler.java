package dev.espalier.governance;

import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.RowFilter;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Subject;
import dev.espalier.governance.Expressions.Call;
import dev.espalier.governance.Expressions.Refused;
import dev.espalier.governance.Expressions.Sql;
import dev.espalier.governance.Frame.Filter;
import dev.espalier.governance.Frame.Mask;
import dev.espalier.governance.Frame.Member;
import dev.espalier.governance.Frame.Profile;
import dev.espalier.governance.Frame.RelationAccess;
import dev.espalier.governance.Frame.SchemaAccess;
import dev.espalier.governance.Frame.Unknown;
import dev.espalier.governance.Matches.Applied;
import dev.espalier.governance.Matches.Future;
import dev.espalier.governance.Matches.Table;
import dev.espalier.governance.Snapshot.Column;
import dev.espalier.governance.Snapshot.Function;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Compiles rules for one database. The same rules and the same snapshot always give the same frame, and nothing else is looked
 * at. What cannot be compiled is shown to nobody whom it was for, and told as a warning.
 */
final class Compiler {

    private static final int ID_DIGITS = 10;

    private final Rules rules;
    private final Snapshot snapshot;
    /** By id: places in it are stable as long as no policy comes or goes. */
    private final List<Policy> policies;

    private final Expressions expressions;
    private final Matches matches;
    private final List<Table> tables;
    private final Map<String, Future> futures = new TreeMap<>();
    private final Map<String, BitSet> to = new HashMap<>();
    private final Map<String, BitSet> except = new HashMap<>();
    private final TreeSet<String> warnings = new TreeSet<>();
    /** Calls do not depend on the profile. The keys are looked up by what they are, not by what they hold. */
    private final IdentityHashMap<Applied, Map<Column, Call>> masks = new IdentityHashMap<>();

    private final IdentityHashMap<Applied, Call> filters = new IdentityHashMap<>();

    private Compiler(Rules rules, Snapshot snapshot) {
        this.rules = rules;
        this.snapshot = snapshot;
        policies = rules.policies().stream()
                .sorted(Comparator.comparing(Policy::id))
                .toList();
        expressions = new Expressions(rules.catalog(), snapshot);
        matches = new Matches(rules, policies);
        tables = matches.tables(snapshot.relations());
        for (String schema : snapshot.schemas()) {
            futures.put(schema, matches.future(schema));
        }
        futures.put("", matches.future(""));
        for (int i = 0; i < policies.size(); i++) {
            for (String name : policies.get(i).to()) {
                to.computeIfAbsent(name, each -> new BitSet()).set(i);
            }
            for (String name : policies.get(i).except()) {
                except.computeIfAbsent(name, each -> new BitSet()).set(i);
            }
        }
    }

    static Frame compile(Rules rules, Snapshot snapshot) {
        return new Compiler(rules, snapshot).compile();
    }

    /** What makes subjects alike. */
    private record Likeness(BitSet policies, String privileges) {}

    private Frame compile() {
        Privileges.Index index = new Privileges.Index(rules);
        Map<Likeness, Profile> profiles = new HashMap<>();
        SortedMap<String, Profile> byId = new TreeMap<>();
        List<Member> members = new ArrayList<>();
        for (Subject subject : rules.subjects().stream()
                .sorted(Comparator.comparing(Subject::name))
                .toList()) {
            BitSet binding = binding(subject);
            if (rules.isEmpty() || (subject.manages() && binding.isEmpty())) {
                members.add(new Member(subject.name(), Optional.empty()));
                continue;
            }
            Privileges privileges = index.of(subject, subject.manages());
            Profile profile = profiles.computeIfAbsent(
                    new Likeness(binding, privileges.key()), likeness -> profile(likeness, privileges));
            byId.put(profile.id(), profile);
            members.add(new Member(subject.name(), Optional.of(profile.id())));
        }
        warnOfIdlePolicies();
        Digest digest = new Digest().add(rules.catalog());
        byId.values().forEach(profile -> digest.add(profile.id(), profile.hash()));
        members.forEach(member -> digest.add(member.principal(), member.profile()));
        return new Frame(
                rules.catalog(),
                rules.epoch(),
                List.copyOf(byId.values()),
                members,
                List.copyOf(warnings),
                digest.hex());
    }

    private BitSet binding(Subject subject) {
        BitSet binding = new BitSet();
        for (String name : subject.names()) {
            BitSet some = to.get(name);
            if (some != null) {
                binding.or(some);
            }
        }
        for (String name : subject.names()) {
            BitSet some = except.get(name);
            if (some != null) {
                binding.andNot(some);
            }
        }
        return binding;
    }

    private Profile profile(Likeness likeness, Privileges privileges) {
        BitSet binding = likeness.policies();
        boolean bound = !binding.isEmpty();
        List<SchemaAccess> schemas = new ArrayList<>();
        futures.forEach((schema, future) -> {
            boolean reads = privileges.onAllOf(schema, Privilege.SELECT);
            schemas.add(new SchemaAccess(
                    schema,
                    privileges.uses(schema),
                    // Whoever makes a table owns it, and what lies in a schema can stand in the way of other names.
                    !bound && privileges.onAllOf(schema, Privilege.CREATE_TABLE),
                    reads,
                    reads && privileges.onAllOf(schema, Privilege.MODIFY),
                    unknown(binding, future.masking(), future.maskingAnything()),
                    future.closing().intersects(binding)));
        });
        List<RelationAccess> relations = new ArrayList<>();
        List<Mask> allMasks = new ArrayList<>();
        List<Filter> allFilters = new ArrayList<>();
        TreeSet<Long> functions = new TreeSet<>();
        for (Table table : tables) {
            boolean reads = privileges.onTable(table.name(), Privilege.SELECT);
            boolean writes = reads && privileges.onTable(table.name(), Privilege.MODIFY);
            Rendering rendering = render(table, binding, writes);
            long id = table.relation().id();
            relations.add(new RelationAccess(
                    id, reads, writes, rendering.closed, unknown(binding, table.masking(), table.maskingAnything())));
            rendering.masks.forEach((column, sql) -> allMasks.add(new Mask(id, column, sql)));
            rendering.filter.ifPresent(sql -> allFilters.add(new Filter(id, sql)));
            functions.addAll(rendering.functions);
        }
        for (Function function : snapshot.functions()) {
            if (function.runsAsOwner() && executes(privileges, function, bound)) {
                if (bound && !function.pinned()) {
                    warnings.add("Those whom a policy binds cannot call " + function.schema() + "." + function.name()
                            + ", which runs with its owner's rights and finds what it names by the caller's search_path:"
                            + " ALTER FUNCTION ... SET search_path = " + function.schema() + ", pg_temp.");
                } else {
                    functions.add(function.id());
                }
            }
        }
        Digest digest = new Digest().add(bound, schemas, relations, allMasks, allFilters, functions);
        return new Profile(
                id(likeness), bound, schemas, relations, allMasks, allFilters, List.copyOf(functions), digest.hex());
    }

    /** Those whom a policy binds need a grant on the function itself: it shows what its owner sees. */
    private static boolean executes(Privileges privileges, Function function, boolean bound) {
        return privileges.onFunctionItself(function.schema(), function.name(), Privilege.EXECUTE)
                || (!bound && privileges.onAllOf(function.schema(), Privilege.EXECUTE));
    }

    private static Unknown unknown(BitSet binding, BitSet masking, BitSet maskingAnything) {
        if (maskingAnything.intersects(binding)) {
            return Unknown.MASKED;
        }
        return masking.intersects(binding) ? Unknown.MASKED_IF_TELLING : Unknown.SHOWN;
    }

    private String id(Likeness likeness) {
        Digest digest = new Digest().add(rules.catalog());
        likeness.policies().stream()
                .forEach(place -> digest.add(policies.get(place).id()));
        return "p" + digest.add("", likeness.privileges()).hex().substring(0, ID_DIGITS);
    }

    /** A relation as a profile sees it. */
    private static final class Rendering {
        private final SortedMap<Integer, String> masks = new TreeMap<>();
        private Optional<String> filter = Optional.empty();
        private Optional<String> closed = Optional.empty();
        private final TreeSet<Long> functions = new TreeSet<>();
    }

    private Rendering render(Table table, BitSet binding, boolean writes) {
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
                        String sql = masked(table, policy, applied, mask, column, writes, rendering);
                        String other = rendering.masks.putIfAbsent(column.number(), sql);
                        String otherPolicy = maskedBy.putIfAbsent(column.number(), policy.name());
                        if (other != null && !other.equals(sql)) {
                            rendering.masks.put(column.number(), "NULL");
                            warnings.add("The policies " + otherPolicy + " and " + policy.name() + " both mask "
                                    + table.name() + "." + column.name()
                                    + " for somebody, who reads NULL. Leave him out of"
                                    + " one of them.");
                        }
                    }
                }
                case RowFilter filter -> {
                    Call call = filters.computeIfAbsent(applied, each -> expressions.filter(filter, each.aliases()));
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
                                        + " for somebody, who cannot read the table. Leave"
                                        + " him out of one of them.");
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
            boolean writes,
            Rendering rendering) {
        Call call = masks.computeIfAbsent(applied, each -> new HashMap<>())
                .computeIfAbsent(column, each -> expressions.mask(mask, each, applied.aliases()));
        return switch (call) {
            case Refused(String why) -> {
                warnings.add("The policy " + policy.name() + " cannot mask " + table.name() + "." + column.name() + ": "
                        + why + ". It reads NULL.");
                yield "NULL";
            }
            case Sql sql
            when sql.keyed() && writes -> {
                warnings.add("The policy " + policy.name() + " gives tokens for " + table.name() + "." + column.name()
                        + ". To those who may change the table it reads NULL: by writing guesses they could find out what a"
                        + " token stands for.");
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

    private void warnOfIdlePolicies() {
        BitSet matching = matches.matching();
        for (int i = matching.nextClearBit(0); i < policies.size(); i = matching.nextClearBit(i + 1)) {
            warnings.add("The policy " + policies.get(i).name()
                    + " matches nothing in this database. Look for a tag that is spelled otherwise.");
        }
    }
}
