package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.admission.Attestation;
import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.ColumnName;
import dev.espalier.control.metastore.DefinedPolicy;
import dev.espalier.control.metastore.GovernedTags;
import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Grants;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.TagAssignment;
import dev.espalier.control.metastore.TagAssignments;
import dev.espalier.control.metastore.TagAssignments.Entity;
import dev.espalier.control.metastore.TagGrant;
import dev.espalier.control.metastore.TagGrants;
import dev.espalier.control.metastore.TagPrivilege;
import dev.espalier.control.request.Address;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.setting.EndpointSettings;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import dev.espalier.testing.TestWait;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What governs catalogs, and that no branch is open that is not under it. */
class MetastoreTest extends GovernedShop {
    private static final String MOST_SESSIONS = "SHOW max_connections";

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
    void aReplicaThatRunsWhileItsPrimarySleepsComesUnderAChange() throws SQLException {
        test.succeed(branch("asleep"));
        NewEndpoint wanted = new NewEndpoint(Endpoint.Type.READ_ONLY, Optional.empty(), Optional.empty(), false);
        test.succeed(test.plane.endpoints().create(CALLER, "shop", "asleep", "replica", wanted, false));
        define(mask("hide_phone", Set.of("analysts"), Set.of(), "phone"));
        Endpoint replica = test.plane.endpoints().get("shop", "asleep", "replica");
        try (Connection session = test.engine.connect(replica.uid(), DATABASE);
                var query = session.prepareStatement(MASKED)) {
            assertThat(first(query)).isEqualTo("ann@example.com");
            test.succeed(test.plane.endpoints().suspend(CALLER, "shop", "asleep", Endpoint.PRIMARY));
            define(mask());
            assertThat(first(query)).isEqualTo("hidden");
        }
        test.succeed(test.plane.branches().delete(CALLER, "shop", "asleep", true));
    }

    private static String first(PreparedStatement query) throws SQLException {
        try (var rows = query.executeQuery()) {
            rows.next();
            return rows.getString(1);
        }
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
    void whatNeverSleepsRunsAgainOnceTheRulesAreMended() {
        define(mask());
        UnaryOperator<EndpointSettings> awake =
                now -> new EndpointSettings(now.minCu(), now.maxCu(), Optional.empty(), now.pgSettings());
        UnaryOperator<EndpointSettings> asBefore =
                _ -> test.plane.projects().get("shop").endpointDefaults();
        change(awake);
        test.admission.failure = Optional.of("just now not");
        define(mask("hide_phone", Set.of("analysts"), Set.of(), "phone"));
        assertThat(production().state()).isEqualTo(Endpoint.State.IDLE);

        test.admission.failure = Optional.empty();
        define(mask("hide_phone_again", Set.of("testers"), Set.of(), "phone"));
        assertThat(production().state()).isEqualTo(Endpoint.State.ACTIVE);
        change(asBefore);
    }

    private static Endpoint production() {
        return test.plane.endpoints().get("shop", "production", Endpoint.PRIMARY);
    }

    private static void change(UnaryOperator<EndpointSettings> settings) {
        EndpointChange change = new EndpointChange(Optional.of(settings), Optional.empty(), Optional.empty());
        test.succeed(test.plane.endpoints().update(CALLER, "shop", "production", Endpoint.PRIMARY, change));
    }

    @Test
    void replicasRunOnWhereTheirPrimaryCannotBeGivenMore() throws SQLException {
        define(mask());
        test.succeed(branch("grown"));
        NewEndpoint wanted = new NewEndpoint(Endpoint.Type.READ_ONLY, Optional.empty(), Optional.empty(), false);
        test.succeed(test.plane.endpoints().create(CALLER, "shop", "grown", "replica", wanted, false));
        String sessions = test.query("grown", MOST_SESSIONS);
        test.admission.first = session -> {
            try (PreparedStatement query = session.prepareStatement(MOST_SESSIONS)) {
                if (!first(query).equals(sessions)) {
                    throw new ControlException(ControlException.Code.INVALID_STATE, "just now not");
                }
            }
        };
        UnaryOperator<EndpointSettings> more =
                now -> new EndpointSettings(now.minCu(), now.maxCu() * 2, now.suspendAfter(), now.pgSettings());
        EndpointChange change = new EndpointChange(Optional.of(more), Optional.empty(), Optional.empty());
        Operation refused = test.plane.endpoints().update(CALLER, "shop", "grown", Endpoint.PRIMARY, change);
        TestWait.until(() -> test.plane.operations().get(refused.uid()).done());
        assertThat(test.plane
                        .operations()
                        .get(refused.uid())
                        .error()
                        .orElseThrow()
                        .message())
                .contains("just now not");
        assertThat(test.plane.endpoints().get("shop", "grown", "replica").state())
                .isEqualTo(Endpoint.State.ACTIVE);
        test.admission.first = session -> {};
        test.succeed(test.plane.branches().delete(CALLER, "shop", "grown", true));
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
                Optional.empty(),
                Optional.empty(),
                Optional.of(List.of("DATABRICKS_SUPERUSER")),
                RoleChange.Attributes.NONE);
        assertThatThrownBy(() -> test.plane.roles().update(CALLER, "shop", "production", "bob", strong))
                .hasMessageContaining("policies bind bob");

        test.plane.metastore().policies().delete(root, CATALOG, "hide_email");
        test.plane.logins().open(bob, Optional.empty(), Address.parse("shop/" + DATABASE), Optional.empty());
        assertThat(isSuperuser("bob")).isEqualTo("t");
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
        assertThatThrownBy(() -> test.plane.metastore().tagAssignments().delete(steward, PHONE, "pii"))
                .hasMessageContaining("has no ASSIGN on the governed tag pii");
        tagGrants().give(root, "pii", Set.of(TagPrivilege.ASSIGN), "steward");
        test.plane.metastore().tagAssignments().delete(steward, PHONE, "pii");
        test.plane.metastore().tagAssignments().create(steward, PHONE, "pii", "phone");
        assertThatThrownBy(() -> test.plane.metastore().policies().create(steward, policy))
                .hasMessageContaining("has neither MANAGE");
        grant("steward", CATALOG, Privilege.MANAGE);
        test.plane.metastore().policies().create(steward, policy);
        revoke("steward", TABLE, Privilege.APPLY_TAG);
        revoke("steward", CATALOG, Privilege.MANAGE);
        assertThatThrownBy(() -> test.plane.metastore().tagAssignments().delete(steward, PHONE, "pii"))
                .hasMessageContaining("has neither APPLY_TAG on the table");
        tagGrants().take(root, "pii", Set.of(TagPrivilege.ASSIGN), "steward");
    }

    private static TagGrants tagGrants() {
        return test.plane.metastore().tagGrants();
    }

    @Test
    void whoOwnsATableTakesNoTagFromItThatIsNotHisToAssign() {
        Optional<String> before =
                test.plane.metastore().catalogs().get(root, DATABASE).owner();
        test.plane.metastore().catalogs().update(root, DATABASE, Optional.of("testers"), Optional.empty());
        Principal bob = test.plane.principals().named("bob").orElseThrow();
        TagAssignments tags = test.plane.metastore().tagAssignments();
        assertThatThrownBy(() -> tags.delete(bob, EMAIL, "pii")).hasMessageContaining("has no ASSIGN");
        assertThatThrownBy(() -> tags.update(bob, EMAIL, "pii", "phone")).hasMessageContaining("has no ASSIGN");
        assertThatThrownBy(() -> tags.create(bob, new Entity(PEOPLE, Optional.of("city")), "area", "south"))
                .hasMessageContaining("has no ASSIGN");
        assertThatThrownBy(() -> tags.set(bob, EMAIL, Map.of("pii", "phone"))).hasMessageContaining("has no ASSIGN");
        assertThatThrownBy(() -> tags.unset(bob, EMAIL, List.of("pii"))).hasMessageContaining("has no ASSIGN");
        assertThatThrownBy(() -> tagGrants().give(bob, "pii", Set.of(TagPrivilege.ASSIGN), "bob"))
                .hasMessageContaining("has no MANAGE on the governed tag pii");
        assertThat(tags.get(root, EMAIL, "pii").value()).isEqualTo("email");

        tagGrants().give(root, "pii", Set.of(TagPrivilege.ASSIGN), "testers");
        tags.update(bob, PHONE, "pii", "phone");
        tagGrants().take(root, "pii", Set.of(TagPrivilege.ASSIGN), "testers");
        assertThatThrownBy(() -> tags.update(bob, PHONE, "pii", "phone")).hasMessageContaining("has no ASSIGN");
        test.plane.metastore().catalogs().update(root, DATABASE, before, Optional.empty());
    }

    @Test
    void whoManagesATagChangesItAndSaysWhoAssignsIt() {
        GovernedTags tags = test.plane.metastore().governedTags();
        tags.create(root, "lent", Optional.empty(), List.of());
        assertThatThrownBy(() -> tags.delete(steward, "lent")).hasMessageContaining("has no MANAGE");
        Changed<List<TagGrant>> given = tagGrants().give(root, "lent", Set.of(TagPrivilege.MANAGE), "steward");
        assertThat(given.before().orElseThrow()).extracting(TagGrant::principal).doesNotContain("steward");
        assertThat(given.after().orElseThrow()).extracting(TagGrant::principal).contains("steward");
        tagGrants().give(steward, "lent", Set.of(TagPrivilege.ASSIGN), "bob");
        assertThat(tagGrants().list("lent"))
                .extracting(grant -> grant.privilege() + " " + grant.principal())
                .contains("MANAGE steward", "ASSIGN bob");
        assertThatThrownBy(() -> tagGrants().give(steward, "lent", Set.of(TagPrivilege.ASSIGN), "nobody"))
                .hasMessageContaining("there is no principal");
        assertThatThrownBy(() -> tagGrants()
                        .replace(
                                steward,
                                "lent",
                                List::isEmpty,
                                List.of(new TagGrants.Wanted(TagPrivilege.MANAGE, "steward"))))
                .hasMessageContaining("have been changed since");
        tags.delete(steward, "lent");
        assertThatThrownBy(() -> tagGrants().list("lent")).hasMessageContaining("there is no governed tag lent");
    }

    @Test
    void membersOfTheGroupThatOwnsACatalogOwnIt() {
        assertThatThrownBy(() -> tagByBob("phone")).hasMessageContaining("has neither APPLY_TAG");
        Optional<String> before =
                test.plane.metastore().catalogs().get(root, DATABASE).owner();
        test.plane.metastore().catalogs().update(root, DATABASE, Optional.of("testers"), Optional.empty());
        tagGrants().give(root, "pii", Set.of(TagPrivilege.ASSIGN), "bob");
        tagByBob("phone");
        tagGrants().take(root, "pii", Set.of(TagPrivilege.ASSIGN), "bob");
        test.plane.metastore().catalogs().update(root, DATABASE, before, Optional.empty());
    }

    private static void tagByBob(String value) {
        Principal bob = test.plane.principals().named("bob").orElseThrow();
        test.plane.metastore().tagAssignments().update(bob, PHONE, "pii", value);
    }

    @Test
    void severalTagsAreSetAndTakenTogetherOrNotAtAll() {
        TagAssignments tags = test.plane.metastore().tagAssignments();
        Entity city = new Entity(PEOPLE, Optional.of("city"));
        assertThatThrownBy(() -> tags.set(root, city, Map.of("area", "", "pii", "nothing")))
                .hasMessageContaining("has no value \"nothing\"");
        assertThat(tags.list(root, city)).isEmpty();
        tag(city, "pii", "phone");
        Changed<Map<String, TagAssignment>> set = tags.set(root, city, Map.of("area", "", "pii", "email"));
        assertThat(set.before().orElseThrow()).containsOnlyKeys("pii");
        assertThat(set.after().orElseThrow()).containsOnlyKeys("area", "pii");
        assertThatThrownBy(() -> tags.unset(root, city, List.of("area", "else")))
                .hasMessageContaining("does not have the tag else");
        assertThat(tags.list(root, city)).hasSize(2);
        tags.unset(root, city, List.of("area", "pii"));
        assertThat(tags.list(root, city)).isEmpty();
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
    void whatWasGivenOnATableThatHasAnotherNameNowCanBeTakenBack() throws SQLException {
        Securable letters = new Securable(SecurableType.TABLE, SecurableName.of(DATABASE, "public", "letters"));
        test.execute("production", "CREATE TABLE letters (id int)");
        grant("ann", letters, Privilege.SELECT);
        test.execute("production", "ALTER TABLE letters RENAME TO mails");
        assertThatThrownBy(() -> grant("ann", letters, Privilege.MODIFY)).hasMessageContaining("there is no table");
        revoke("ann", letters, Privilege.SELECT);
        assertThatThrownBy(() -> revoke("ann", letters, Privilege.SELECT)).hasMessageContaining("there is no table");
    }

    @Test
    void whatTheDefaultBranchHasLostOrRenamedIsKnownToTheRulesWhenTheyChangeNext() throws SQLException {
        define(mask());
        test.execute("production", "ALTER TABLE people ADD street text, ADD note text, ADD memo text");
        inDatabase(DATABASE, """
                CREATE SCHEMA espalier_governance;
                CREATE TABLE espalier_governance.known_relation (relid oid, schema name, name name);
                CREATE TABLE espalier_governance.known_column (relid oid, attnum smallint, name name);
                INSERT INTO espalier_governance.known_relation VALUES ('public.people'::regclass, 'public', 'people');
                INSERT INTO espalier_governance.known_column
                SELECT attrelid, attnum, attname FROM pg_attribute WHERE attrelid = 'public.people'::regclass AND attnum > 0;
                """);
        for (String column : List.of("street", "note", "memo")) {
            tag(new Entity(PEOPLE, Optional.of(column)), "area", "");
            untag(column);
        }
        assertThat(rules().classified()).contains(column("street"), column("note"), column("memo"));

        test.execute("production", "ALTER TABLE people RENAME street TO road");
        test.execute("production", "ALTER TABLE people DROP note CASCADE");
        tag(new Entity(PEOPLE, Optional.of("road")), "area", "");
        assertThat(rules().renames().of(column("street")))
                .as("a branch that lacks the rename is under the rules of the new name")
                .containsExactly(column("road"));
        assertThat(rules().classified())
                .as("what is gone is looked at anew where it is still there")
                .contains(column("street"), column("memo"))
                .doesNotContain(column("note"));
        tag(new Entity(PEOPLE, Optional.of("note")), "area", "");
        assertThat(rules().columnTags()).as("by a tag").containsKey(column("note"));
        untag("note");
        untag("road");
        assertThatThrownBy(() -> tag(new Entity(PEOPLE, Optional.of("nothing")), "area", ""))
                .hasMessageContaining("there is no column");

        test.execute("production", "ALTER TABLE people ADD note text");
        tag(new Entity(PEOPLE, Optional.of("memo")), "area", "");
        assertThat(rules().classified()).as("what is there again is not gone").contains(column("note"));
        inDatabase(DATABASE, "DROP SCHEMA espalier_governance CASCADE");
    }

    private static ColumnName column(String name) {
        return new ColumnName(DATABASE, "public", "people", name);
    }

    private static void untag(String column) {
        test.plane.metastore().tagAssignments().delete(root, new Entity(PEOPLE, Optional.of(column)), "area");
    }

    private static Rules rules() {
        return test.admission.admitted.stream()
                .filter(admitted -> admitted.database().equals(DATABASE))
                .toList()
                .getLast()
                .rules();
    }

    @Test
    void whomAPolicyIsForIsNotRemovedBecauseAnotherCouldGetTheName() {
        Directory.Entry jane = test.plane
                .directory()
                .create(
                        root,
                        new Directory.NewPrincipal(
                                PrincipalKind.USER, "jane", Optional.empty(), Optional.empty(), true, Set.of()))
                .after()
                .orElseThrow();
        define(mask("hide_email", Set.of("jane"), Set.of(), "email"));
        assertThatThrownBy(() -> test.plane.directory().delete(root, PrincipalKind.USER, jane.id()))
                .hasMessageContaining("whoever gets the name next would see what they hide: ")
                .hasMessageContaining("deactivate it");
        clean();
        test.plane.directory().delete(root, PrincipalKind.USER, jane.id());
    }

    @Test
    void whatAPolicyOfADeletedProjectKeepsFromBeingRemovedSaysThatTheProjectIsDeleted() {
        test.succeed(test.plane.projects().create(CALLER, "away", PLAIN));
        SecurableName catalog = SecurableName.of("away_" + DATABASE);
        PolicyDefinition hide = mask("hide", Set.of("ivy"), Set.of(), "email");
        user("ivy");
        long ivy = test.plane
                .directory()
                .get(test.plane.principals().named("ivy").orElseThrow())
                .id();
        test.plane.metastore().governedTags().create(root, "level", Optional.empty(), List.of());
        define(new PolicyDefinition(
                "hide",
                Optional.empty(),
                new Securable(SecurableType.CATALOG, catalog),
                hide.to(),
                hide.except(),
                "has_tag('level')",
                hide.match(),
                hide.effect()));
        tag(new Entity(catalog, Optional.empty()), "level", "top");
        test.succeed(test.plane.projects().delete(CALLER, "away", false));

        String deleted = "away_" + DATABASE + " (its project away is deleted: undelete or purge that)";
        assertThatThrownBy(() -> test.plane.directory().delete(root, PrincipalKind.SERVICE_PRINCIPAL, ivy))
                .hasMessageContaining("hide on " + deleted);
        assertThatThrownBy(() -> test.plane.metastore().governedTags().delete(root, "level"))
                .hasMessageContaining("assigned to " + deleted)
                .hasMessageContaining("asked for by hide on " + deleted);
        test.succeed(test.plane.projects().delete(CALLER, "away", true));
        test.plane.directory().delete(root, PrincipalKind.SERVICE_PRINCIPAL, ivy);
        test.plane.metastore().governedTags().delete(root, "level");
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
        assertThat(proofs()).contains(DATABASE + " governed present 1");
        assertThat(test.rows("SELECT policy_name FROM governance.column_masks")).containsExactly("hide_email");
        assertThat(test.rows("SELECT tag_name || '=' || tag_value FROM governance.column_tags ORDER BY 1"))
                .containsExactly("pii=email", "pii=phone");
    }

    /** Of each database that was looked at, how it was and how many checks it has passed. */
    private static List<String> proofs() {
        return test.rows("""
                SELECT concat_ws(' ', database, CASE WHEN governed THEN 'governed' ELSE 'free' END,
                                 CASE WHEN present THEN 'present' ELSE 'absent' END, cardinality(checks))
                FROM governance.attestations
                """);
    }

    @Test
    void whereTheLastRuleIsTakenAwayTheProofSaysSo() {
        define(mask());
        test.plane.metastore().policies().delete(root, CATALOG, "hide_email");
        String proved =
                test.plane.attestations().verify(CALLER, "shop", "production").signed();
        assertThat(proofs()).contains(DATABASE + " free present 0");
        assertThat(test.statements.verified(Attestations.KIND, proved))
                .hasValueSatisfying(text -> assertThat(text).contains("\"present\":true,\"governed\":false"));
    }
}
