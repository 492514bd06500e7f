package dev.espalier.server.door;

import dev.espalier.control.admission.Sight;
import dev.espalier.control.replay.Obstacle;
import dev.espalier.control.replay.StatementTexts;
import dev.espalier.gateway.SessionRules.Instead;
import dev.espalier.sql.Effect;
import dev.espalier.sql.SqlSyntaxException;
import dev.espalier.sql.Statement;
import dev.espalier.sql.StatementCache;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Statements that are run again, read by PostgreSQL's grammar and sent as the gateway would send them. */
final class GatewayTexts implements StatementTexts {

    private final StatementCache statements;

    GatewayTexts(StatementCache statements) {
        this.statements = statements;
    }

    @Override
    public Optional<Obstacle> obstacle(String text) {
        try {
            List<Statement> parsed = statements.statements(text.getBytes(StandardCharsets.UTF_8));
            if (parsed.size() != 1 || !parsed.getFirst().effects().equals(Set.of(Effect.SELECT))) {
                return Optional.of(Obstacle.CHANGES);
            }
            return parsed.getFirst().parameters() > 0 ? Optional.of(Obstacle.PARAMETERS) : Optional.empty();
        } catch (SqlSyntaxException e) {
            return Optional.of(Obstacle.INCOMPLETE);
        }
    }

    @Override
    public String sent(String text, Sight sight) {
        if (!sight.bound()) {
            return text;
        }
        // Of nobody: what sets a path is not replayed.
        GovernedRules rules = new GovernedRules(statements, "", new ViewNames(sight), Optional.empty(), true, () -> {});
        return rules.sentInTime(text.getBytes(StandardCharsets.UTF_8)) instanceof Instead(String other) ? other : text;
    }
}
