package dev.espalier.control;

import dev.espalier.control.metastore.RulesSource;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.engine.Engine;
import dev.espalier.postgres.Polling;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;

/** Waits for replicas, so that nobody reads there what was so before a change that he has seen on the primary. */
final class ReplicaReplay {

    private static final Duration WITHIN = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(5);

    private final Engine engine;
    private final RulesSource rules;

    ReplicaReplay(Engine engine, RulesSource rules) {
        this.engine = engine;
        this.rules = rules;
    }

    /**
     * As {@link #await}, so that nobody reads there what the rules of now hide. Of a project that has no database under rules nothing
     * is asked but that.
     */
    void awaitRules(Branch branch, String primaryUid, String replicaUid) {
        if (!rules.governed(branch.projectUid()).isEmpty()) {
            await(branch, primaryUid, replicaUid);
        }
    }

    /**
     * Waits until a replica has replayed all that its primary has written by now.
     *
     * @throws ControlException if it does not get there in time
     */
    void await(Branch branch, String primaryUid, String replicaUid) {
        try (Connection primary = engine.connect(primaryUid, BranchSessions.HOME);
                Connection replica = engine.connect(replicaUid, BranchSessions.HOME);
                var query = replica.prepareStatement("SELECT pg_last_wal_replay_lsn() >= ?::pg_lsn")) {
            query.setString(1, position(primary));
            if (!Polling.until(WITHIN, POLL, () -> isTrue(query))) {
                throw new ControlException(
                        Code.TEMPORARILY_UNAVAILABLE,
                        "a replica of " + branch.name() + " has not replayed what its primary has written within "
                                + WITHIN.toSeconds() + " s, and lets nobody in. Try again.");
            }
        } catch (SQLException e) {
            throw new ControlException(
                    Code.TEMPORARILY_UNAVAILABLE,
                    "cannot see how far a replica of " + branch.name() + " has replayed: " + e.getMessage()
                            + ". Try again.",
                    e);
        }
    }

    private static String position(Connection primary) throws SQLException {
        try (var statement = primary.createStatement();
                var rows = statement.executeQuery("SELECT pg_current_wal_flush_lsn()")) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static boolean isTrue(PreparedStatement query) throws SQLException {
        try (var rows = query.executeQuery()) {
            return rows.next() && rows.getBoolean(1);
        }
    }
}
