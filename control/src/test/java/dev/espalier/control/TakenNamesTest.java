package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Grants;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.PolicyDefinition.MatchText;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.TagAssignments.Entity;
import dev.espalier.control.metastore.TagPrivilege;
import dev.espalier.identity.Principal;
import dev.espalier.testing.TestWait;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Whoever takes a name that has come free gets nothing of what bore it, and nobody lifts his own masks by a name of yesterday. */
class TakenNamesTest extends GovernedShop {

    @Test
    void whoOwnsATableThatTookANameRulesNothingByIt() throws SQLException {
        inDatabase(DATABASE, "CREATE ROLE steward");
        for (boolean renamed : new boolean[] {true, false}) {
            String name = renamed ? "users" : "secrets";
            Securable table = table(name);
            test.execute("production", "CREATE TABLE " + name + " (id int, email text)");
            grant("ann", table, Privilege.SELECT);
            define(maskOn(table));
            long had = number(name);
            test.execute(
                    "production", renamed ? "ALTER TABLE users RENAME TO users_old" : "DROP TABLE secrets CASCADE");
            inDatabase(
                    DATABASE,
                    "CREATE TABLE public.%1$s (x int); ALTER TABLE public.%1$s OWNER TO steward".formatted(name));

            assertThatThrownBy(() -> give(steward, table, "steward"))
                    .hasMessageContaining("another had that name before");
            assertThatThrownBy(() -> test.plane.metastore().policies().delete(steward, table, "hide_here"))
                    .hasMessageContaining("another had that name before");
            assertThatThrownBy(() -> test.plane
                            .metastore()
                            .tagAssignments()
                            .create(steward, new Entity(table.name(), Optional.of("x")), "area", ""))
                    .hasMessageContaining("has no APPLY_TAG by the name");

            give(root, table, "bob");
            give(root, table, "ann");
            assertThat(grants(table, "bob")).as("given since").containsExactly(Set.of(had));
            assertThat(grants(table, "ann")).as("given before").containsExactly(Set.of());
            assertThat(grant("ann", table, Privilege.MANAGE).warnings())
                    .anyMatch(warning -> warning.contains("gives ann no MANAGE on " + table.name()));
            Principal ann = test.plane.principals().named("ann").orElseThrow();
            assertThatThrownBy(() -> test.plane.metastore().policies().delete(ann, table, "hide_here"))
                    .as("by what was given since")
                    .hasMessageContaining("another had that name before");
            revoke("ann", table, Privilege.MANAGE);
            test.plane.metastore().policies().delete(root, table, "hide_here");
        }

        inDatabase(DATABASE, "CREATE TABLE public.plain (x int); ALTER TABLE public.plain OWNER TO steward");
        give(steward, table("plain"), "bob");
        assertThat(grants(table("plain"), "bob")).as("of what is one's own").containsExactly(Set.of());
    }

    @Test
    void whatIsGivenOnASchemaIsNotOnWhatHasLeftIt() throws SQLException {
        test.execute("production", """
                CREATE SCHEMA sales; CREATE SCHEMA apart;
                CREATE TABLE sales.kept (id int); CREATE TABLE sales.moved (id int); CREATE TABLE sales.gone (id int);
                """);
        Securable sales = new Securable(SecurableType.SCHEMA, SecurableName.of(DATABASE, "sales"));
        grant("ann", sales, Privilege.SELECT);
        long kept = number("sales.kept");
        long moved = number("sales.moved");
        long gone = number("sales.gone");
        test.execute("production", "ALTER TABLE sales.moved SET SCHEMA apart; DROP TABLE sales.gone");
        give(root, sales, "bob");
        assertThat(grants(sales, "bob")).containsExactly(Set.of(moved));
        test.execute("production", "ALTER SCHEMA sales RENAME TO sales_old; CREATE SCHEMA sales");
        give(root, sales, "steward");
        assertThat(grants(sales, "steward")).containsExactly(Set.of(kept, moved, gone));
        assertThat(grants(sales, "ann")).containsExactly(Set.of());
    }

    @Test
    void whoMayManageASchemaManagesItWhenTablesHaveLeftItAndNotOneThatHasTakenItsName() throws SQLException {
        test.execute("production", """
                CREATE SCHEMA office; CREATE SCHEMA archive; CREATE TABLE office.audit (id int); CREATE TABLE office.desks (id int)
                """);
        Securable office = new Securable(SecurableType.SCHEMA, SecurableName.of(DATABASE, "office"));
        Securable desks = new Securable(SecurableType.TABLE, SecurableName.of(DATABASE, "office", "desks"));
        grant("steward", office, Privilege.SELECT);
        test.execute("production", "ALTER TABLE office.audit SET SCHEMA archive");

        assertThat(grant("ann", office, Privilege.MANAGE).warnings()).isEmpty();
        Principal ann = test.plane.principals().named("ann").orElseThrow();
        give(ann, office, "bob");
        give(ann, desks, "bob");
        test.execute("production", "DROP TABLE office.desks; CREATE TABLE office.desks (id int)");
        give(ann, desks, "steward");
        assertThat(grants(desks, "steward")).as("as who owns the schema may").hasSize(1);
        test.execute("production", "CREATE TABLE office.audit (id int)");
        Securable audit = new Securable(SecurableType.TABLE, SecurableName.of(DATABASE, "office", "audit"));
        assertThatThrownBy(() -> give(ann, audit, "bob"))
                .as("what is said by this name is said of archive.audit, too")
                .hasMessageContaining("ann has no MANAGE by the name of the table " + audit.name());

        test.execute("production", "ALTER SCHEMA office RENAME TO office_old; CREATE SCHEMA office");
        assertThat(grant("ann", office, Privilege.ALL_PRIVILEGES).warnings())
                .anyMatch(warning -> warning.contains("gives ann no APPLY_TAG on " + office.name()));
        assertThatThrownBy(() -> give(ann, office, "steward"))
                .hasMessageContaining("ann has no MANAGE by the name of the schema " + office.name());
    }

    @Test
    void whatIsNotOnATableIsNotAmongWhatHoldsForIt() throws SQLException {
        Securable wares = table("wares");
        Securable depot = new Securable(SecurableType.SCHEMA, SecurableName.of(DATABASE, "depot"));
        Securable stock = new Securable(SecurableType.TABLE, SecurableName.of(DATABASE, "depot", "stock"));
        test.execute(
                "production", "CREATE TABLE wares (id int); CREATE SCHEMA depot; CREATE TABLE depot.stock (id int)");
        grant("ann", wares, Privilege.SELECT);
        test.execute("production", """
                ALTER TABLE wares RENAME TO wares_a; CREATE TABLE wares (id int); ALTER TABLE depot.stock SET SCHEMA public
                """);
        give(root, wares, "bob");
        give(root, depot, "bob");
        assertThat(holding(wares)).containsExactly("ann", "bob");
        assertThat(shown("public", "wares")).containsExactly("ann", "bob");
        test.execute("production", """
                ALTER TABLE wares RENAME TO wares_b; ALTER TABLE wares_a RENAME TO wares;
                ALTER TABLE public.stock SET SCHEMA depot; CREATE TABLE depot.other (id int)
                """);

        assertThat(holding(wares)).containsExactly("ann");
        assertThat(grants(wares, "bob")).as("by the name, to be taken").hasSize(1);
        assertThat(holding(stock)).isEmpty();
        assertThat(shown("public", "wares")).containsExactly("ann");
        assertThat(shown("depot", "stock")).isEmpty();
        assertThat(shown("depot", "other")).containsExactly("bob");
    }

    @Test
    void twoWhoLookAtACatalogAtOnceDoNotWaitForEachOtherInACircle() throws Exception {
        test.execute("production", """
                CREATE SCHEMA crowd;
                CREATE TABLE crowd.m ();
                DO $$ BEGIN FOR i IN 1..50 LOOP EXECUTE format('CREATE TABLE crowd.z%s ()', i); END LOOP; END $$
                """);
        String row = "INSERT INTO control.name_bearer (catalog_uid, schema_name, table_name, number)"
                + " SELECT uid, 'crowd', '%s', %d FROM control.catalog WHERE name = '" + DATABASE + "'";
        try (Connection other = test.control();
                var statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute(row.formatted("m", number("crowd.m")));
            CompletableFuture<?> look = CompletableFuture.supplyAsync(
                    () -> test.plane.metastore().catalogs().schemas(root, DATABASE));
            TestWait.until(
                    () -> !test.rows("SELECT pid::text FROM pg_stat_activity WHERE pg_blocking_pids(pid) <> '{}'")
                            .isEmpty());
            for (int i = 1; i <= 50; i++) {
                statement.execute(row.formatted("z" + i, number("crowd.z" + i)));
            }
            other.commit();
            look.get();
        }
        assertThat(test.rows("SELECT count(*)::text FROM control.name_bearer WHERE schema_name = 'crowd' AND current"))
                .containsExactly("52");
    }

    @Test
    void nobodyWhomAPolicyBindsLiftsItByATagOnAnEarlierName() throws SQLException {
        SecurableName persons = SecurableName.of(DATABASE, "public", "persons");
        test.execute("production", "CREATE TABLE persons (id int, mail text, note text)");
        grant("ann", table("persons"), Privilege.APPLY_TAG);
        test.plane.metastore().tagGrants().give(root, "area", Set.of(TagPrivilege.ASSIGN), "ann");
        tag(new Entity(persons, Optional.of("mail")), "area", "");
        test.plane.metastore().tagAssignments().delete(root, new Entity(persons, Optional.of("mail")), "area");
        tag(new Entity(persons, Optional.of("note")), "area", "");
        test.plane.metastore().tagAssignments().delete(root, new Entity(persons, Optional.of("note")), "area");
        inDatabase(DATABASE, """
                CREATE SCHEMA espalier_governance;
                CREATE TABLE espalier_governance.known_relation (relid oid, schema name, name name);
                CREATE TABLE espalier_governance.known_column (relid oid, attnum smallint, name name);
                INSERT INTO espalier_governance.known_relation VALUES ('public.persons'::regclass, 'public', 'persons');
                INSERT INTO espalier_governance.known_column
                SELECT attrelid, attnum, attname FROM pg_attribute WHERE attrelid = 'public.persons'::regclass AND attnum > 0;
                """);
        test.execute("production", "ALTER TABLE persons RENAME mail TO address; ALTER TABLE persons DROP note");
        tag(new Entity(persons, Optional.of("address")), "pii", "email");
        define(new PolicyDefinition(
                "but_areas",
                Optional.empty(),
                CATALOG,
                Set.of("analysts"),
                Set.of(),
                "TRUE",
                List.of(new MatchText("c", "has_tag_value('pii', 'email') AND NOT has_tag('area')")),
                new Policy.ColumnMask("system.mask.redact", "c", List.of())));

        Principal ann = test.plane.principals().named("ann").orElseThrow();
        for (String column : List.of("mail", "note")) {
            assertThatThrownBy(() -> test.plane
                            .metastore()
                            .tagAssignments()
                            .create(ann, new Entity(persons, Optional.of(column)), "area", ""))
                    .as(column)
                    .hasMessageContaining("would see more after this change");
        }
        tag(new Entity(persons, Optional.of("note")), "area", "");
        inDatabase(DATABASE, "DROP SCHEMA espalier_governance CASCADE");
    }

    private static Securable table(String name) {
        return new Securable(SecurableType.TABLE, SecurableName.of(DATABASE, "public", name));
    }

    private static PolicyDefinition maskOn(Securable table) {
        return new PolicyDefinition(
                "hide_here",
                Optional.empty(),
                table,
                Set.of("analysts"),
                Set.of(),
                "TRUE",
                List.of(new MatchText("c", "has_tag_value('pii', 'email')")),
                new Policy.ColumnMask("system.mask.redact", "c", List.of()));
    }

    private static void give(Principal who, Securable on, String to) {
        test.plane
                .metastore()
                .grants()
                .update(who, on, List.of(new Grants.Change(to, Set.of(Privilege.SELECT), Set.of())));
    }

    private static List<Set<Long>> grants(Securable on, String principal) {
        return test.plane.metastore().grants().of(root, on, Optional.of(principal)).stream()
                .filter(grant -> grant.privilege() == Privilege.SELECT)
                .map(Grant::notOn)
                .toList();
    }

    private static List<String> holding(Securable on) {
        return test.plane.metastore().grants().effective(root, on, Optional.empty()).stream()
                .filter(grant -> grant.privilege() == Privilege.SELECT)
                .map(Grant::principal)
                .toList();
    }

    /** As it is told in SQL. */
    private static List<String> shown(String schema, String table) {
        return test.rows("""
                SELECT p.name FROM control.effective_privilege g JOIN control.principal p ON p.id = g.principal_id
                WHERE g.schema_name = '%s' AND g.object_name = '%s' AND g.privilege = 'SELECT' ORDER BY 1
                """.formatted(schema, table));
    }

    private static long number(String table) throws SQLException {
        return Long.parseLong(test.query("production", "SELECT '" + table + "'::regclass::oid::bigint"));
    }
}
