package dev.espalier.control;

import dev.espalier.engine.Engine;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions of Espalier's own in branches, kept for a moment after their use: changes of the rules come in rows, and a new session
 * plans everything anew, which takes longer than the work.
 */
final class WarmSessions implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WarmSessions.class);

    /** Less than the 5 s that PostgreSQL waits, to drop or copy a database, for others to leave it (CountOtherDBBackends). */
    private static final Duration KEPT_FOR = Duration.ofSeconds(2);

    /** Each takes some 10 MiB of the machine. */
    private static final int MOST_KEPT = 16;

    private final Engine engine;
    private final Executor later = CompletableFuture.delayedExecutor(
            KEPT_FOR.toMillis(),
            TimeUnit.MILLISECONDS,
            task -> Thread.ofPlatform().daemon().start(task));
    private final Map<EndpointDatabase, Connection> kept = new ConcurrentHashMap<>();

    WarmSessions(Engine engine) {
        this.engine = engine;
    }

    /**
     * Uses a session of the superuser's, which has no settings and no transaction from before: one that is kept, if there is one.
     *
     * @param keepsNew whether a new one is kept, as where the rules change. Elsewhere it would hinder whoever comes next: {@code DROP
     *     DATABASE … WITH (FORCE)} fails where a superuser has a session, and does not wait
     */
    <T> T with(String endpointUid, String database, boolean keepsNew, BranchSessions.Use<T> use) throws SQLException {
        EndpointDatabase key = new EndpointDatabase(endpointUid, database);
        Optional<Connection> found = take(key);
        Connection session = found.isPresent() ? found.get() : engine.connect(endpointUid, database);
        boolean clean = false;
        try {
            T result = use.in(session);
            BranchSessions.execute(session, "RESET ROLE; RESET ALL");
            clean = true;
            return result;
        } finally {
            if (clean && (keepsNew || found.isPresent())) {
                keep(key, session);
            } else {
                close(session);
            }
        }
    }

    private Optional<Connection> take(EndpointDatabase key) throws SQLException {
        Connection session = kept.remove(key);
        if (session == null) {
            return Optional.empty();
        }
        // The server may have been started anew, or the session ended.
        if (session.isValid(1)) {
            return Optional.of(session);
        }
        close(session);
        return Optional.empty();
    }

    private void keep(EndpointDatabase key, Connection session) {
        if (kept.size() >= MOST_KEPT || kept.putIfAbsent(key, session) != null) {
            close(session);
            return;
        }
        later.execute(() -> {
            if (kept.remove(key, session)) {
                close(session);
            }
        });
    }

    private static void close(Connection session) {
        try {
            session.close();
        } catch (SQLException e) {
            LOG.debug("a session could not be closed: {}", e.getMessage());
        }
    }

    /** Closes those that are kept. */
    @Override
    public void close() {
        kept.keySet().forEach(key -> {
            Connection session = kept.remove(key);
            if (session != null) {
                close(session);
            }
        });
    }
}
