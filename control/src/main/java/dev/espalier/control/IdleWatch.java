package dev.espalier.control;

import dev.espalier.control.setting.ActivityPolicy;
import dev.espalier.control.setting.ActivityPolicy.Counts;
import dev.espalier.engine.Engine;
import dev.espalier.postgres.SessionThreads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stops the endpoints that have not been used, by the rule of each, for as long as they may idle. */
final class IdleWatch implements AutoCloseable {

    private static final Duration LONGEST_END = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(IdleWatch.class);

    /** Somebody may have touched it since this look began. */
    private static final Duration CLOCK_DIFFERENCE = Duration.ofSeconds(10);

    /** What was seen of an endpoint at the last look. */
    private record Seen(Instant looked, long writes) {}

    /** Whose session began or ended. */
    private record Visitor(String role, String applicationName) {}

    private final Engine engine;
    private final Jdbi jdbi;
    private final EndpointTable endpoints;
    private final EndpointRunner runner;
    private final Locks locks;
    private final Clock clock;
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();

    /** Who has come or gone since the last look, by endpoint: of short sessions nothing else is seen. */
    private final Map<String, Set<Visitor>> visitors = new ConcurrentHashMap<>();

    private final Set<String> looking = ConcurrentHashMap.newKeySet();
    private final ExecutorService looks = SessionThreads.perTask("idle-watch");

    IdleWatch(Engine engine, Jdbi jdbi, EndpointTable endpoints, EndpointRunner runner, Locks locks, Clock clock) {
        this.engine = engine;
        this.jdbi = jdbi;
        this.endpoints = endpoints;
        this.runner = runner;
        this.locks = locks;
        this.clock = clock;
    }

    /** A session begins or ends. */
    void visited(String endpointUid, String role, String applicationName) {
        Visitor visitor = new Visitor(role, applicationName);
        visitors.merge(endpointUid, Set.of(visitor), IdleWatch::union);
    }

    private static Set<Visitor> union(Set<Visitor> some, Set<Visitor> others) {
        return some.containsAll(others)
                ? some
                : Stream.concat(some.stream(), others.stream()).collect(Collectors.toUnmodifiableSet());
    }

    /** Begins to look at every endpoint that runs; one that keeps its look waiting keeps no other one's. */
    void look() {
        List<String> running = engine.running();
        seen.keySet().retainAll(running);
        visitors.keySet().retainAll(running);
        for (String uid : running) {
            if (looking.add(uid)) {
                var _ = looks.submit(() -> {
                    try {
                        jdbi.withHandle(handle -> endpoints.byUid(handle, uid)).ifPresent(this::lookSafely);
                    } finally {
                        looking.remove(uid);
                    }
                });
            }
        }
    }

    private void lookSafely(Endpoint endpoint) {
        try {
            look(endpoint);
        } catch (SQLException | RuntimeException e) {
            // Servers stop while Espalier does.
            if (looks.isShutdown()) {
                return;
            }
            LOG.warn("cannot see whether {} is used: {}", endpoint.name(), e.getMessage());
        }
    }

    @Override
    public void close() {
        SessionThreads.end(looks, LONGEST_END);
    }

    private void look(Endpoint endpoint) throws SQLException {
        Set<Visitor> since = visitorsSince(endpoint);
        if (endpoint.settings().suspendAfter().isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        Instant lastActive = endpoint.lastActiveTime().orElse(endpoint.createTime());
        // One that was used in the future by a clock that was set back idles from now on.
        if (isUsed(endpoint, since, now) || lastActive.isAfter(now.plus(CLOCK_DIFFERENCE))) {
            runner.touch(endpoint.uid());
            return;
        }
        Duration idle = Duration.between(lastActive, now);
        if (idle.compareTo(endpoint.settings().suspendAfter().get()) >= 0) {
            suspend(endpoint);
        }
    }

    /** Those since the last time that this was asked. */
    private Set<Visitor> visitorsSince(Endpoint endpoint) {
        return Objects.requireNonNullElse(visitors.remove(endpoint.uid()), Set.of());
    }

    /** Whoever works with the branch now goes first, and then nobody may have come meanwhile; this looks again later. */
    private void suspend(Endpoint endpoint) throws SQLException {
        Optional<Locks.Held> alone = locks.tryAlone(endpoint.branchUid());
        if (alone.isEmpty()) {
            return;
        }
        try (var _ = alone.get()) {
            boolean touched = jdbi.withHandle(handle -> endpoints.byUid(handle, endpoint.uid()))
                    .map(now -> !now.lastActiveTime().equals(endpoint.lastActiveTime()))
                    .orElse(true);
            if (!touched
                    && engine.isRunning(endpoint.uid())
                    && !isUsed(endpoint, visitorsSince(endpoint), clock.instant())) {
                engine.shut(endpoint.uid());
                // Who has found it open has been seen here before that, and who has not waits, see Logins.enter.
                if (visitors.containsKey(endpoint.uid())) {
                    engine.open(endpoint.uid());
                } else {
                    LOG.info("{} has been idle and is suspended", endpoint.name());
                    runner.suspend(endpoint.uid());
                }
            }
        }
    }

    private boolean isUsed(Endpoint endpoint, Set<Visitor> since, Instant now) throws SQLException {
        ActivityPolicy policy = endpoint.activityPolicy();
        boolean visited =
                since.stream().anyMatch(visitor -> !policy.ignores(visitor.role(), visitor.applicationName()));
        if (!visited && !engine.hasSessions(endpoint.uid())) {
            return false;
        }
        try (Connection session = engine.connect(endpoint.uid(), BranchSessions.HOME)) {
            measure(session, endpoint);
            Seen current = new Seen(now, writes(session));
            Seen before = Objects.requireNonNullElse(seen.put(endpoint.uid(), current), current);
            boolean statementsCount = policy.counts() != Counts.WRITES || current.writes() > before.writes();
            return (visited && statementsCount) || anySession(session, policy, statementsCount, before.looked());
        }
    }

    /** Takes the occasion to note the size of the branch's databases. */
    private void measure(Connection session, Endpoint endpoint) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(
                        "SELECT sum(pg_catalog.pg_database_size(oid))::bigint FROM pg_catalog.pg_database")) {
            rows.next();
            long bytes = rows.getLong(1);
            jdbi.useHandle(handle -> BranchTable.logicalBytes(handle, endpoint.branchUid(), bytes));
        }
    }

    /**
     * Whether a session counts that is there.
     *
     * @param statementsCount whether it is enough that it is doing something, or has since; a transaction that has changed
     *     rows always is, because they are in PostgreSQL's counters only when it has ended
     */
    private static boolean anySession(Connection session, ActivityPolicy policy, boolean statementsCount, Instant since)
            throws SQLException {
        try (var query = session.prepareStatement("""
                SELECT usename, application_name
                FROM pg_catalog.pg_stat_activity
                WHERE backend_type IN ('client backend', 'walsender')
                  AND pid <> pg_catalog.pg_backend_pid()
                  AND usename !~ '^espalier($|_mirror_)'
                  AND (? OR backend_xid IS NOT NULL OR (? AND (state <> 'idle' OR state_change >= ?)))
                """)) {
            query.setBoolean(1, policy.counts() == Counts.CONNECTIONS);
            query.setBoolean(2, statementsCount);
            query.setObject(3, Columns.timestamp(since));
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    if (!policy.ignores(rows.getString(1), rows.getString(2))) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Rows changed since the server started, in all databases. */
    private static long writes(Connection session) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("""
                        SELECT coalesce(sum(tup_inserted + tup_updated + tup_deleted), 0)
                        FROM pg_catalog.pg_stat_database
                        """)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
