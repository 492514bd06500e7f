package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.DefinedPolicy;
import dev.espalier.control.metastore.Grants;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.PolicyDefinition.MatchText;
import dev.espalier.control.metastore.PolicySets;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.metastore.TagAssignments;
import dev.espalier.control.metastore.TagAssignments.Entity;
import dev.espalier.control.request.ControlException;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Policies that are refused, and sets of them. */
class PoliciesTest extends GovernedShop {
    @Test
    void twoMasksOnOneColumnForOnePrincipalAreRefusedWhenTheSecondPolicyIsMade() {
        define(mask());
        PolicyDefinition other = new PolicyDefinition(
                "hide_all",
                Optional.empty(),
                TABLE,
                Set.of("ann"),
                Set.of(),
                "TRUE",
                List.of(new MatchText("any", "has_tag('pii')")),
                new Policy.ColumnMask("system.mask.keep_last", "any", List.of(new Policy.Constant("2"))));
        assertThatThrownBy(() -> define(other))
                .hasMessageContaining("two masks on one column")
                .hasMessageContaining("hide_email")
                .hasMessageContaining("hide_all")
                .hasMessageContaining("databricks_postgres.public.people.email");
        assertThat(test.plane.metastore().policies().list(root, TABLE, false)).isEmpty();
    }

    @Test
    void twoRowFiltersOnOneTableForOnePrincipalAreRefused() {
        PolicyDefinition bern = filter(DATABASE + ".public.in_bern", "c");
        PolicyDefinition city = new PolicyDefinition(
                "one_city",
                Optional.empty(),
                CATALOG,
                Set.of("ann", "bob"),
                Set.of(),
                "TRUE",
                List.of(new MatchText("c", "has_tag('area')")),
                new Policy.RowFilter(
                        "system.mask.is_one_of", List.of(new Policy.Alias("c"), new Policy.Constant("Bern"))));
        Entity here = new Entity(PEOPLE, Optional.of("city"));
        define(bern);
        define(city);
        assertThatThrownBy(() -> tag(here, "area", "home"))
                .hasMessageContaining("two row filters on one table")
                .hasMessageContaining("for ann")
                .hasMessageContaining("databricks_postgres.public.people");
        test.plane.metastore().policies().delete(root, CATALOG, "one_city");
        tag(here, "area", "home");
        assertThatThrownBy(() -> define(city))
                .hasMessageContaining("two row filters on one table")
                .hasMessageContaining("only_bern")
                .hasMessageContaining("one_city");
        define(city.with(Set.of("bob"), Set.of()));
        test.plane.metastore().tagAssignments().delete(root, here, "area");
    }

    @Test
    void aMaskOfAnotherTypeThanTheColumnsIsRefused() {
        Entity id = new Entity(PEOPLE, Optional.of("id"));
        tag(id, "pii", "phone");
        assertThatThrownBy(() -> define(mask("hide_phone", Set.of("analysts"), Set.of(), "phone")))
                .hasMessageContaining(
                        "hide_phone would mask databricks_postgres.public.people.id, which is of type integer")
                .hasMessageContaining("system.mask.redact(value text), which gives text");
        assertThat(test.plane.metastore().policies().list(root, CATALOG, false)).isEmpty();
        test.plane.metastore().tagAssignments().delete(root, id, "pii");
        define(mask("hide_phone", Set.of("analysts"), Set.of(), "phone"));
        // Which reads NULL, and keeps nobody from changing the policy.
        tag(id, "pii", "phone");
        var _ = test.plane
                .metastore()
                .policies()
                .update(root, CATALOG, "hide_phone", policy -> policy.with(policy.to(), Set.of("testers")));
        test.plane.metastore().tagAssignments().delete(root, id, "pii");
    }

    @Test
    void twoMasksOnOneColumnAreRefusedWhenATagIsAssignedOrAMemberJoins() {
        define(mask());
        define(new PolicyDefinition(
                "hide_area",
                Optional.empty(),
                CATALOG,
                Set.of("testers", "ann"),
                Set.of(),
                "TRUE",
                List.of(new MatchText("c", "has_tag('area')")),
                new Policy.ColumnMask("system.mask.keep_last", "c", List.of(new Policy.Constant("2")))));
        assertThatThrownBy(() -> tag(EMAIL, "area", "home"))
                .hasMessageContaining("two masks on one column")
                .hasMessageContaining("for ann");
        test.plane
                .metastore()
                .policies()
                .update(
                        root,
                        CATALOG,
                        "hide_area",
                        policy -> new PolicyDefinition(
                                policy.name(),
                                policy.comment(),
                                policy.on(),
                                Set.of("testers"),
                                Set.of(),
                                policy.when(),
                                policy.match(),
                                policy.effect()));
        tag(EMAIL, "area", "home");
        long bob = test.plane
                .directory()
                .get(test.plane.principals().named("bob").orElseThrow())
                .id();
        assertThatThrownBy(() -> test.plane
                        .directory()
                        .change(
                                root,
                                PrincipalKind.GROUP,
                                analysts.id(),
                                entry -> new Directory.Change(
                                        entry.name(), entry.fullName(), entry.externalId(), true, Set.of(bob))))
                .hasMessageContaining("two masks on one column")
                .hasMessageContaining("for bob");
        test.plane.metastore().policies().delete(root, CATALOG, "hide_area");
        test.plane.metastore().tagAssignments().delete(root, EMAIL, "area");
    }

    @Test
    void nobodyExemptsHimselfNotEvenAnAdministrator() {
        define(mask());
        Principal ann = test.plane.principals().named("ann").orElseThrow();
        Principal boundAdministrator =
                new Principal(ann.id(), ann.kind(), ann.name(), true, Set.of("analysts", Principal.ADMINISTRATORS));
        assertThatThrownBy(() -> test.plane
                        .metastore()
                        .policies()
                        .update(
                                boundAdministrator,
                                CATALOG,
                                "hide_email",
                                policy -> policy.with(policy.to(), Set.of("ann"))))
                .hasMessageContaining("nobody exempts themselves from a policy");
        assertThatThrownBy(() -> test.plane.metastore().policies().delete(boundAdministrator, CATALOG, "hide_email"))
                .hasMessageContaining("nobody exempts themselves from a policy");
        assertThatThrownBy(() -> test.plane.metastore().tagAssignments().delete(boundAdministrator, EMAIL, "pii"))
                .hasMessageContaining("nobody exempts themselves from a policy")
                .hasMessageContaining("people.email");
        assertThatThrownBy(
                        () -> test.plane.metastore().tagAssignments().update(boundAdministrator, EMAIL, "pii", "phone"))
                .hasMessageContaining("nobody exempts themselves from a policy");
        assertThatThrownBy(() -> test.plane
                        .directory()
                        .change(
                                boundAdministrator,
                                PrincipalKind.GROUP,
                                analysts.id(),
                                entry -> new Directory.Change(
                                        entry.name(), entry.fullName(), entry.externalId(), true, Set.of())))
                .hasMessageContaining("nobody exempts themselves from a policy");
        assertThatThrownBy(() -> test.plane.directory().delete(root, PrincipalKind.GROUP, analysts.id()))
                .hasMessageContaining("policies are for it");
        test.plane
                .metastore()
                .policies()
                .update(root, CATALOG, "hide_email", policy -> policy.with(policy.to(), Set.of("testers")));
        long own = test.plane.directory().get(ann).id();
        assertThatThrownBy(() -> test.plane
                        .directory()
                        .change(
                                boundAdministrator,
                                PrincipalKind.GROUP,
                                testers.id(),
                                entry -> new Directory.Change(
                                        entry.name(), entry.fullName(), entry.externalId(), true, Set.of(own))))
                .hasMessageContaining("nobody exempts themselves from a policy");
        // What binds him more, he may do.
        test.plane
                .metastore()
                .policies()
                .update(
                        boundAdministrator,
                        CATALOG,
                        "hide_email",
                        policy -> policy.with(Set.of("analysts", "testers"), Set.of()));
    }

    @Test
    void nobodyWritesAPolicyOverValuesThatAreHiddenFromHim() {
        define(mask());
        grant("ann", CATALOG, Privilege.MANAGE, Privilege.APPLY_TAG);
        Principal ann = test.plane.principals().named("ann").orElseThrow();
        PolicyDefinition guess = probe(
                "has_tag_value('pii', 'email')",
                new Policy.RowFilter(
                        "system.mask.is_one_of",
                        List.of(new Policy.Alias("e"), new Policy.Constant("ann@example.com"))));
        PolicyDefinition oracle = probe(
                "has_tag_value('pii', 'email')",
                new Policy.ColumnMask("system.mask.keep_last", "r", List.of(new Policy.Alias("e"))));
        PolicyDefinition harmless = probe(
                "has_tag_value('pii', 'phone')",
                new Policy.RowFilter(
                        "system.mask.is_one_of", List.of(new Policy.Alias("e"), new Policy.Constant("555"))));
        for (PolicyDefinition policy : List.of(guess, oracle)) {
            assertThatThrownBy(() -> test.plane.metastore().policies().create(ann, policy))
                    .hasMessageContaining("databricks_postgres.public.people.email, which is hidden from ann")
                    .hasMessageContaining("nobody writes a policy over values that are hidden from them");
            assertThatThrownBy(() -> sets().apply(ann, DATABASE, List.of(mask(), policy), OptionalLong.empty()))
                    .hasMessageContaining("nobody writes a policy over values that are hidden from them");
        }
        var made = test.plane.metastore().policies().create(ann, harmless);
        assertThat(made.after()).isPresent();
        assertThatThrownBy(() -> test.plane.metastore().policies().update(ann, CATALOG, "probe", old -> guess))
                .hasMessageContaining("nobody writes a policy over values that are hidden from them");
        // By a tag no more than by a policy.
        var _ = test.plane
                .metastore()
                .policies()
                .update(ann, CATALOG, "probe", old -> probe("has_tag('area')", harmless.effect()));
        Principal tagging =
                new Principal(ann.id(), ann.kind(), ann.name(), true, Set.of("analysts", Principal.ADMINISTRATORS));
        assertThatThrownBy(() -> test.plane.metastore().tagAssignments().create(tagging, EMAIL, "area", "home"))
                .hasMessageContaining("nobody writes a policy over values that are hidden from them");
        // Who sees them may, and what is there already is in nobody's way.
        test.plane.metastore().policies().delete(root, CATALOG, "probe");
        define(guess);
        var _ = sets().apply(ann, DATABASE, List.of(mask(), guess), OptionalLong.empty());
        revoke("ann", CATALOG, Privilege.MANAGE, Privilege.APPLY_TAG);
    }

    @Test
    void whomAPolicyBindsGivesAPolicyNoColumnThatHasNoTag() {
        define(mask());
        grant("ann", CATALOG, Privilege.MANAGE);
        Principal ann = test.plane.principals().named("ann").orElseThrow();
        Policy.RowFilter guess = new Policy.RowFilter(
                "system.mask.is_one_of", List.of(new Policy.Alias("e"), new Policy.Constant("Bern")));
        for (String condition : List.of("NOT has_tag('pii')", "has_tag('area') OR NOT has_tag('area')")) {
            assertThatThrownBy(() -> test.plane.metastore().policies().create(ann, probe(condition, guess)))
                    .as(condition)
                    .hasMessageContaining("gives a policy's function only columns that have a tag");
        }
        var made = test.plane
                .metastore()
                .policies()
                .create(ann, probe("has_tag('area') AND NOT has_tag_value('pii', 'email')", guess));
        assertThat(made.after()).isPresent();
        test.plane.metastore().policies().delete(root, CATALOG, "probe");
        // What is there already is in nobody's way.
        PolicyDefinition without = probe("NOT has_tag('pii')", guess);
        define(without);
        var _ = sets().apply(ann, DATABASE, List.of(mask(), without), OptionalLong.empty());
        revoke("ann", CATALOG, Privilege.MANAGE);
    }

    @Test
    void nobodyTagsAnotherColumnForAMaskThatIsGivenValuesWhichAreHiddenFromHim() {
        define(mask());
        tag(PHONE, "area", "");
        define(new PolicyDefinition(
                "probe",
                Optional.empty(),
                CATALOG,
                Set.of("testers"),
                Set.of(),
                "TRUE",
                List.of(new MatchText("e", "has_tag_value('pii', 'email')"), new MatchText("r", "has_tag('area')")),
                new Policy.ColumnMask("system.mask.keep_last", "r", List.of(new Policy.Alias("e")))));
        grant("ann", CATALOG, Privilege.APPLY_TAG);
        Principal ann = test.plane.principals().named("ann").orElseThrow();
        Principal tagging =
                new Principal(ann.id(), ann.kind(), ann.name(), true, Set.of("analysts", Principal.ADMINISTRATORS));
        Entity city = new Entity(PEOPLE, Optional.of("city"));
        assertThatThrownBy(() -> test.plane.metastore().tagAssignments().create(tagging, city, "area", ""))
                .hasMessageContaining("people.email, which is hidden from ann");
        tag(city, "area", "");
        test.plane.metastore().tagAssignments().delete(root, city, "area");
        test.plane.metastore().tagAssignments().delete(root, PHONE, "area");
        revoke("ann", CATALOG, Privilege.APPLY_TAG);
    }

    private static PolicyDefinition probe(String condition, Policy.Effect effect) {
        return new PolicyDefinition(
                "probe",
                Optional.empty(),
                CATALOG,
                Set.of("testers"),
                Set.of(),
                "TRUE",
                List.of(new MatchText("e", condition), new MatchText("r", "has_tag_value('pii', 'phone')")),
                effect);
    }

    private static PolicySets sets() {
        return test.plane.metastore().policySets();
    }

    private static List<String> names() {
        return sets().get(root, DATABASE).policies().stream()
                .map(policy -> policy.definition().name())
                .toList();
    }

    @Test
    void aSetTakesThePlaceOfAllPoliciesAndWhatStaysTheSameStaysItself() throws SQLException {
        DefinedPolicy email = define(mask()).after().orElseThrow();
        define(mask("gone", Set.of("testers"), Set.of(), "phone"));
        PolicyDefinition phone = mask("hide_phone", Set.of("analysts"), Set.of(), "phone");
        PolicySets.PolicySet before = sets().get(root, DATABASE);
        Changed<PolicySets.PolicySet> applied = sets().apply(
                        root,
                        DATABASE,
                        List.of(phone, mask()),
                        OptionalLong.of(before.catalog().epoch()));
        assertThat(applied.before()).contains(before);
        assertThat(names()).containsExactly("hide_email", "hide_phone");
        assertThat(applied.after().orElseThrow().policies()).contains(email);
        assertThat(seen("production")).isEqualTo("hidden");
        assertThatThrownBy(() -> sets().apply(
                                root,
                                DATABASE,
                                List.of(),
                                OptionalLong.of(before.catalog().epoch())))
                .hasMessageContaining("have changed since");
        sets().apply(root, DATABASE, List.of(), OptionalLong.empty());
        assertThat(names()).isEmpty();
        assertThat(test.admission.admitted.getLast().rules().policies()).isEmpty();
    }

    @Test
    void aProposedSetIsRefusedForTheSameReasonsAndLeavesNothing() {
        define(mask());
        PolicyDefinition phone = mask("hide_phone", Set.of("analysts"), Set.of(), "phone");
        PolicySets.PolicySet before = sets().get(root, DATABASE);
        PolicySets.Proposal proposal = sets().propose(root, DATABASE, List.of(phone));
        assertThat(proposal.rules().policies()).extracting(Policy::name).containsExactly("hide_phone");
        assertThat(proposal.epoch()).isEqualTo(before.catalog().epoch());
        assertThat(sets().get(root, DATABASE)).isEqualTo(before);

        PolicyDefinition other = new PolicyDefinition(
                "other",
                Optional.empty(),
                CATALOG,
                Set.of("analysts"),
                Set.of(),
                "TRUE",
                List.of(new MatchText("c", "has_tag('pii')")),
                new Policy.ColumnMask("system.mask.keep_last", "c", List.of(new Policy.Constant("2"))));
        assertThatThrownBy(() -> sets().propose(root, DATABASE, List.of(phone, other)))
                .hasMessageContaining("two masks on one column");
        assertThatThrownBy(() -> sets().propose(root, DATABASE, List.of(phone, phone)))
                .hasMessageContaining("two policies hide_phone");
        assertThatThrownBy(() -> sets().propose(
                                root, DATABASE, List.of(mask("all", Set.of(Subject.EVERYONE), Set.of(), "email"))))
                .hasMessageContaining("would bind root");
        Principal ann = test.plane.principals().named("ann").orElseThrow();
        Principal boundAdministrator =
                new Principal(ann.id(), ann.kind(), ann.name(), true, Set.of("analysts", Principal.ADMINISTRATORS));
        assertThatThrownBy(() -> sets().propose(boundAdministrator, DATABASE, List.of()))
                .hasMessageContaining("nobody exempts themselves from a policy");
        assertThatThrownBy(() -> sets().propose(steward, DATABASE, List.of(mask())))
                .hasMessageContaining("has neither MANAGE");
        assertThat(sets().get(root, DATABASE)).isEqualTo(before);
    }

    @Test
    void aPolicyOnWhatTheDefaultBranchHasNoMoreIsChangedAndStaysInSets() throws SQLException {
        test.execute("production", """
                CREATE TABLE leads (email text);
                CREATE FUNCTION cut(v text) RETURNS text LANGUAGE sql IMMUTABLE RETURN left(v, 1)
                """);
        Securable leads = new Securable(SecurableType.TABLE, SecurableName.of(DATABASE, "public", "leads"));
        PolicyDefinition cut = onLeads("cut", leads, DATABASE + ".public.cut");
        define(cut);
        test.execute("production", "DROP TABLE leads; DROP FUNCTION cut");

        DefinedPolicy changed = test.plane
                .metastore()
                .policies()
                .update(root, leads, "cut", policy -> policy.with(policy.to(), Set.of("testers")))
                .after()
                .orElseThrow();
        List<PolicyDefinition> exported = sets().get(root, DATABASE).policies().stream()
                .map(DefinedPolicy::definition)
                .toList();
        assertThat(exported).containsExactly(changed.definition());
        sets().propose(root, DATABASE, exported);
        sets().apply(root, DATABASE, exported, OptionalLong.empty());
        assertThat(sets().get(root, DATABASE).policies()).containsExactly(changed);

        PolicyDefinition renamed = onLeads("other", leads, DATABASE + ".public.cut");
        assertThatThrownBy(() -> sets().propose(root, DATABASE, List.of(renamed)))
                .hasMessageContaining("there is no table " + leads.name());
        PolicyDefinition nothing = onLeads("cut", leads, DATABASE + ".public.nothing");
        assertThatThrownBy(() -> sets().propose(root, DATABASE, List.of(nothing)))
                .hasMessageContaining("there is no function");
        test.plane.metastore().policies().delete(root, leads, "cut");
    }

    private static PolicyDefinition onLeads(String name, Securable leads, String function) {
        return new PolicyDefinition(
                name,
                Optional.empty(),
                leads,
                Set.of("analysts"),
                Set.of(),
                "TRUE",
                List.of(new MatchText("c", "has_tag('area')")),
                new Policy.ColumnMask(function, "c", List.of()));
    }

    @Test
    void whomAPolicyBindsDoesNotGiveHimselfFunctionsThatRunWithTheirOwnersRights() throws SQLException {
        define(mask());
        Principal ann = test.plane.principals().named("ann").orElseThrow();
        Principal boundAdministrator =
                new Principal(ann.id(), ann.kind(), ann.name(), true, Set.of("analysts", Principal.ADMINISTRATORS));
        test.execute("production", "CREATE FUNCTION public.own_mask(v text) RETURNS text LANGUAGE sql RETURN v");
        Securable function =
                new Securable(SecurableType.FUNCTION, SecurableName.of("databricks_postgres", "public", "own_mask"));
        for (String to : List.of("ann", "analysts", Subject.EVERYONE)) {
            assertThatThrownBy(() -> give(boundAdministrator, function, to))
                    .as(to)
                    .hasMessageContaining("nobody exempts themselves from a policy")
                    .hasMessageContaining("own_mask");
        }
        give(boundAdministrator, function, "testers");
        long own = test.plane.directory().get(ann).id();
        assertThatThrownBy(() -> test.plane
                        .directory()
                        .change(
                                boundAdministrator,
                                PrincipalKind.GROUP,
                                testers.id(),
                                entry -> new Directory.Change(
                                        entry.name(), entry.fullName(), entry.externalId(), true, Set.of(own))))
                .hasMessageContaining("nobody exempts themselves from a policy");
        give(root, function, "ann");
        // What he has already, he keeps.
        give(boundAdministrator, function, "ann");
    }

    private void give(Principal who, Securable on, String to) {
        var _ = test.plane
                .metastore()
                .grants()
                .update(who, on, List.of(new Grants.Change(to, Set.of(Privilege.EXECUTE), Set.of())));
    }

    @Test
    void nobodyMakesAPolicyThatLocksHimselfOut() {
        assertThatThrownBy(() -> define(mask("all", Set.of(Subject.EVERYONE), Set.of(), "email")))
                .hasMessageContaining("would bind root")
                .hasMessageContaining("except_principals");
        define(mask("all", Set.of(Subject.EVERYONE), Set.of("admins"), "email"));
    }

    @Test
    void aPolicyThatMatchesNothingIsMadeAndReported() {
        Changed<DefinedPolicy> made = define(new PolicyDefinition(
                "later",
                Optional.empty(),
                CATALOG,
                Set.of("analysts"),
                Set.of(),
                "has_tag('area')",
                List.of(new MatchText("c", "has_tag('pii')")),
                new Policy.ColumnMask("system.mask.redact", "c", List.of())));
        assertThat(made.warnings()).singleElement().asString().contains("matches nothing now");
    }

    @Test
    void aPolicyIsReportedThatNothingMatchesAnyMoreSinceATagHasChanged() {
        define(mask());
        TagAssignments tags = test.plane.metastore().tagAssignments();
        String report = "the policy hide_email matches nothing now";
        assertThat(tags.update(root, EMAIL, "pii", "phone").warnings())
                .singleElement()
                .asString()
                .startsWith(report);
        assertThat(tags.delete(root, PHONE, "pii").warnings())
                .as("it has matched nothing before")
                .isEmpty();
        assertThat(tags.set(root, EMAIL, Map.of("pii", "email")).warnings()).isEmpty();
        tag(PHONE, "pii", "email");
        assertThat(tags.delete(root, PHONE, "pii").warnings())
                .as("it matches another column yet")
                .isEmpty();
        assertThat(tags.unset(root, EMAIL, List.of("pii")).warnings())
                .singleElement()
                .asString()
                .startsWith(report);
        tag(EMAIL, "pii", "email");
        tag(PHONE, "pii", "phone");
    }

    @Test
    void namesInAPolicyMustBeThere() {
        PolicyDefinition good = mask();
        assertThatThrownBy(() -> define(good.with(Set.of("nobody"), Set.of())))
                .hasMessageContaining("there is no principal \"nobody\"");
        assertThatThrownBy(() -> define(good.with(Set.of(), Set.of()))).hasMessageContaining("would bind nobody");
        assertThatThrownBy(() -> define(filter(DATABASE + ".public.in_bern", "other")))
                .hasMessageContaining("match_columns has no such alias");
        assertThatThrownBy(() -> define(filter("system.mask.redact", "c"))).isInstanceOf(ControlException.class);
        define(good);
        assertThatThrownBy(() -> define(good)).hasMessageContaining("already");
        assertThatThrownBy(() -> tag(new Entity(PEOPLE, Optional.of("emial")), "pii", "email"))
                .hasMessageContaining("there is no column")
                .hasMessageContaining("email");
        assertThatThrownBy(() -> tag(EMAIL, "pii", "iban")).hasMessageContaining("has no value");
        assertThatThrownBy(() -> tag(EMAIL, "pii", "phone")).hasMessageContaining("already");
        assertThatThrownBy(() -> test.plane.metastore().governedTags().delete(root, "pii"))
                .hasMessageContaining("in use")
                .hasMessageContaining("hide_email");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            has_tag('pii')               | system.mask.nothing   | there is no function system.mask.nothing
            has_tag('pii')               | system.mask.is_one_of | tells rows apart, and masks no column
            has_tag('pii')               | system.mask.keep_last | takes system.mask.keep_last(value text, count integer)
            has_tag('nonsense')          | system.mask.redact    | there is no governed tag nonsense
            has_tag_value('pii', 'iban') | system.mask.redact    | has no value
            has_tag('pii'                | system.mask.redact    | cannot be read at character 14
            has_tags('pii')              | system.mask.redact    | cannot be read at character 1
            has_tag('pii') AND           | system.mask.redact    | the end
            has_tag('pii                 | system.mask.redact    | never ends
            has_tag('pii')               | databricks_postgres.public.nothing | there is no function
            has_tag('pii')               | databricks_postgres.public.loose   | is volatile
            has_tag('pii')               | other.public.f        | lies in another catalog
            """)
    void aPolicyThatMeansNothingIsRefused(String condition, String function, String message) {
        PolicyDefinition wrong = new PolicyDefinition(
                "wrong",
                Optional.empty(),
                CATALOG,
                Set.of("analysts"),
                Set.of(),
                "TRUE",
                List.of(new MatchText("c", condition)),
                new Policy.ColumnMask(function, "c", List.of()));
        assertThatThrownBy(() -> define(wrong))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining(message);
    }
}
