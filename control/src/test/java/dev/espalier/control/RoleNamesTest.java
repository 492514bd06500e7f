package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.BranchInsight.DatabaseDiff;
import dev.espalier.control.metastore.Grants;
import dev.espalier.control.metastore.LiveCatalog;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.TagAssignments.Entity;
import dev.espalier.control.request.Address;
import dev.espalier.identity.Principal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whose what lies on a branch is over the API, for those who have not signed in there. */
class RoleNamesTest extends GovernedShop {

    private static final SecurableName PAY = SecurableName.of(DATABASE, "hr", "pay");

    @Test
    void whoGetsARemovedPrincipalsNameOwnsNothingOfHisBeforeHeSignsIn() throws SQLException {
        define(mask());
        Principal first = comes();
        var _ = test.plane.logins().open(first, Optional.empty(), Address.parse("shop/" + DATABASE), Optional.empty());
        inDatabase(DATABASE, """
                CREATE SCHEMA hr AUTHORIZATION eve;
                CREATE TABLE hr.pay (amount int);
                ALTER TABLE hr.pay OWNER TO eve;
                CREATE FUNCTION hr.raise() RETURNS int LANGUAGE sql AS 'SELECT 1';
                ALTER FUNCTION hr.raise() OWNER TO eve
                """);
        test.succeed(branch("earlier"));
        inEarlier("CREATE OR REPLACE FUNCTION hr.raise() RETURNS int LANGUAGE sql AS 'SELECT 4711'");
        give(first, "bob");
        assertThat(diff(first)).contains("4711");
        assertThat(bodies(first)).containsExactly("SELECT 1");

        Directory.Entry entry = test.plane.directory().get(first);
        test.plane.directory().delete(root, entry.kind(), entry.id());
        Principal second = comes();

        assertThatThrownBy(() -> give(second, "eve"))
                .hasMessageContaining("eve has neither MANAGE on the table " + PAY + " nor owns it");
        assertThatThrownBy(() -> test.plane
                        .metastore()
                        .tagAssignments()
                        .create(second, new Entity(PAY, Optional.of("amount")), "area", "pay"))
                .hasMessageContaining("eve has neither APPLY_TAG");
        assertThat(bodies(second)).containsExactly("");
        assertThat(diff(second)).contains("hr.raise()").doesNotContain("4711");
        assertThat(test.plane.metastore().catalogs().table(root, PAY).owner())
                .isEqualTo("eve (deleted " + entry.uid().substring(0, 8) + ")");
        inDatabase(DATABASE, "DROP SCHEMA hr CASCADE");
    }

    private static Principal comes() {
        user("eve");
        test.plane
                .access()
                .change(
                        root,
                        "shop",
                        List.of(new AccessLists.Wanted("eve", Optional.empty(), Permission.CAN_USE)),
                        false);
        return test.plane.principals().named("eve").orElseThrow();
    }

    private static void give(Principal who, String to) {
        test.plane
                .metastore()
                .grants()
                .update(
                        who,
                        new Securable(SecurableType.TABLE, PAY),
                        List.of(new Grants.Change(to, Set.of(Privilege.SELECT), Set.of())));
    }

    private static List<String> bodies(Principal who) {
        return test.plane.metastore().catalogs().functions(who, SecurableName.of(DATABASE, "hr")).stream()
                .map(LiveCatalog.Function::body)
                .toList();
    }

    private static String diff(Principal who) {
        DatabaseDiff found = test.plane
                .insight()
                .schemaDiff(who, "shop", "earlier", "production", Optional.of(DATABASE))
                .getFirst();
        return found.diff().toText() + found.diff().toScript() + found.diff().changes();
    }

    private static void inEarlier(String sql) throws SQLException {
        Endpoint primary = test.plane.endpoints().get("shop", "earlier", Endpoint.PRIMARY);
        test.plane.endpoints().wake(primary.uid());
        try (Connection session = test.engine.connect(primary.uid(), DATABASE);
                var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }
}
