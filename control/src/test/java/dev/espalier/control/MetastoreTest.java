package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.DefinedPolicy;
import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Grants;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.PolicyDefinition.MatchText;
import dev.espalier.control.metastore.PolicySets;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableNames;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.metastore.TagAssignments.Entity;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import dev.espalier.storage.Backend;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What governs catalogs, and that no branch is open that is not under it. */
class MetastoreTest {

    private static final String DATABASE = "databricks_postgres";
    private static final SecurableName PEOPLE = SecurableName.of(DATABASE, "public", "people");
    private static final Securable CATALOG = SecurableNames.parse(SecurableType.CATALOG, DATABASE);
    private static final Securable TABLE = new Securable(SecurableType.TABLE, PEOPLE);
    private static final Entity EMAIL = new Entity(PEOPLE, Optional.of("email"));
    private static final Entity PHONE = new Entity(PEOPLE, Optional.of("phone"));
    private static final String MASKED = "SELECT coalesce(min(email), 'hidden') FROM espalier_seen.people";

    @TempDir
    static Path directory;

    private static TestPlane test;
    private static Principal root;
    private static Principal steward;
    private static Directory.Entry analysts;
    private static Directory.Entry testers;

    @BeforeAll
    static void start() throws SQLException {
        test = TestPlane.start(directory, Backend.COPY);
        test.plane.principals().addAdministrator("root-id", "root", "none");
        root = test.plane.principals().named("root").orElseThrow();
        user("ann");
        user("bob");
        user("steward");
        analysts = group("analysts", "ann");
        testers = group("testers", "bob");
        steward = test.plane.principals().named("steward").orElseThrow();
        test.succeed(test.plane.projects().create(CALLER, "shop", PLAIN));
        test.plane
                .access()
                .change(
                        root,
                        "shop",
                        List.of(
                                new AccessLists.Wanted("ann", Optional.empty(), Permission.CAN_USE),
                                new AccessLists.Wanted("bob", Optional.empty(), Permission.CAN_MANAGE),
                                new AccessLists.Wanted("steward", Optional.empty(), Permission.CAN_USE)),
                        false);
        test.execute("production", """
                CREATE TABLE people (id int, email text, phone text, city text);
                INSERT INTO people VALUES (1, 'ann@example.com', '555', 'Bern');
                CREATE VIEW cities AS SELECT city FROM people;
                CREATE FUNCTION in_bern(c text) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN c = 'Bern';
                CREATE FUNCTION loose(c text) RETURNS boolean LANGUAGE sql AS 'SELECT true'
                """);
        test.plane.metastore().governedTags().create(root, "pii", Optional.empty(), List.of("email", "phone"));
        test.plane.metastore().governedTags().create(root, "area", Optional.empty(), List.of());
        tag(EMAIL, "pii", "email");
        tag(PHONE, "pii", "phone");
    }

    private static void user(String name) {
        test.plane
                .directory()
                .create(
                        root,
                        new Directory.NewPrincipal(
                                PrincipalKind.SERVICE_PRINCIPAL,
                                name,
                                Optional.empty(),
                                Optional.empty(),
                                true,
                                Set.of()));
    }

    private static Directory.Entry group(String name, String... members) {
        Set<Long> ids = new HashSet<>();
        for (String member : members) {
            ids.add(test.plane
                    .directory()
                    .get(test.plane.principals().named(member).orElseThrow())
                    .id());
        }
        return test.plane
                .directory()
                .create(
                        root,
                        new Directory.NewPrincipal(
                                PrincipalKind.GROUP, name, Optional.empty(), Optional.empty(), true, ids));
    }

    private static void tag(Entity entity, String key, String value) {
        test.plane.metastore().tagAssignments().create(root, entity, key, value);
    }

    /** Everything but the first state is undone, by one whom no policy binds. */
    @AfterEach
    void clean() {
        test.admission.failure = Optional.empty();
        for (Securable on : List.of(CATALOG, TABLE)) {
            for (DefinedPolicy policy : test.plane.metastore().policies().list(root, on, false)) {
                test.plane
                        .metastore()
                        .policies()
                        .delete(root, on, policy.definition().name());
            }
        }
    }

    @AfterAll
    static void stop() {
        test.close();
        TestPlane.stopLeftovers(directory);
    }

    private static PolicyDefinition mask(String name, Set<String> to, Set<String> except, String tag) {
        return new PolicyDefinition(
                name,
                Optional.empty(),
                CATALOG,
                to,
                except,
                "TRUE",
                List.of(new MatchText("c", "has_tag_value('pii', '" + tag + "')")),
                new Policy.ColumnMask("system.mask.redact", "c", List.of()));
    }

    private static PolicyDefinition mask() {
        return mask("hide_email", Set.of("analysts"), Set.of(), "email");
    }

    private static PolicyDefinition filter(String function, String alias) {
        return new PolicyDefinition(
                "only_bern",
                Optional.empty(),
                TABLE,
                Set.of("analysts"),
                Set.of(),
                "TRUE",
                List.of(new MatchText("c", "has_tag('area')")),
                new Policy.RowFilter(function, List.of(new Policy.Alias(alias))));
    }

    private static Changed<DefinedPolicy> define(PolicyDefinition policy) {
        return test.plane.metastore().policies().create(root, policy);
    }

    private static String seen(String branch) throws SQLException {
        return seen(branch, Endpoint.PRIMARY);
    }

    private static String seen(String branch, String endpointId) throws SQLException {
        Endpoint endpoint = test.plane.endpoints().get("shop", branch, endpointId);
        test.plane.endpoints().wake(endpoint.uid());
        try (Connection session = test.engine.connect(endpoint.uid(), DATABASE);
                var statement = session.createStatement();
                var rows = statement.executeQuery(MASKED)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static Operation branch(String name) {
        return test.plane
                .branches()
                .create(
                        CALLER,
                        "shop",
                        name,
                        new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never()),
                        false);
    }

    @Test
    void aDatabaseHasACatalogAsSoonAsItIsMade() {
        assertThat(test.plane.metastore().catalogs().list(root))
                .extracting(Catalog::name)
                .contains(DATABASE);
        test.succeed(test.plane
                .databases()
                .create(CALLER, "shop", "production", "orders", Optional.empty(), "tester", false));
        assertThat(test.plane.metastore().catalogs().get(root, "orders").projectId())
                .isEqualTo("shop");
        test.succeed(test.plane.databases().delete(CALLER, "shop", "production", "orders"));
        assertThatThrownBy(() -> test.plane.metastore().catalogs().get(root, "orders"))
                .hasMessageContaining("there is no catalog orders");
    }

    @Test
    void whatSqlMakesIsInTheCatalogAtOnceOwnedByItsMaker() throws SQLException {
        test.execute("production", "CREATE SCHEMA sales; CREATE TABLE sales.orders (id int PRIMARY KEY, note text)");
        assertThat(test.plane.metastore().catalogs().schemas(root, DATABASE))
                .extracting(schema -> schema.name() + " " + schema.owner())
                .contains("sales tester", "public tester");
        var table = test.plane.metastore().catalogs().table(root, SecurableName.of(DATABASE, "sales", "orders"));
        assertThat(table.owner()).isEqualTo("tester");
        assertThat(table.columns())
                .extracting(column -> column.name() + " " + column.type() + " " + column.nullable())
                .containsExactly("id integer false", "note text true");
        test.execute("production", "DROP SCHEMA sales CASCADE");
    }

    @Test
    void aPolicyHoldsOnABranchThatRunsOnOneThatSleepsAndOnANewOne() throws SQLException {
        test.succeed(branch("awake"));
        test.succeed(branch("asleep"));
        test.succeed(test.plane.endpoints().suspend(CALLER, "shop", "asleep", Endpoint.PRIMARY));
        assertThat(define(mask()).warnings()).isEmpty();
        test.succeed(branch("fresh"));
        for (String branch : List.of("production", "awake", "asleep", "fresh")) {
            assertThat(seen(branch)).isEqualTo("hidden");
        }
        test.succeed(test.plane.branches().reset(CALLER, "shop", "awake"));
        assertThat(seen("awake")).isEqualTo("hidden");
        for (String branch : List.of("awake", "asleep", "fresh")) {
            test.succeed(test.plane.branches().delete(CALLER, "shop", branch, true));
        }
    }

    @Test
    void aReplicaShowsTheRulesOfNowWhenAPolicyIsMadeAndWhenItIsWoken() throws SQLException {
        test.succeed(test.plane
                .endpoints()
                .create(
                        CALLER,
                        "shop",
                        "production",
                        "replica",
                        new NewEndpoint(Endpoint.Type.READ_ONLY, Optional.empty(), Optional.empty(), false),
                        false));
        define(mask());
        assertThat(seen("production", "replica")).isEqualTo("hidden");
        test.succeed(test.plane.endpoints().suspend(CALLER, "shop", "production", "replica"));
        define(mask("hide_phone", Set.of("analysts"), Set.of(), "phone"));
        assertThat(seen("production", "replica")).isEqualTo("hidden");
        test.succeed(test.plane.endpoints().delete(CALLER, "shop", "production", "replica"));
    }

    @Test
    void aBranchThatCannotBeBroughtUnderTheRulesIsNotOpened() throws SQLException {
        define(mask());
        test.succeed(branch("stays"));
        test.admission.failure = Optional.of("the compiler has no more ink");
        Operation made = branch("never");
        TestWait.until(() -> test.plane.operations().get(made.uid()).done());
        assertThat(test.plane.operations().get(made.uid()).error().orElseThrow().message())
                .contains("is not opened")
                .contains("no more ink");
        assertThatThrownBy(() -> test.plane.branches().get("shop", "never")).hasMessageContaining("no branch never");

        Operation reset = test.plane.branches().reset(CALLER, "shop", "stays");
        TestWait.until(() -> test.plane.operations().get(reset.uid()).done());
        assertThat(test.plane.operations().get(reset.uid()).error()).isPresent();
        assertThat(test.plane.branches().get("shop", "stays").state()).isEqualTo(Branch.State.READY);

        Changed<DefinedPolicy> more = define(mask("hide_phone", Set.of("analysts"), Set.of(), "phone"));
        assertThat(more.warnings()).anyMatch(warning -> warning.contains("is suspended"));
        assertThat(test.plane
                        .endpoints()
                        .get("shop", "production", Endpoint.PRIMARY)
                        .state())
                .isEqualTo(Endpoint.State.IDLE);
        assertThatThrownBy(() -> seen("production")).hasMessageContaining("no more ink");

        test.admission.failure = Optional.empty();
        assertThat(seen("production")).isEqualTo("hidden");
        test.succeed(test.plane.branches().delete(CALLER, "shop", "stays", true));
    }

    @Test
    void whomAPolicyBindsIsNeverAmongThoseWhoMayDoEverything() throws SQLException {
        Principal bob = test.plane.principals().named("bob").orElseThrow();
        test.plane.logins().open(bob, Optional.empty(), Address.parse("shop/" + DATABASE), Optional.empty());
        assertThat(isSuperuser("bob")).isEqualTo("t");

        define(mask("hide_email", Set.of("testers"), Set.of(), "email"));
        assertThat(isSuperuser("bob")).isEqualTo("f");
        test.plane.logins().open(bob, Optional.empty(), Address.parse("shop/" + DATABASE), Optional.empty());
        assertThat(isSuperuser("bob")).isEqualTo("f");
        assertThat(test.admission.prepared).contains(new TestAdmission.Prepared(DATABASE, "bob"));
        RoleChange strong = new RoleChange(
                Optional.empty(), Optional.empty(), Optional.of(List.of("DATABRICKS_SUPERUSER")), Optional.empty());
        assertThatThrownBy(() -> test.plane.roles().update(CALLER, "shop", "production", "bob", strong))
                .hasMessageContaining("policies bind bob");

        test.plane.metastore().policies().delete(root, CATALOG, "hide_email");
        test.plane.logins().open(bob, Optional.empty(), Address.parse("shop/" + DATABASE), Optional.empty());
        assertThat(isSuperuser("bob")).isEqualTo("t");
    }

    private static String isSuperuser(String role) throws SQLException {
        return test.query("production", "SELECT pg_has_role('" + role + "', 'databricks_superuser', 'MEMBER')");
    }

    private static Logins.Destination asAgent(String principal, String agent) {
        return test.plane
                .logins()
                .open(
                        test.plane.principals().named(principal).orElseThrow(),
                        Optional.of(agent),
                        Address.parse("shop/" + DATABASE),
                        Optional.empty());
    }

    @Test
    void anAgentHasARoleOfItsOwnForEachPersonWhichTheRulesKnowAndWhichNeverManages() throws SQLException {
        define(mask());
        String unknown = asAgent("ann", "cluade").role();
        assertThat(unknown)
                .startsWith("espalier_agent_")
                .isEqualTo(asAgent("ann", "cladue").role());
        assertThat(admittedSubject(unknown).agent().orElseThrow().names())
                .containsExactlyInAnyOrder(Subject.AGENTS, Subject.EVERYONE);

        user("claude");
        Directory.Entry group = group("assistants", "claude");
        String known = asAgent("ann", "claude").role();
        assertThat(known).isNotEqualTo(unknown);
        Subject subject = admittedSubject(known);
        assertThat(subject.names()).contains("ann", "analysts").doesNotContain("claude");
        assertThat(subject.agent().orElseThrow().names()).contains("claude", "assistants", Subject.AGENTS);

        String ofManager = asAgent("bob", "claude").role();
        assertThat(ofManager).isNotEqualTo(known);
        assertThat(isSuperuser(ofManager)).isEqualTo("f");
        assertThat(test.admission.prepared).contains(new TestAdmission.Prepared(DATABASE, ofManager));

        long claude = test.plane
                .directory()
                .get(test.plane.principals().named("claude").orElseThrow())
                .id();
        define(mask("hide_phone", Set.of("claude"), Set.of(), "phone"));
        assertThatThrownBy(() -> test.plane.directory().delete(root, PrincipalKind.SERVICE_PRINCIPAL, claude))
                .hasMessageContaining("policies are for it");
        test.plane
                .directory()
                .change(
                        root,
                        PrincipalKind.SERVICE_PRINCIPAL,
                        claude,
                        entry -> new Directory.Change(
                                entry.name(), entry.fullName(), entry.externalId(), false, Set.of()));
        assertThatThrownBy(() -> asAgent("ann", "claude"))
                .hasMessageContaining("claude is a service principal that is not");
        test.plane.metastore().policies().delete(root, CATALOG, "hide_phone");
        test.plane.directory().delete(root, PrincipalKind.GROUP, group.id());
        test.plane.directory().delete(root, PrincipalKind.SERVICE_PRINCIPAL, claude);
    }

    private static Subject admittedSubject(String role) {
        return test.admission.admitted.getLast().rules().subjects().stream()
                .filter(subject -> subject.name().equals(role))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whereThereAreNoRulesAnAgentHasItsPersonsRole() {
        test.succeed(test.plane.projects().create(CALLER, "free", PLAIN));
        assertThat(test.plane
                        .logins()
                        .open(root, Optional.of("claude"), Address.parse("free/" + DATABASE), Optional.empty())
                        .role())
                .isEqualTo("root");
    }

    private static void connect(String principal, Optional<String> agent, String branch) {
        test.plane
                .logins()
                .open(
                        test.plane.principals().named(principal).orElseThrow(),
                        agent,
                        Address.parse("shop/" + DATABASE + "@" + branch),
                        Optional.empty());
    }

    @Test
    void onceUseBranchIsGivenOnlyWhoHasItConnectsToAnyBranchButTheDefault() {
        define(mask());
        test.succeed(branch("usable"));
        connect("ann", Optional.empty(), "usable");

        grant("steward", CATALOG, Privilege.USE_BRANCH);
        assertThatThrownBy(() -> connect("ann", Optional.empty(), "usable"))
                .hasMessageContaining("ann may not connect to projects/shop/branches/usable")
                .hasMessageContaining("GRANT USE BRANCH ON CATALOG " + DATABASE + " TO `ann`");
        connect("ann", Optional.empty(), "production");
        connect("steward", Optional.empty(), "usable");
        connect("bob", Optional.empty(), "usable");

        grant("analysts", CATALOG, Privilege.USE_BRANCH);
        connect("ann", Optional.empty(), "usable");
        assertThatThrownBy(() -> connect("ann", Optional.of("claude"), "usable"))
                .hasMessageContaining("TO `agents`");
        assertThatThrownBy(() -> connect("bob", Optional.of("claude"), "usable"))
                .hasMessageContaining("TO `agents`");
        grant(Subject.AGENTS, CATALOG, Privilege.USE_BRANCH);
        connect("ann", Optional.of("claude"), "usable");

        for (String principal : List.of("steward", "analysts", Subject.AGENTS)) {
            revoke(principal, CATALOG, Privilege.USE_BRANCH);
        }
        connect("ann", Optional.empty(), "usable");
        test.succeed(test.plane.branches().delete(CALLER, "shop", "usable", true));
    }

    @Test
    void theGroupOfAllAgentsStaysAsItIs() {
        Directory.Entry agents = test.plane
                .directory()
                .list(
                        PrincipalKind.GROUP,
                        Optional.of(new Directory.Filter(Directory.Attribute.NAME, Subject.AGENTS)),
                        0,
                        1)
                .entries()
                .getFirst();
        assertThatThrownBy(() -> test.plane.directory().delete(root, PrincipalKind.GROUP, agents.id()))
                .hasMessageContaining("every agent is in it");
        assertThatThrownBy(() -> user("espalier_agent_0123456789abcdef")).hasMessageContaining("reserved");
    }

    @Test
    void anAgentsMaskMayBeAnotherThanItsPersons() {
        define(mask());
        asAgent("ann", "claude");
        define(new PolicyDefinition(
                "agents_read_ends",
                Optional.empty(),
                CATALOG,
                Set.of(Subject.AGENTS),
                Set.of(),
                "TRUE",
                List.of(new MatchText("c", "has_tag_value('pii', 'email')")),
                new Policy.ColumnMask("system.mask.keep_last", "c", List.of(new Policy.Constant("2")))));
    }

    @Test
    void aProjectWithoutGrantsAndPoliciesIsNeverAdmitted() throws SQLException {
        test.succeed(test.plane.projects().create(CALLER, "plain", PLAIN));
        int before = test.admission.admitted.size();
        test.succeed(test.plane.endpoints().suspend(CALLER, "plain", "production", Endpoint.PRIMARY));
        test.succeed(test.plane.endpoints().wake(CALLER, "plain", "production", Endpoint.PRIMARY));
        assertThat(test.admission.admitted).hasSize(before);
        assertThat(test.plane.metastore().catalogs().list(root))
                .extracting(Catalog::name)
                .contains("plain_databricks_postgres");
    }

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
                .hasMessageContaining("nobody exempts himself");
        assertThatThrownBy(() -> test.plane.metastore().policies().delete(boundAdministrator, CATALOG, "hide_email"))
                .hasMessageContaining("nobody exempts himself");
        assertThatThrownBy(() -> test.plane.metastore().tagAssignments().delete(boundAdministrator, EMAIL, "pii"))
                .hasMessageContaining("nobody exempts himself")
                .hasMessageContaining("people.email");
        assertThatThrownBy(
                        () -> test.plane.metastore().tagAssignments().update(boundAdministrator, EMAIL, "pii", "phone"))
                .hasMessageContaining("nobody exempts himself");
        assertThatThrownBy(() -> test.plane
                        .directory()
                        .change(
                                boundAdministrator,
                                PrincipalKind.GROUP,
                                analysts.id(),
                                entry -> new Directory.Change(
                                        entry.name(), entry.fullName(), entry.externalId(), true, Set.of())))
                .hasMessageContaining("nobody exempts himself");
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
                .hasMessageContaining("nobody exempts himself");
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
                .hasMessageContaining("nobody exempts himself");
        assertThatThrownBy(() -> sets().propose(steward, DATABASE, List.of(mask())))
                .hasMessageContaining("has neither MANAGE");
        assertThat(sets().get(root, DATABASE)).isEqualTo(before);
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

    @Test
    void definingPoliciesTaggingAndGrantingAreDifferentPrivileges() {
        PolicyDefinition policy = mask();
        assertThatThrownBy(() -> test.plane.metastore().policies().create(steward, policy))
                .hasMessageContaining("has neither MANAGE on the catalog");
        assertThatThrownBy(() -> test.plane.metastore().tagAssignments().delete(steward, PHONE, "pii"))
                .hasMessageContaining("has neither APPLY_TAG on the table");
        assertThatThrownBy(() ->
                        test.plane.metastore().governedTags().create(steward, "mine", Optional.empty(), List.of()))
                .hasMessageContaining("is not an administrator");
        grant("steward", TABLE, Privilege.APPLY_TAG);
        test.plane.metastore().tagAssignments().delete(steward, PHONE, "pii");
        test.plane.metastore().tagAssignments().create(steward, PHONE, "pii", "phone");
        assertThatThrownBy(() -> test.plane.metastore().policies().create(steward, policy))
                .hasMessageContaining("has neither MANAGE");
        grant("steward", CATALOG, Privilege.MANAGE);
        test.plane.metastore().policies().create(steward, policy);
        revoke("steward", TABLE, Privilege.APPLY_TAG);
        revoke("steward", CATALOG, Privilege.MANAGE);
    }

    private static Changed<List<Grant>> grant(String principal, Securable on, Privilege... privileges) {
        return test.plane
                .metastore()
                .grants()
                .update(root, on, List.of(new Grants.Change(principal, Set.of(privileges), Set.of())));
    }

    private static void revoke(String principal, Securable on, Privilege... privileges) {
        test.plane
                .metastore()
                .grants()
                .update(root, on, List.of(new Grants.Change(principal, Set.of(), Set.of(privileges))));
    }

    @Test
    void privilegesAreGivenTakenAndInherited() {
        Changed<List<Grant>> given = grant("analysts", CATALOG, Privilege.USE_CATALOG, Privilege.SELECT);
        assertThat(given.after().orElseThrow()).extracting(Grant::privilege).contains(Privilege.SELECT);
        grant("ann", TABLE, Privilege.MODIFY);
        assertThat(test.plane.metastore().grants().effective(root, TABLE, Optional.of("analysts")))
                .extracting(grant -> grant.on().type() + " " + grant.privilege())
                .containsExactly("CATALOG USE_CATALOG", "CATALOG SELECT");
        assertThat(test.plane.metastore().grants().of(root, TABLE, Optional.empty()))
                .extracting(Grant::principal)
                .containsExactly("ann");
        assertThatThrownBy(() -> test.plane
                        .metastore()
                        .grants()
                        .update(
                                root,
                                TABLE,
                                List.of(new Grants.Change("ann", Set.of(Privilege.SELECT), Set.of(Privilege.SELECT)))))
                .isInstanceOfSatisfying(
                        ControlException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ControlException.Code.INVALID_PARAMETER_VALUE))
                .hasMessageContaining("both in add and in remove");
        assertThatThrownBy(() -> grant("ann", TABLE, Privilege.USE_CATALOG)).hasMessageContaining("cannot be given");
        assertThatThrownBy(() -> grant(
                        "ann",
                        new Securable(SecurableType.TABLE, SecurableName.of(DATABASE, "public", "nothing")),
                        Privilege.SELECT))
                .hasMessageContaining("there is no table");
        revoke("analysts", CATALOG, Privilege.ALL_PRIVILEGES);
        revoke("ann", TABLE, Privilege.ALL_PRIVILEGES);
        assertThat(test.plane.metastore().grants().effective(root, TABLE, Optional.empty()))
                .isEmpty();
    }

    @Test
    void whatIsProvedOfABranchIsSignedAndKept() {
        define(mask());
        Attestation proved = test.plane.attestations().verify(CALLER, "shop", "production");
        assertThat(proved.databases()).singleElement().satisfies(database -> {
            assertThat(database.catalog()).isEqualTo(DATABASE);
            assertThat(database.proof().checks()).isEqualTo(TestAdmission.CHECKS);
        });
        assertThat(test.statements.verified(Attestations.KIND, proved.signed()))
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("\"sub\":\"projects/shop/branches/production\"")
                        .contains(proved.uid()));
        assertThat(test.statements.verified("another", proved.signed())).isEmpty();
        assertThat(test.rows("SELECT project_id || ' ' || branch_id || ' ' || catalog FROM governance.attestations"))
                .contains("shop production " + DATABASE);
        assertThat(test.rows("SELECT policy_name FROM governance.column_masks")).containsExactly("hide_email");
        assertThat(test.rows("SELECT tag_name || '=' || tag_value FROM governance.column_tags ORDER BY 1"))
                .containsExactly("pii=email", "pii=phone");
    }
}
