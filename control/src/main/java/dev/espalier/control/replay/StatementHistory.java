package dev.espalier.control.replay;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Reads from {@code query.history} what was said to a database, on any branch of its project. */
public final class StatementHistory {

    /**
     * What was found, each text of each principal once.
     *
     * @param statements those that seem to read, the latest first
     * @param left how many others there are, by why
     */
    public record Found(List<RecordedStatement> statements, Map<Obstacle, Long> left) {

        public Found {
            statements = List.copyOf(statements);
            left = Map.copyOf(left);
        }
    }

    /** What only steers a session, or shows plans, is not counted. */
    private static final String SAID = """
            WITH said AS (
                SELECT principal, nullif(agent, '') AS agent, role_name, statement_text,
                       count(*) AS runs, max(start_time) AS last_run,
                       CASE WHEN NOT parsed OR truncated OR strpos(statement_text, '[removed]') > 0 THEN 'INCOMPLETE'
                            WHEN statement_type IN ('EXECUTE', 'DECLARE', 'FETCH') THEN 'SESSION'
                            WHEN statement_type <> 'SELECT' THEN 'CHANGES'
                            WHEN agent <> '' AND role_name = principal THEN 'AGENT' END AS obstacle
                FROM query.history
                WHERE project_id = :project AND database_name = :database AND start_time >= :since
                  AND statement_type NOT IN ('SET', 'SHOW', 'BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT', 'RELEASE',
                                             'PREPARE', 'DEALLOCATE', 'CLOSE', 'EXPLAIN')
                  AND coalesce(command_tag, '') NOT IN ('PARSE', 'BIND')
                GROUP BY 1, 2, 3, 4, obstacle
            )
            """;

    private final Jdbi jdbi;

    public StatementHistory(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** @param limit most statements to answer with; how many more there are is told */
    public Found of(String projectUid, String database, Instant since, int limit) {
        Map<String, Object> values = Map.of(
                "project", projectUid, "database", database, "since", OffsetDateTime.ofInstant(since, ZoneOffset.UTC));
        return jdbi.withHandle(handle -> {
            List<RecordedStatement> statements = statements(handle, values, limit);
            Map<Obstacle, Long> left = new EnumMap<>(Obstacle.class);
            handle.createQuery(SAID
                            + "SELECT coalesce(obstacle, 'LIMIT') AS obstacle, count(*) AS texts FROM said GROUP BY 1")
                    .bindMap(values)
                    .map((row, context) -> left.put(Obstacle.valueOf(row.getString("obstacle")), row.getLong("texts")))
                    .list();
            long beyond = left.getOrDefault(Obstacle.LIMIT, 0L) - statements.size();
            left.remove(Obstacle.LIMIT);
            if (beyond > 0) {
                left.put(Obstacle.LIMIT, beyond);
            }
            return new Found(statements, left);
        });
    }

    private static List<RecordedStatement> statements(Handle handle, Map<String, Object> values, int limit) {
        return handle.createQuery(SAID + """
                        SELECT principal, agent, role_name, statement_text, runs, last_run
                        FROM said
                        WHERE obstacle IS NULL
                        ORDER BY last_run DESC, role_name, statement_text
                        LIMIT :limit
                        """)
                .bindMap(values)
                .bind("limit", limit)
                .map((row, context) -> new RecordedStatement(
                        row.getString("principal"),
                        Optional.ofNullable(row.getString("agent")),
                        row.getString("role_name"),
                        row.getString("statement_text"),
                        row.getLong("runs"),
                        row.getObject("last_run", OffsetDateTime.class).toInstant()))
                .list();
    }
}
