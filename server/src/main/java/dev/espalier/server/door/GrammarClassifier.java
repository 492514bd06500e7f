package dev.espalier.server.door;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.espalier.gateway.Classifier;
import dev.espalier.gateway.StatementInfo;
import dev.espalier.sql.Effect;
import dev.espalier.sql.PostgresGrammar;
import dev.espalier.sql.Redaction;
import dev.espalier.sql.SqlSyntaxException;
import dev.espalier.sql.Statement;
import dev.espalier.sql.StatementCache;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** PostgreSQL's own grammar for the gateway. */
final class GrammarClassifier implements Classifier {

    private static final String OTHER = "OTHER";

    /** What an auditor asks for; of code that runs on the server nobody knows what it does. */
    private static final Set<Effect> CHANGES = EnumSet.of(
            Effect.CREATE,
            Effect.ALTER,
            Effect.DROP,
            Effect.TRUNCATE,
            Effect.GRANT,
            Effect.ROLE,
            Effect.SERVER_FILE,
            Effect.SERVER_PROGRAM,
            Effect.DO,
            Effect.CALL,
            Effect.SYSTEM,
            Effect.UNKNOWN);

    /** What was made of one text of a shape. */
    private static final class Known {
        private final byte[] text;
        private final List<StatementInfo> infos;

        /** Whether nothing of it was removed. */
        private final boolean withoutSecrets;

        Known(byte[] text, List<StatementInfo> infos, boolean withoutSecrets) {
            this.text = text;
            this.infos = infos;
            this.withoutSecrets = withoutSecrets;
        }
    }

    private final StatementCache cache;

    /** By the very list that the cache of statements holds, and for as long. */
    private final Cache<List<Statement>, Known> known =
            Caffeine.newBuilder().weakKeys().build();

    private final Redaction redaction;

    /** @param cache of what the grammar says */
    GrammarClassifier(PostgresGrammar grammar, StatementCache cache) {
        this.cache = cache;
        this.redaction = new Redaction(grammar);
    }

    @Override
    public @Nullable List<StatementInfo> atOnce(byte[] sql) {
        try {
            List<Statement> statements = cache.atOnce(sql);
            return statements == null ? null : infos(statements, sql);
        } catch (SqlSyntaxException e) {
            return unparsed(sql);
        }
    }

    @Override
    public List<StatementInfo> classify(byte[] sql) {
        try {
            return infos(cache.statements(sql), sql);
        } catch (SqlSyntaxException e) {
            return unparsed(sql);
        }
    }

    @Override
    public String readWithEscapes(byte[] sql) {
        return redaction.redactWithEscapes(text(sql, 0, sql.length));
    }

    @Override
    public String withoutSecrets(String words, List<String> said) {
        return Redaction.redactAnswer(words, said);
    }

    /** The grammar is not asked a second time: that may take as long as the first. */
    private static List<StatementInfo> unparsed(byte[] sql) {
        String text = Redaction.redactUnparsed(text(sql, 0, sql.length));
        return List.of(new StatementInfo(0, sql.length, OTHER, text, false, false, Optional.empty()));
    }

    private List<StatementInfo> infos(List<Statement> statements, byte[] sql) {
        Known last = known.get(statements, _ -> known(statements, sql));
        if (Arrays.equals(last.text, sql)) {
            return last.infos;
        }
        // A text that differs in plain constants only: numbers are no secrets, strings and comments may be.
        boolean withoutSecrets = last.withoutSecrets && !hasWords(sql);
        return infos(statements, sql, withoutSecrets);
    }

    /** Whether the text has a string, or a comment at its end. */
    private static boolean hasWords(byte[] sql) {
        for (int i = 0; i < sql.length; i++) {
            if (sql[i] == '\'' || (sql[i] == '*' && i > 0 && sql[i - 1] == '/')) {
                return true;
            }
        }
        return false;
    }

    private Known known(List<Statement> statements, byte[] sql) {
        List<StatementInfo> infos = infos(statements, sql, false);
        boolean withoutSecrets =
                infos.stream().allMatch(info -> info.redactedText().equals(text(sql, info.start(), info.end())));
        return new Known(sql.clone(), infos, withoutSecrets);
    }

    private List<StatementInfo> infos(List<Statement> statements, byte[] sql, boolean withoutSecrets) {
        List<StatementInfo> infos = new ArrayList<>(statements.size());
        for (Statement statement : statements) {
            String text = text(sql, statement.start(), statement.end());
            infos.add(new StatementInfo(
                    statement.start(),
                    statement.end(),
                    statement.type().name(),
                    withoutSecrets ? text : redaction.redact(text, statement),
                    true,
                    !Collections.disjoint(statement.effects(), CHANGES),
                    statement.named()));
        }
        return List.copyOf(infos);
    }

    private static String text(byte[] sql, int start, int end) {
        return new String(sql, start, end - start, StandardCharsets.UTF_8).strip();
    }
}
