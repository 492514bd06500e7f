package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.metastore.ColumnName;
import dev.espalier.control.metastore.Condition;
import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.Constant;
import dev.espalier.control.metastore.Policy.Match;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.Subject;
import dev.espalier.governance.Frame.Mask;
import dev.espalier.governance.Frame.Profile;
import dev.espalier.governance.Snapshot.Column;
import dev.espalier.governance.Snapshot.Relation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CompilerTest {

    private static final Securable CATALOG = new Securable(SecurableType.CATALOG, SecurableName.of("c"));

    private static Relation table(long id, String name, String... columns) {
        List<Column> all = new ArrayList<>();
        for (String column : columns) {
            all.add(new Column(all.size() + 1, column, column, "text", "S", false));
        }
        return new Relation(id, "s", name, 'r', "s", name, List.of(), true, all, List.of());
    }

    private static Policy mask(
            String name, String group, Condition when, Condition match, String function, String... constants) {
        return new Policy(
                "id-" + name,
                name,
                Optional.empty(),
                CATALOG,
                Set.of(group),
                Set.of(),
                when,
                List.of(new Match("x", match)),
                new ColumnMask(
                        function,
                        "x",
                        java.util.Arrays.stream(constants)
                                .<Policy.Argument>map(Constant::new)
                                .toList()));
    }

    private static Rules rules(List<Policy> policies, Map<ColumnName, Map<String, String>> tags, Subject... subjects) {
        Set<ColumnName> classified = new HashSet<>();
        for (String column : new String[] {"a", "b"}) {
            classified.add(new ColumnName("c", "s", "t", column));
        }
        return new Rules(
                1,
                "c",
                List.of(
                        new Grant(CATALOG, "g", Privilege.USE_CATALOG),
                        new Grant(CATALOG, "g", Privilege.USE_SCHEMA),
                        new Grant(CATALOG, "g", Privilege.SELECT)),
                Map.of(SecurableName.of("c", "s"), Map.of("zone", "eu")),
                tags,
                classified,
                policies,
                List.of(subjects));
    }

    private static final Snapshot ONE = new Snapshot(List.of("s"), List.of(table(1, "t", "a", "b")), List.of());
    private static final Map<ColumnName, Map<String, String>> TAGGED =
            Map.of(new ColumnName("c", "s", "t", "a"), Map.of("pii", "x"));

    @Test
    void aConstantCannotLeaveItsQuotesNorStandForAColumn() {
        Frame frame = Compiler.compile(
                rules(
                        List.of(mask(
                                "m",
                                "g",
                                new Condition.Always(),
                                new Condition.HasTag("pii"),
                                "system.mask.partial",
                                "1",
                                "'||(SELECT 1)||'\\'{2}",
                                "0")),
                        TAGGED,
                        new Subject("p", Set.of("g"), false)),
                ONE);
        assertThat(frame.profiles().getFirst().masks())
                .containsExactly(
                        new Mask(
                                1,
                                1,
                                "espalier_mask.partial({1}::text, E'1'::integer, E'\\'||(SELECT 1)||\\'\\\\\\'\\x7b2\\x7d'::text, E'0'::integer)"));
    }

    @Test
    void tagsOfTheSchemaAreInheritedAndConditionsOnThemHold() {
        Condition eu = new Condition.HasTagValue("zone", "eu");
        Subject subject = new Subject("p", Set.of("g"), false);
        assertThat(masks(rules(
                        List.of(mask("m", "g", eu, new Condition.HasTag("pii"), "system.mask.redact")),
                        TAGGED,
                        subject)))
                .hasSize(1);
        assertThat(masks(rules(
                        List.of(mask(
                                "m", "g", new Condition.Not(eu), new Condition.HasTag("pii"), "system.mask.redact")),
                        TAGGED,
                        subject)))
                .isEmpty();
    }

    @Test
    void twoMasksOnOneColumnReadNullAndAreTold() {
        List<Policy> two = List.of(
                mask("one", "g", new Condition.Always(), new Condition.HasTag("pii"), "system.mask.redact"),
                mask("two", "g", new Condition.Always(), new Condition.HasTag("pii"), "system.mask.name"));
        Frame frame = Compiler.compile(rules(two, TAGGED, new Subject("p", Set.of("g"), false)), ONE);
        assertThat(frame.profiles().getFirst().masks()).containsExactly(new Mask(1, 1, "NULL"));
        assertThat(frame.warnings()).anyMatch(warning -> warning.contains("one and two both mask c.s.t.a"));
    }

    @Test
    void aProfileKeepsItsNameWhileItsPoliciesChangeAndASpellingErrorIsTold() {
        Subject subject = new Subject("p", Set.of("g"), false);
        Policy before = mask("m", "g", new Condition.Always(), new Condition.HasTag("pii"), "system.mask.redact");
        Policy after = mask("m", "g", new Condition.Always(), new Condition.HasTag("pii"), "system.mask.name");
        Profile first = Compiler.compile(rules(List.of(before), TAGGED, subject), ONE)
                .profiles()
                .getFirst();
        Profile second = Compiler.compile(rules(List.of(after), TAGGED, subject), ONE)
                .profiles()
                .getFirst();
        assertThat(second.id()).isEqualTo(first.id()).matches("p[0-9a-f]{10}");
        assertThat(second.hash()).isNotEqualTo(first.hash());
        Policy misspelt = mask("m", "g", new Condition.Always(), new Condition.HasTag("pij"), "system.mask.name");
        assertThat(Compiler.compile(rules(List.of(misspelt), TAGGED, subject), ONE)
                        .warnings())
                .anyMatch(warning -> warning.contains("m matches nothing"));
    }

    @Test
    void subjectsWithTheSameRulesShareAProfileAndWhoManagesUnboundHasNone() {
        Frame frame = Compiler.compile(
                rules(
                        List.of(mask(
                                "m", "g", new Condition.Always(), new Condition.HasTag("pii"), "system.mask.redact")),
                        TAGGED,
                        new Subject("one", Set.of("g"), false),
                        new Subject("two", Set.of("g", "other"), false),
                        new Subject("boss", Set.of(), true),
                        new Subject("bound boss", Set.of("g"), true)),
                ONE);
        assertThat(frame.profiles()).hasSize(2);
        Map<String, Optional<String>> by = new HashMap<>();
        frame.members().forEach(member -> by.put(member.principal(), member.profile()));
        assertThat(by.get("one")).isEqualTo(by.get("two")).isPresent();
        assertThat(by.get("boss")).isEmpty();
        assertThat(by.get("bound boss")).isPresent().isNotEqualTo(by.get("one"));
    }

    @Test
    void subjectsWhoAreGivenThingsThatAreWrittenAlikeShareNoProfile() {
        Relation inDotted = new Relation(1, "a.b", "c", 'r', "a.b", "c", List.of(), true, List.of(), List.of());
        Relation dotted = new Relation(2, "a", "b.c", 'r', "a", "b.c", List.of(), true, List.of(), List.of());
        Rules rules = new Rules(
                1,
                "c",
                List.of(
                        new Grant(CATALOG, "g", Privilege.USE_CATALOG),
                        new Grant(CATALOG, "g", Privilege.USE_SCHEMA),
                        new Grant(
                                new Securable(SecurableType.TABLE, SecurableName.of("c", "a.b", "c")),
                                "p",
                                Privilege.SELECT),
                        new Grant(
                                new Securable(SecurableType.TABLE, SecurableName.of("c", "a", "b.c")),
                                "q",
                                Privilege.SELECT)),
                Map.of(),
                Map.of(),
                Set.of(),
                List.of(),
                List.of(new Subject("p", Set.of("g"), false), new Subject("q", Set.of("g"), false)));

        Frame frame = Compiler.compile(rules, new Snapshot(List.of("a.b", "a"), List.of(inDotted, dotted), List.of()));

        assertThat(frame.profiles()).hasSize(2);
        assertThat(readBy("p", frame)).containsExactly(1L);
        assertThat(readBy("q", frame)).containsExactly(2L);
    }

    private static List<Long> readBy(String principal, Frame frame) {
        Optional<String> id = frame.members().stream()
                .filter(member -> member.principal().equals(principal))
                .findFirst()
                .orElseThrow()
                .profile();
        return frame.profiles().stream()
                .filter(profile -> id.filter(profile.id()::equals).isPresent())
                .flatMap(profile -> profile.relations().stream())
                .filter(Frame.RelationAccess::reads)
                .map(Frame.RelationAccess::relation)
                .toList();
    }

    @Test
    void absentTablesThatAreWrittenAlikeAreBothHidden() {
        Subject subject = new Subject("p", Set.of("g"), false);
        Map<ColumnName, Map<String, String>> tagged = Map.of(
                new ColumnName("c", "a.b", "c", "x"),
                Map.of("pii", "x"),
                new ColumnName("c", "a", "b.c", "y"),
                Map.of("pii", "x"));
        Policy policy = mask("m", "g", new Condition.Always(), new Condition.HasTag("pii"), "system.mask.redact");

        Frame frame = Compiler.compile(rules(List.of(policy), tagged, subject), ONE);

        assertThat(frame.profiles().getFirst().absent())
                .contains(new Frame.Absent("a.b", "c", "x"), new Frame.Absent("a", "b.c", "y"));
    }

    @Test
    void tokensAreNotForThoseWhoMayWriteTheColumn() {
        Policy token = mask("m", "g", new Condition.Always(), new Condition.HasTag("pii"), "system.mask.token");
        Rules reading = rules(List.of(token), TAGGED, new Subject("p", Set.of("g"), false));
        assertThat(masks(reading)).singleElement().asString().contains("espalier_mask.token(");
        Rules writing = rules(List.of(token), TAGGED, new Subject("p", Set.of("g"), true));
        assertThat(masks(writing)).containsExactly("NULL");
    }

    @Test
    void tokensAreNotForAnAgentWhosePersonMayWriteTheColumn() {
        Policy token = mask("m", "g", new Condition.Always(), new Condition.HasTag("pii"), "system.mask.token");
        Optional<Subject> agent = Optional.of(new Subject("claude", Set.of("g"), false));
        assertThat(masks(rules(List.of(token), TAGGED, new Subject("p", Set.of("g"), true, agent))))
                .containsExactly("NULL");
        assertThat(masks(rules(List.of(token), TAGGED, new Subject("p", Set.of(), true, agent))))
                .as("whom the policy does not bind reads the values themselves")
                .singleElement()
                .asString()
                .contains("espalier_mask.token(");
    }

    @Test
    void tokensAreNotInWhatIsMaskedForAGroupIfOneOfItMayWriteTheColumn() {
        Policy token = mask("m", "g", new Condition.Always(), new Condition.HasTag("pii"), "system.mask.token");
        Policy exempting = new Policy(
                token.id(),
                token.name(),
                token.comment(),
                token.on(),
                token.to(),
                Set.of("pii readers"),
                token.when(),
                token.match(),
                token.effect());
        Subject group = new Subject("g", Set.of(), false);
        Subject reader = new Subject("reader", Set.of("g"), false);
        Subject writer = new Subject("writer", Set.of("g"), true);
        Subject exempt = new Subject("exempt", Set.of("g", "pii readers"), true);
        Subject stranger = new Subject("stranger", Set.of(), true);
        Subject agents = new Subject("agents", Set.of(), false, Optional.of(writer));

        assertThat(masks(rules(List.of(token), TAGGED, reader, writer), group)).containsExactly("NULL");
        assertThat(masks(
                        rules(List.of(token), TAGGED, new Subject("p", Set.of("g"), false, Optional.of(writer))),
                        group))
                .as("an agent that writes what it reads as tokens")
                .containsExactly("NULL");
        assertThat(masks(rules(List.of(exempting), TAGGED, reader, exempt, stranger, agents), group))
                .as("others, and whom the policy does not bind")
                .singleElement()
                .asString()
                .contains("espalier_mask.token(");
    }

    @Test
    void tenThousandPoliciesAndAThousandSubjectsCompileInFiveSeconds() {
        List<Relation> relations = new ArrayList<>();
        Map<ColumnName, Map<String, String>> tags = new HashMap<>();
        for (int t = 0; t < 200; t++) {
            String[] columns = new String[10];
            for (int c = 0; c < 10; c++) {
                columns[c] = "c" + c;
                tags.put(new ColumnName("c", "s", "t" + t, "c" + c), Map.of("k" + (t * 10 + c) % 500, "v" + c));
            }
            relations.add(table(t + 1, "t" + t, columns));
        }
        List<Policy> policies = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            policies.add(mask(
                    "m" + i,
                    "g" + i % 300,
                    new Condition.Always(),
                    new Condition.HasTag("k" + i % 600),
                    "system.mask.redact"));
        }
        List<Subject> subjects = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            subjects.add(new Subject("p" + i, new HashSet<>(List.of("g", "g" + i % 300, "g" + i * 7 % 300)), false));
        }
        Rules rules = new Rules(
                1,
                "c",
                List.of(new Grant(CATALOG, "g", Privilege.ALL_PRIVILEGES)),
                Map.of(),
                tags,
                Set.of(),
                policies,
                subjects);
        Snapshot snapshot = new Snapshot(List.of("s"), relations, List.of());
        // The processor's time, because others may be at work on the machine.
        var threads = java.lang.management.ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        Frame frame = Compiler.compile(rules, snapshot);
        assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(frame.profiles()).hasSizeGreaterThan(200);
        assertThat(Compiler.compile(rules, snapshot).hash()).isEqualTo(frame.hash());
    }

    /** What a copy is masked by for all who go by the subject's name. */
    private static List<String> masks(Rules rules, Subject subject) {
        return Compiler.profile(rules, subject, ONE).orElseThrow().masks().stream()
                .map(Mask::expression)
                .toList();
    }

    private static List<String> masks(Rules rules) {
        return Compiler.compile(rules, ONE).profiles().getFirst().masks().stream()
                .map(Mask::expression)
                .toList();
    }
}
