package dev.espalier.server.door;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.espalier.gateway.Classifier;
import dev.espalier.gateway.StatementInfo;
import dev.espalier.sql.PostgresGrammar;
import dev.espalier.sql.Redaction;
import dev.espalier.sql.SqlSyntaxException;
import dev.espalier.sql.Statement;
import dev.espalier.sql.StatementCache;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** PostgreSQL's own grammar for the gateway. */
final class GrammarClassifier implements Classifier {

    private static final int PARSERS = 2;
    private static final int REMEMBERED = 20_000;
    private static final String OTHER = "OTHER";

    private final StatementCache cache;

    /** By the very list that the cache of statements holds, and for as long. */
    private final Cache<List<Statement>, List<StatementInfo>> infos =
            Caffeine.newBuilder().weakKeys().build();

    private final Redaction redaction;

    GrammarClassifier() {
        PostgresGrammar grammar = new PostgresGrammar(PARSERS);
        this.cache = new StatementCache(grammar, REMEMBERED);
        this.redaction = new Redaction(grammar);
    }

    @Override
    public List<StatementInfo> classify(byte[] sql) {
        try {
            List<Statement> statements = cache.statements(sql);
            return infos.get(statements, _ -> infos(statements, sql));
        } catch (SqlSyntaxException e) {
            String text = new String(sql, StandardCharsets.UTF_8);
            return List.of(
                    new StatementInfo(0, sql.length, OTHER, redaction.redact(text.strip()), false, Optional.empty()));
        }
    }

    private List<StatementInfo> infos(List<Statement> statements, byte[] sql) {
        List<StatementInfo> infos = new ArrayList<>();
        for (Statement statement : statements) {
            String text =
                    new String(Arrays.copyOfRange(sql, statement.start(), statement.end()), StandardCharsets.UTF_8);
            infos.add(new StatementInfo(
                    statement.start(),
                    statement.end(),
                    statement.type().name(),
                    redaction.redact(text.strip()),
                    true,
                    Optional.empty()));
        }
        return List.copyOf(infos);
    }
}
