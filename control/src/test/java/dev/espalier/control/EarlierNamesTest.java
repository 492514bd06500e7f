package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Grants;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.PolicyDefinition.MatchText;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.TagAssignment;
import dev.espalier.control.metastore.TagAssignments;
import dev.espalier.control.metastore.TagAssignments.Entity;
import dev.espalier.control.metastore.TagPrivilege;
import dev.espalier.identity.Principal;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was said of a table by the name that the rules saw it first with is seen, and taken back, by the name it has. */
class EarlierNamesTest extends GovernedShop {

    private static final Securable CUSTOMERS = table("public", "customers");
    private static final Securable CLIENTS = table("public", "clients");
    private static final Entity OLD_EMAIL = new Entity(CUSTOMERS.name(), Optional.of("mail"));
    private static final Entity NEW_EMAIL = new Entity(CLIENTS.name(), Optional.of("email"));

    private static Securable schema(String name) {
        return new Securable(SecurableType.SCHEMA, SecurableName.of(DATABASE, name));
    }

    private static Securable table(String schema, String name) {
        return new Securable(SecurableType.TABLE, SecurableName.of(DATABASE, schema, name));
    }

    /** Rules have seen the table when it was called so. */
    @BeforeEach
    void customersAreSeen() throws SQLException {
        test.admission.makesViews = false;
        // What the tests before had under these names.
        test.change("DELETE FROM control.name_bearer");
        test.execute("production", "CREATE TABLE customers (id int, mail text)");
        inDatabase(DATABASE, """
                CREATE SCHEMA espalier_governance;
                CREATE TABLE espalier_governance.known_relation (relid oid, schema name, name name);
                CREATE TABLE espalier_governance.known_column (relid oid, attnum smallint, name name);
                INSERT INTO espalier_governance.known_relation VALUES ('public.customers'::regclass, 'public', 'customers');
                INSERT INTO espalier_governance.known_column
                SELECT attrelid, attnum, attname FROM pg_attribute WHERE attrelid = 'public.customers'::regclass AND attnum > 0;
                """);
    }

    @AfterEach
    void forget() throws SQLException {
        inDatabase(
                DATABASE,
                "DROP SCHEMA espalier_governance CASCADE; DROP TABLE IF EXISTS public.customers, public.clients CASCADE");
    }

    private static void rename() throws SQLException {
        test.execute(
                "production", "ALTER TABLE customers RENAME mail TO email; ALTER TABLE customers RENAME TO clients");
    }

    private static List<String> effective(Securable on) {
        return test.plane.metastore().grants().effective(root, on, Optional.of("bob")).stream()
                .map(grant -> grant.privilege() + " " + grant.on().name())
                .toList();
    }

    private static Changed<List<Grant>> take(Securable on) {
        return test.plane
                .metastore()
                .grants()
                .update(root, on, List.of(new Grants.Change("bob", Set.of(), Set.of(Privilege.SELECT))));
    }

    @Test
    void aGrantByAnEarlierNameIsShownAndTakenByTheOneThatATableHas() throws SQLException {
        grant("bob", CUSTOMERS, Privilege.SELECT);
        rename();

        assertThat(effective(CLIENTS)).containsExactly("SELECT " + CUSTOMERS.name());
        assertThat(effective(CUSTOMERS)).as("by the earlier name itself").containsExactly("SELECT " + CUSTOMERS.name());
        assertThat(test.plane.metastore().grants().of(root, CLIENTS, Optional.empty()))
                .extracting(Grant::principal)
                .containsExactly("bob");

        Changed<List<Grant>> taken = take(CLIENTS);
        assertThat(taken.before().orElseThrow()).extracting(Grant::on).containsExactly(CUSTOMERS);
        assertThat(taken.after().orElseThrow()).isEmpty();
        assertThat(effective(CLIENTS)).isEmpty();
        assertThatThrownBy(() -> effective(CUSTOMERS)).hasMessageContaining("there is no table");
    }

    @Test
    void aGrantByANameThatAnotherTableHasNowIsLeftToThatOneWithAWarning() throws SQLException {
        grant("bob", CUSTOMERS, Privilege.SELECT);
        rename();
        test.execute("production", "CREATE TABLE customers (id int)");

        Changed<List<Grant>> taken = take(CLIENTS);
        assertThat(taken.warnings())
                .anyMatch(warning ->
                        warning.contains("SELECT on " + CUSTOMERS.name()) && warning.contains("take it by that name"));
        assertThat(effective(CUSTOMERS)).containsExactly("SELECT " + CUSTOMERS.name());
        assertThat(take(CUSTOMERS).warnings()).isEmpty();
        assertThat(effective(CLIENTS)).isEmpty();
    }

    /** Whoever makes a table under a name that has come free, and renames it, has that name among its earlier ones. */
    @Test
    void aGrantByANameThatAnotherTableHadBeforeIsLeftToThatOne() throws SQLException {
        grant("bob", CUSTOMERS, Privilege.SELECT);
        assertThat(effective(CUSTOMERS)).hasSize(1);
        rename();
        Securable decoy = table("public", "decoy");
        test.execute("production", "CREATE TABLE customers (id int)");
        inDatabase(DATABASE, """
                INSERT INTO espalier_governance.known_relation VALUES ('public.customers'::regclass, 'public', 'customers');
                INSERT INTO espalier_governance.known_column VALUES ('public.customers'::regclass, 1, 'id')
                """);
        assertThat(effective(CUSTOMERS)).hasSize(1);
        test.execute("production", "ALTER TABLE customers RENAME TO decoy");

        assertThat(take(decoy).warnings()).anyMatch(warning -> warning.contains("or had it"));

        assertThat(effective(CLIENTS)).containsExactly("SELECT " + CUSTOMERS.name());
        revoke("bob", CUSTOMERS, Privilege.SELECT);
        test.execute("production", "DROP TABLE decoy");
    }

    /** The rename is not his doing. */
    @Test
    void whoTagsOneColumnIsNotRefusedForTheRenameOfAnother() throws SQLException {
        define(mask());
        test.execute("production", "CREATE TABLE others (c text)");
        Entity other = new Entity(table("public", "others").name(), Optional.of("c"));
        tag(other, "area", "");
        tag(OLD_EMAIL, "area", "");
        test.plane.metastore().tagAssignments().delete(root, OLD_EMAIL, "area");
        rename();
        Principal ann = test.plane.principals().named("ann").orElseThrow();
        grant("ann", table("public", "others"), Privilege.APPLY_TAG);
        test.plane.metastore().tagGrants().give(root, "pii", Set.of(TagPrivilege.ASSIGN), "ann");

        test.plane.metastore().tagAssignments().create(ann, other, "pii", "email");

        test.plane.metastore().tagGrants().take(root, "pii", Set.of(TagPrivilege.ASSIGN), "ann");
        revoke("ann", table("public", "others"), Privilege.APPLY_TAG);
        test.execute("production", "DROP TABLE others");
    }

    @Test
    void whatIsGivenOnTheSchemaThatATableHasLeftIsShownOfIt() throws SQLException {
        Securable left = new Securable(SecurableType.SCHEMA, SecurableName.of(DATABASE, "public"));
        grant("bob", left, Privilege.SELECT);
        test.execute("production", "CREATE SCHEMA sales; ALTER TABLE customers SET SCHEMA sales");

        assertThat(effective(table("sales", "customers"))).containsExactly("SELECT " + left.name());

        revoke("bob", left, Privilege.SELECT);
        test.execute("production", "DROP SCHEMA sales CASCADE");
    }

    @Test
    void aPolicyByAnEarlierNameIsListed() throws SQLException {
        define(new PolicyDefinition(
                "hide",
                Optional.empty(),
                CUSTOMERS,
                Set.of("analysts"),
                Set.of(),
                "TRUE",
                List.of(new MatchText("c", "has_tag('area')")),
                new Policy.ColumnMask("system.mask.redact", "c", List.of())));
        rename();

        for (boolean inherited : List.of(true, false)) {
            assertThat(test.plane.metastore().policies().list(root, CLIENTS, inherited))
                    .extracting(policy -> policy.definition().name() + " "
                            + policy.definition().on().name())
                    .containsExactly("hide " + CUSTOMERS.name());
        }

        test.plane.metastore().policies().delete(root, CUSTOMERS, "hide");
    }

    @Test
    void aTagByAnEarlierNameIsListedAndTakenByTheNameThatAColumnHas() throws SQLException {
        define(mask());
        tag(OLD_EMAIL, "pii", "email");
        rename();
        TagAssignments tags = test.plane.metastore().tagAssignments();

        assertThat(tags.list(root, NEW_EMAIL))
                .extracting(TagAssignment::on, TagAssignment::column)
                .containsExactly(tuple(OLD_EMAIL.on(), OLD_EMAIL.column()));
        assertThatThrownBy(() -> tags.update(root, NEW_EMAIL, "pii", "phone"))
                .hasMessageContaining("by an earlier name of it, " + OLD_EMAIL);

        Principal ann = test.plane.principals().named("ann").orElseThrow();
        grant("ann", CLIENTS, Privilege.APPLY_TAG);
        test.plane.metastore().tagGrants().give(root, "pii", Set.of(TagPrivilege.ASSIGN), "ann");
        assertThatThrownBy(() -> tags.unset(ann, NEW_EMAIL, List.of("pii")))
                .as("the mask binds her")
                .hasMessageContaining("ann would see more after this change");
        test.plane.metastore().tagGrants().take(root, "pii", Set.of(TagPrivilege.ASSIGN), "ann");
        revoke("ann", CLIENTS, Privilege.APPLY_TAG);

        tags.unset(root, NEW_EMAIL, List.of("pii"));
        assertThat(tags.list(root, NEW_EMAIL)).isEmpty();
        assertThat(tags.list(root, OLD_EMAIL)).isEmpty();
    }

    @Test
    void whomAPolicyBindsTakesNoTagByTheEarlierNameOfATableThatIsMaskedForIt() throws SQLException {
        Securable patients = table("public", "patients");
        Entity before = new Entity(patients.name(), Optional.empty());
        Entity email = new Entity(table("public", "cases").name(), Optional.of("email"));
        inDatabase(DATABASE, """
                CREATE TABLE public.patients (email text);
                INSERT INTO espalier_governance.known_relation VALUES ('public.patients'::regclass, 'public', 'patients');
                INSERT INTO espalier_governance.known_column VALUES ('public.patients'::regclass, 1, 'email')
                """);
        tag(before, "area", "");
        Principal ann = test.plane.principals().named("ann").orElseThrow();
        grant("ann", patients, Privilege.APPLY_TAG);
        test.plane.metastore().tagGrants().give(root, "area", Set.of(TagPrivilege.ASSIGN), "ann");
        inDatabase(DATABASE, "ALTER TABLE public.patients RENAME TO cases");
        tag(email, "pii", "email");
        define(new PolicyDefinition(
                "hide_in_areas",
                Optional.empty(),
                CATALOG,
                Set.of("analysts"),
                Set.of(),
                "has_tag('area')",
                List.of(new MatchText("c", "has_tag_value('pii', 'email')")),
                new Policy.ColumnMask("system.mask.redact", "c", List.of())));
        TagAssignments tags = test.plane.metastore().tagAssignments();

        assertThatThrownBy(() -> tags.delete(ann, before, "area")).hasMessageContaining("of " + email + " they see");

        tags.delete(root, before, "area");
        tags.delete(root, email, "pii");
        test.plane.metastore().tagGrants().take(root, "area", Set.of(TagPrivilege.ASSIGN), "ann");
        revoke("ann", patients, Privilege.APPLY_TAG);
        inDatabase(DATABASE, "DROP TABLE public.cases");
    }

    @Test
    void tagsAndPoliciesAreShownWhereTheDefaultBranchSleepsByTheNamesThatTheRulesHaveSeen() throws SQLException {
        define(mask());
        tag(OLD_EMAIL, "pii", "email");
        rename();
        tag(NEW_EMAIL, "area", "");
        TagAssignments tags = test.plane.metastore().tagAssignments();
        test.succeed(test.plane.endpoints().suspend(CALLER, "shop", "production", Endpoint.PRIMARY));

        assertThat(tags.list(root, NEW_EMAIL))
                .extracting(TagAssignment::on)
                .containsExactly(CLIENTS.name(), CUSTOMERS.name());
        assertThat(tags.get(root, NEW_EMAIL, "pii").value()).isEqualTo("email");
        assertThat(test.plane.metastore().policies().list(root, CLIENTS, true)).hasSize(1);

        Endpoint primary = test.plane.endpoints().get("shop", "production", Endpoint.PRIMARY);
        assertThat(test.engine.isOpen(primary.uid())).as("woken for it").isFalse();
        tags.delete(root, NEW_EMAIL, "area");
        tags.delete(root, NEW_EMAIL, "pii");
    }

    @Test
    void aTagThatStaysByANameThatAnotherTableHasNowIsToldOfWhereOneIsTakenAway() throws SQLException {
        define(mask());
        Entity before = new Entity(CUSTOMERS.name(), Optional.empty());
        Entity now = new Entity(CLIENTS.name(), Optional.empty());
        tag(before, "area", "");
        rename();
        test.execute("production", "CREATE TABLE customers (id int)");
        tag(now, "area", "");
        TagAssignments tags = test.plane.metastore().tagAssignments();

        assertThat(tags.unset(root, now, List.of("area")).warnings())
                .anyMatch(warning ->
                        warning.contains(now + " still has the tag area by an earlier name of it, " + before.on()));
        assertThat(tags.delete(root, before, "area").warnings()).isEmpty();
    }

    @Test
    void aTagByANameThatAnotherColumnHasNowIsLeftToThatOne() throws SQLException {
        define(mask());
        Entity now = new Entity(CUSTOMERS.name(), NEW_EMAIL.column());
        tag(OLD_EMAIL, "pii", "email");
        test.execute("production", "ALTER TABLE customers RENAME mail TO email; ALTER TABLE customers ADD mail text");
        TagAssignments tags = test.plane.metastore().tagAssignments();

        assertThatThrownBy(() -> tags.delete(root, now, "pii"))
                .hasMessageContaining("by an earlier name of it, " + OLD_EMAIL);
        assertThat(tags.list(root, OLD_EMAIL)).hasSize(1);

        tags.delete(root, OLD_EMAIL, "pii");
    }

    /** As the rules see it when it comes under them. */
    private static void makeAndSee(String schema) throws SQLException {
        test.execute("production", "CREATE SCHEMA %1$s; CREATE TABLE %1$s.t (id int, mail text)".formatted(schema));
        inDatabase(DATABASE, """
                INSERT INTO espalier_governance.known_relation VALUES ('%1$s.t'::regclass, '%1$s', 't');
                INSERT INTO espalier_governance.known_column VALUES ('%1$s.t'::regclass, 1, 'id'), ('%1$s.t'::regclass, 2, 'mail')
                """.formatted(schema));
    }

    @Test
    void whatWasSaidOfASchemaBeforeItWasRenamedIsShownAndTakenByTheNameThatItHas() throws SQLException {
        makeAndSee("app");
        grant("bob", schema("app"), Privilege.SELECT);
        tag(new Entity(schema("app").name(), Optional.empty()), "area", "");
        define(new PolicyDefinition(
                "hide",
                Optional.empty(),
                schema("app"),
                Set.of("analysts"),
                Set.of(),
                "TRUE",
                List.of(new MatchText("c", "has_tag('pii')")),
                new Policy.ColumnMask("system.mask.redact", "c", List.of())));
        test.execute("production", "ALTER SCHEMA app RENAME TO later");
        Securable later = schema("later");
        TagAssignments tags = test.plane.metastore().tagAssignments();
        Entity tagged = new Entity(later.name(), Optional.empty());

        assertThat(effective(later)).containsExactly("SELECT " + schema("app").name());
        assertThat(test.plane.metastore().policies().list(root, later, false))
                .extracting(policy -> policy.definition().on())
                .containsExactly(schema("app"));
        assertThat(tags.list(root, tagged)).extracting(TagAssignment::key).containsExactly("area");

        Changed<List<Grant>> taken = take(later);
        assertThat(taken.warnings()).noneMatch(warning -> warning.contains("still"));
        assertThat(taken.before().orElseThrow()).extracting(Grant::on).containsExactly(schema("app"));
        assertThat(effective(table("later", "t"))).isEmpty();
        tags.unset(root, tagged, List.of("area"));
        assertThat(tags.list(root, tagged)).isEmpty();

        test.plane.metastore().policies().delete(root, schema("app"), "hide");
        test.execute("production", "DROP SCHEMA later CASCADE");
    }

    @Test
    void whatWasGivenOnASchemaThatIsThereStillStaysWithATableThatHasLeftItAndTheRevokeSaysSo() throws SQLException {
        makeAndSee("app");
        grant("bob", schema("app"), Privilege.SELECT);
        test.execute("production", "CREATE SCHEMA later; ALTER TABLE app.t SET SCHEMA later");

        assertThat(take(schema("later")).warnings())
                .anyMatch(warning -> warning.contains("REVOKE … ON SCHEMA " + DATABASE + ".app"));

        assertThat(effective(table("later", "t")))
                .containsExactly("SELECT " + schema("app").name());
        revoke("bob", schema("app"), Privilege.SELECT);
        test.execute("production", "DROP SCHEMA later CASCADE; DROP SCHEMA app");
    }
}
