package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.request.Address;
import dev.espalier.testing.TestWait;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What changes of groups and access lists do to rules, also to those that are made at the same time. */
class DirectoryChangesTest extends GovernedShop {

    private static final String FRESH = "orders";
    private static final Securable LATER =
            new Securable(SecurableType.TABLE, SecurableName.of(DATABASE, "public", "later"));

    @Test
    void aMembershipThatChangesWhileACatalogComesUnderRulesIsInThem() throws Exception {
        overtakenByTheFirstRuleOf(FRESH, () -> {
            var _ = members("ann", "bob");
        });
    }

    @Test
    void anAccessListThatChangesWhileACatalogComesUnderRulesIsInThem() throws Exception {
        user("carl");
        AccessLists.Wanted carl = new AccessLists.Wanted("carl", Optional.empty(), Permission.CAN_USE);
        overtakenByTheFirstRuleOf(FRESH, () -> test.plane.access().change(root, "shop", List.of(carl), false));
        test.plane.access().revoke(root, "shop", "carl");
    }

    @Test
    void anAgentThatComesWhileASecondCatalogComesUnderRulesIsInThem() throws Exception {
        define(mask());
        overtakenByTheFirstRuleOf(
                FRESH,
                () -> test.plane
                        .logins()
                        .open(
                                test.plane.principals().named("ann").orElseThrow(),
                                Optional.of("claude"),
                                Address.parse("shop/" + DATABASE),
                                Optional.empty()));
    }

    @Test
    void whoChangesAGroupOrAnAccessListIsToldWhichBranchesCouldNotBeBroughtUnderIt() {
        define(mask());
        user("dora");
        AccessLists.Wanted dora = new AccessLists.Wanted("dora", Optional.empty(), Permission.CAN_USE);
        for (Supplier<Changed<?>> change : List.<Supplier<Changed<?>>>of(
                () -> test.plane.access().change(root, "shop", List.of(dora), false), () -> members("ann", "dora"))) {
            Endpoint primary = test.plane.endpoints().get("shop", "production", Endpoint.PRIMARY);
            test.plane.endpoints().wake(primary.uid());
            test.admission.failure = Optional.of("no more ink");
            assertThat(change.get().warnings())
                    .singleElement()
                    .asString()
                    .contains("projects/shop/branches/production is suspended", "no more ink");
            assertThat(test.engine.isRunning(primary.uid())).isFalse();
            test.admission.failure = Optional.empty();
        }
        test.plane.access().revoke(root, "shop", "dora");
    }

    @Test
    void twoFiltersThatAMemberWouldHaveOnATableThatCameUnderRulesLaterAreRefused() throws SQLException {
        define(mask());
        test.execute("production", "CREATE TABLE later (city text)");
        filter("one", LATER, analysts, "Bern");
        filter("other", LATER, testers, "Basel");

        assertThatThrownBy(() -> members(analysts, "ann", "bob"))
                .hasMessageContaining("two row filters on one table: for bob the rows of " + LATER.name());

        forget(LATER, "one", "other");
        test.execute("production", "DROP TABLE later");
    }

    /** It came by a migration. */
    @Test
    void aConflictThatIsThereAlreadyLetsNoOtherOneIn() throws SQLException {
        Securable sales = new Securable(SecurableType.SCHEMA, SecurableName.of(DATABASE, "sales"));
        test.execute("production", "CREATE SCHEMA sales");
        filter("here", sales, analysts, "Bern");
        filter("there", sales, analysts, "Basel");
        test.execute("production", "CREATE TABLE sales.orders (city text); CREATE TABLE later (city text)");
        filter("one", LATER, analysts, "Bern");
        filter("other", LATER, testers, "Basel");

        assertThatThrownBy(() -> members(testers, "bob", "ann"))
                .hasMessageContaining("two row filters on one table: for ann the rows of " + LATER.name());
        user("emil");
        assertThat(members(testers, "bob", "emil").after()).isPresent();

        var _ = members(testers, "bob");
        forget(LATER, "one", "other");
        forget(sales, "here", "there");
        test.execute("production", "DROP TABLE later; DROP SCHEMA sales CASCADE");
    }

    private static void filter(String name, Securable on, Directory.Entry group, String city) {
        define(new PolicyDefinition(
                name,
                Optional.empty(),
                on,
                Set.of(group.name()),
                Set.of(),
                "TRUE",
                List.of(),
                new Policy.RowFilter(DATABASE + ".public.in_bern", List.of(new Policy.Constant(city)))));
    }

    private static void forget(Securable on, String... policies) {
        for (String policy : policies) {
            test.plane.metastore().policies().delete(root, on, policy);
        }
    }

    /** The first rule is being made when the change begins, and is committed before it goes on. */
    private static void overtakenByTheFirstRuleOf(String database, Runnable change) throws Exception {
        test.succeed(test.plane
                .databases()
                .create(CALLER, "shop", "production", database, Optional.empty(), "tester", false));
        try (Connection rule = test.control();
                var statement = rule.createStatement()) {
            rule.setAutoCommit(false);
            statement.execute("UPDATE control.metastore SET epoch = epoch + 1");
            statement.execute("""
                    UPDATE control.catalog SET governed = true, epoch = (SELECT epoch FROM control.metastore)
                    WHERE name = '%s'""".formatted(database));
            CompletableFuture<Void> made = CompletableFuture.runAsync(change);
            TestWait.until("the change waits for the rule", () -> waiting() > 0);
            rule.commit();
            made.get();
        }
        List<String> concerned = test.rows("""
                SELECT (c.epoch = m.epoch)::text FROM control.catalog c, control.metastore m WHERE c.name = '%s'
                """.formatted(database));
        test.change("UPDATE control.catalog SET governed = false WHERE name = '" + database + "'");
        test.succeed(test.plane.databases().delete(CALLER, "shop", "production", database));
        assertThat(concerned).containsExactly("true");
    }

    private static long waiting() {
        return Long.parseLong(test.rows("""
                SELECT count(*)::text FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%metastore%'
                """).getFirst());
    }

    @AfterEach
    void onlyAnnIsInTheGroup() {
        var _ = members("ann");
    }

    private static Changed<Directory.Entry> members(String... names) {
        return members(analysts, names);
    }

    private static Changed<Directory.Entry> members(Directory.Entry of, String... names) {
        Set<Long> ids = new HashSet<>();
        for (String name : names) {
            ids.add(test.plane
                    .directory()
                    .get(test.plane.principals().named(name).orElseThrow())
                    .id());
        }
        return test.plane
                .directory()
                .change(
                        root,
                        of.kind(),
                        of.id(),
                        group -> new Directory.Change(
                                group.name(), group.fullName(), group.externalId(), group.active(), ids));
    }
}
