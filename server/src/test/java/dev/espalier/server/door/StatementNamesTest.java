package dev.espalier.server.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.api.http.Route;
import dev.espalier.api.unitycatalog.CatalogRoutes;
import dev.espalier.api.unitycatalog.GovernedTagRoutes;
import dev.espalier.api.unitycatalog.GrantRoutes;
import dev.espalier.api.unitycatalog.PolicyRoutes;
import dev.espalier.api.unitycatalog.RuleSetRoutes;
import dev.espalier.api.unitycatalog.TagAssignmentRoutes;
import dev.espalier.governance.statement.GovernanceStatement;
import dev.espalier.governance.statement.StatementReader;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** One act has one name in the audit, whichever way it was asked for. */
class StatementNamesTest {

    private static final List<GovernanceStatement> STATEMENTS = Stream.of(
                    "GRANT SELECT ON TABLE shop.public.person TO ann",
                    "REVOKE SELECT ON TABLE shop.public.person FROM ann",
                    "SHOW GRANTS ON CATALOG shop",
                    "CREATE GOVERNED TAG pii",
                    "ALTER GOVERNED TAG pii SET DESCRIPTION 'of people'",
                    "GRANT ASSIGN ON GOVERNED TAG pii TO ann",
                    "REVOKE ASSIGN ON GOVERNED TAG pii FROM ann",
                    "SHOW GRANTS ON GOVERNED TAG pii",
                    "DROP GOVERNED TAG pii",
                    "SHOW GOVERNED TAGS",
                    "SET TAG ON COLUMN shop.public.person.email pii",
                    "UNSET TAG ON COLUMN shop.public.person.email pii",
                    "CREATE POLICY p ON CATALOG shop ROW FILTER shop.public.f TO ann FOR TABLES",
                    "DROP POLICY p ON CATALOG shop",
                    "SHOW POLICIES ON CATALOG shop",
                    "DESCRIBE POLICY p ON CATALOG shop",
                    "ALTER CATALOG shop SET OWNER TO ann",
                    "COMMENT ON CATALOG shop IS 'orders'")
            .map(sql -> StatementReader.read(sql).orElseThrow())
            .toList();

    @Test
    void everyStatementHasTheNameOfTheMethodThatDoesTheSame() {
        assertThat(STATEMENTS.stream().map(GovernanceStatement::getClass).distinct())
                .hasSize(GovernanceStatement.class.getPermittedSubclasses().length);
        assertThat(methods())
                .containsAll(
                        STATEMENTS.stream().map(GovernanceExecutor::operation).toList());
    }

    /** Routes are asked for their names alone, and need nothing behind them for that. */
    @SuppressWarnings("NullAway")
    private static List<String> methods() {
        return Stream.of(
                        new GrantRoutes(null).routes(),
                        new GovernedTagRoutes(null).routes(),
                        new RuleSetRoutes(null, null).routes(),
                        new TagAssignmentRoutes(null).routes(),
                        new PolicyRoutes(null).routes(),
                        new CatalogRoutes(null).routes())
                .flatMap(List::stream)
                .map(Route::operationId)
                .toList();
    }
}
