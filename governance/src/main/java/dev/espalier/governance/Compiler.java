package dev.espalier.governance;

import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Subject;
import dev.espalier.governance.Frame.Absent;
import dev.espalier.governance.Frame.Filter;
import dev.espalier.governance.Frame.Mask;
import dev.espalier.governance.Frame.Member;
import dev.espalier.governance.Frame.Profile;
import dev.espalier.governance.Frame.RelationAccess;
import dev.espalier.governance.Frame.SchemaAccess;
import dev.espalier.governance.Frame.Unknown;
import dev.espalier.governance.Matches.Future;
import dev.espalier.governance.Matches.Table;
import dev.espalier.governance.Snapshot.Function;
import dev.espalier.governance.TableRenderer.Rendering;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

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

    private final TableRenderer renderer;
    private final Matches matches;
    private final List<Table> tables;
    private final Map<Long, List<Table>> parts;
    private final AbsentNames absentNames;
    private final Map<String, Future> futures = new TreeMap<>();
    private final Map<String, BitSet> to = new HashMap<>();
    private final Map<String, BitSet> except = new HashMap<>();
    private final TreeSet<String> warnings = new TreeSet<>();

    /** Those who share what is compiled for one subject, each with what he himself may. */
    private final List<Side> sharing = new ArrayList<>();

    private Compiler(Rules rules, Snapshot snapshot) {
        this.rules = rules;
        this.snapshot = snapshot;
        policies = rules.policies().stream()
                .sorted(Comparator.comparing(Policy::id))
                .toList();
        renderer = new TableRenderer(policies, new Expressions(rules.catalog(), snapshot), warnings);
        matches = new Matches(rules, policies, snapshot.relations());
        tables = matches.tables();
        parts = Matches.parts(tables);
        absentNames = new AbsentNames(rules, policies, tables);
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

    /**
     * What all who go by a subject's name are shown in a copy of the database, as members of a group; empty for one who is shown everything,
     * as PostgreSQL has it.
     */
    static Optional<Profile> profile(Rules rules, Subject subject, Snapshot snapshot) {
        Compiler compiler = new Compiler(rules, snapshot);
        if (subject.manages() && compiler.binding(subject).isEmpty()) {
            return Optional.empty();
        }
        Privileges.Index index = new Privileges.Index(rules);
        rules.subjects().stream()
                .filter(each -> each.names().contains(subject.name()))
                .forEach(each -> compiler.sharing.addAll(compiler.sides(each, index)));
        List<Side> sides = compiler.sides(subject, index);
        return Optional.of(compiler.profile(sides.stream().map(Side::likeness).toList(), sides));
    }

    /** A subject, or the agent that acts for it: what both may, the two together may. */
    private record Side(BitSet binding, Privileges privileges) {

        boolean bound() {
            return !binding.isEmpty();
        }

        boolean reads(Table table) {
            return isGiven(privileges, table, Privilege.SELECT);
        }

        boolean writes(Table table) {
            return reads(table) && isGiven(privileges, table, Privilege.MODIFY);
        }

        Likeness likeness() {
            return new Likeness(binding, privileges.given());
        }
    }

    /** What makes sides alike. */
    private record Likeness(BitSet policies, Privileges.Given given) {}

    private Frame compile() {
        Privileges.Index index = new Privileges.Index(rules);
        Map<List<Likeness>, Profile> profiles = new HashMap<>();
        SortedMap<String, Profile> byId = new TreeMap<>();
        List<Member> members = new ArrayList<>();
        Set<String> boundNames = new HashSet<>();
        for (Subject subject : rules.subjects().stream()
                .sorted(Comparator.comparing(Subject::name))
                .toList()) {
            if (rules.isEmpty()
                    || (subject.manages()
                            && subject.agent().isEmpty()
                            && binding(subject).isEmpty())) {
                members.add(new Member(subject.name(), Optional.empty()));
                continue;
            }
            List<Side> sides = sides(subject, index);
            if (sides.stream().anyMatch(Side::bound)) {
                boundNames.addAll(subject.names());
            }
            Profile profile = profiles.computeIfAbsent(
                    sides.stream().map(Side::likeness).toList(), likeness -> profile(likeness, sides));
            byId.put(profile.id(), profile);
            members.add(new Member(subject.name(), Optional.of(profile.id())));
        }
        warnOfIdlePolicies();
        warnings.addAll(IdleGrants.warnings(rules.grants(), boundNames));
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

    /** The subject and its agent; one of them alone, where the other takes nothing away. */
    private List<Side> sides(Subject subject, Privileges.Index index) {
        Side own = new Side(binding(subject), index.of(subject));
        if (subject.agent().isEmpty()) {
            return List.of(own);
        }
        Side agents = new Side(
                binding(subject.agent().get()), index.of(subject.agent().get()));
        if (own.likeness().equals(agents.likeness())
                || (!agents.bound() && agents.privileges().areAll())) {
            return List.of(own);
        }
        return !own.bound() && own.privileges().areAll() ? List.of(agents) : List.of(own, agents);
    }

    private Profile profile(List<Likeness> likeness, List<Side> sides) {
        BitSet binding = new BitSet();
        sides.forEach(side -> binding.or(side.binding()));
        boolean bound = !binding.isEmpty();
        List<SchemaAccess> schemas = new ArrayList<>();
        futures.forEach((schema, future) -> {
            boolean reads = all(sides, privileges -> privileges.onAllOf(schema, Privilege.SELECT));
            schemas.add(new SchemaAccess(
                    schema,
                    all(sides, privileges -> privileges.uses(schema)),
                    // Whoever makes a table owns it, and what lies in a schema can stand in the way of other names.
                    !bound && all(sides, privileges -> privileges.onAllOf(schema, Privilege.CREATE_TABLE)),
                    reads,
                    reads && all(sides, privileges -> privileges.onAllOf(schema, Privilege.MODIFY)),
                    unknown(binding, future.masking(), future.maskingAnything()),
                    future.closing().intersects(binding)));
        });
        List<RelationAccess> relations = new ArrayList<>();
        List<Mask> allMasks = new ArrayList<>();
        List<Filter> allFilters = new ArrayList<>();
        TreeSet<Long> functions = new TreeSet<>();
        for (Table table : tables) {
            boolean reads = sides.stream().allMatch(side -> side.reads(table));
            boolean writes = sides.stream().allMatch(side -> side.writes(table));
            Rendering rendering = rendering(table, sides, table);
            for (Table part : parts.getOrDefault(table.relation().id(), List.of())) {
                renderer.takeOver(rendering, table, part, rendering(part, sides, table));
            }
            long id = table.relation().id();
            Unknown unknown = unknown(binding, table.masking(), table.maskingAnything());
            String hash = new Digest()
                    .add(bound, reads, writes, rendering.closed, unknown, rendering.masks, rendering.filter)
                    .hex();
            relations.add(new RelationAccess(id, reads, writes, rendering.closed, unknown, hash));
            rendering.masks.forEach((column, sql) -> allMasks.add(new Mask(id, column, sql)));
            rendering.filter.ifPresent(sql -> allFilters.add(new Filter(id, sql)));
            functions.addAll(rendering.functions);
        }
        for (Function function : snapshot.functions()) {
            if (function.runsAsOwner() && sides.stream().allMatch(side -> executes(side, function))) {
                if (bound && !function.loose().isEmpty()) {
                    warnings.add("Those whom a policy binds cannot call " + function.schema() + "." + function.name()
                            + ", which runs with its owner's rights and " + function.loose() + ".");
                } else {
                    functions.add(function.id());
                }
            }
        }
        List<Absent> absent = absentNames.of(binding);
        Digest digest = new Digest().add(bound, schemas, relations, absent, functions);
        return new Profile(
                id(likeness),
                bound,
                schemas,
                relations,
                allMasks,
                allFilters,
                absent,
                List.copyOf(functions),
                digest.hex());
    }

    /** Those whom a policy binds need a grant on the function itself: it shows what its owner sees. */
    private static boolean executes(Side side, Function function) {
        Privileges privileges = side.privileges();
        return privileges.onFunctionItself(function.schema(), function.name(), Privilege.EXECUTE)
                || (!side.bound() && privileges.onAllOf(function.schema(), Privilege.EXECUTE));
    }

    private static boolean all(List<Side> sides, Predicate<Privileges> may) {
        return sides.stream().allMatch(side -> may.test(side.privileges()));
    }

    /**
     * By any of its names: what is given on the name that people see holds, and a rename takes nothing away. What was given on what has
     * taken its name is not its.
     */
    private static boolean isGiven(Privileges privileges, Table table, Privilege privilege) {
        return table.names().stream()
                .anyMatch(name -> privileges.onTable(name, table.relation().id(), privilege));
    }

    private static Unknown unknown(BitSet binding, BitSet masking, BitSet maskingAnything) {
        if (maskingAnything.intersects(binding)) {
            return Unknown.MASKED;
        }
        return masking.intersects(binding) ? Unknown.MASKED_IF_TELLING : Unknown.SHOWN;
    }

    private String id(List<Likeness> likeness) {
        Digest digest = new Digest().add(rules.catalog());
        for (Likeness side : likeness) {
            digest.add(
                    side.policies().stream()
                            .mapToObj(place -> policies.get(place).id())
                            .toList(),
                    side.given());
        }
        return profileName(digest);
    }

    /** Short enough for names of schemas with that of the tables' schema in them. */
    static String profileName(Digest digest) {
        return "p" + digest.hex().substring(0, ID_DIGITS);
    }

    /** @param whole what it is read and written through, which can be the table itself */
    private Rendering rendering(Table table, List<Side> sides, Table whole) {
        Rendering rendering = new Rendering();
        sides.forEach(side ->
                rendering.narrow(renderer.render(table, side.binding(), policy -> couldGuess(side, whole, policy))));
        return rendering;
    }

    /**
     * Whether somebody whom the policy binds could write guesses and look up the tokens that they get: also the person for whom an agent
     * reads, who writes without it, and one of a group that shares a copy, who writes to what it is made of.
     */
    private boolean couldGuess(Side side, Table table, int policy) {
        return side.writes(table)
                || sharing.stream().anyMatch(each -> each.binding().get(policy) && each.writes(table));
    }

    private void warnOfIdlePolicies() {
        BitSet matching = matches.matching();
        for (int i = matching.nextClearBit(0); i < policies.size(); i = matching.nextClearBit(i + 1)) {
            warnings.add("The policy " + policies.get(i).name()
                    + " matches nothing in this database. Look for a tag that is spelled otherwise.");
        }
    }
}
