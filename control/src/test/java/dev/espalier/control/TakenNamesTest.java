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
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

            assertThatThrownBy(() -> give(steward, table, "steward")).hasMessageContaining("has neither MANAGE");
            assertThatThrownBy(() -> test.plane.metastore().policies().delete(steward, table, "hide_here"))
                    .hasMessageContaining("has neither MANAGE");
            assertThatThrownBy(() -> test.plane
                            .metastore()
                            .tagAssignments()
                            .create(steward, new Entity(table.name(), Optional.of("x")), "area", ""))
                    .hasMessageContaining("has neither APPLY_TAG");

            give(root, table, "bob");
            give(root, table, "ann");
            assertThat(grants(table, "bob")).as("given since").containsExactly(Set.of(had));
            assertThat(grants(table, "ann")).as("given before").containsExactly(Set.of());
            grant("ann", table, Privilege.MANAGE);
            Principal ann = test.plane.principals().named("ann").orElseThrow();
            assertThatThrownBy(() -> test.plane.metastore().policies().delete(ann, table, "hide_here"))
                    .as("by what was given since")
                    .hasMessageContaining("has neither MANAGE");
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
                    .hasMessageContaining("would see more by this change");
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

    private static long number(String table) throws SQLException {
        return Long.parseLong(test.query("production", "SELECT '" + table + "'::regclass::oid::bigint"));
    }
}
