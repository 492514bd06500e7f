package dev.espalier.control;

import dev.espalier.control.MirrorTable.Feed;
import dev.espalier.control.admission.Masking;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.engine.Engine;
import dev.espalier.postgres.Lsn;
import dev.espalier.postgres.PostgresException;
import dev.espalier.schema.SchemaReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** What has to be right of a mirror before it is copied, and what is done to the copy before anyone is let in. */
final class MirrorCopies {

    /** How long a copy waits for the mirror to have what its source has. */
    private static final Duration CATCH_UP_WITHIN = Duration.ofSeconds(5);

    private final Engine engine;
    private final Jdbi jdbi;
    private final EndpointTable endpoints;
    private final EndpointRunner runner;
    private final Masking masking;
    private final MirrorFeeds feeds;

    MirrorCopies(
            Engine engine,
            Jdbi jdbi,
            EndpointTable endpoints,
            EndpointRunner runner,
            Masking masking,
            MirrorFeeds feeds) {
        this.engine = engine;
        this.jdbi = jdbi;
        this.endpoints = endpoints;
        this.runner = runner;
        this.masking = masking;
        this.feeds = feeds;
    }

    /**
     * Makes sure that the mirror is what its source and the rules ask for, and waits a moment for what it has not applied yet. The
     * caller holds it, and its source before it.
     *
     * @throws ControlException naming what keeps it from being copied
     */
    void requireReady(Branch mirror) {
        BranchRules.refuseWithoutSource(mirror);
        Mirror seen = mirror.mirror().orElseThrow();
        if (seen.state() == Mirror.State.OUT_OF_DATE) {
            throw outOfDate(mirror, seen.reason().orElse(""));
        }
        Endpoint source = jdbi.withHandle(
                handle -> endpoints.primary(handle, mirror.sourceUid().orElseThrow()));
        Endpoint primary = jdbi.withHandle(handle -> endpoints.primary(handle, mirror.uid()));
        runner.wakeHeld(source.uid());
        runner.wakeHeld(primary.uid());
        try {
            List<Feed> all = jdbi.withHandle(handle -> MirrorTable.of(handle, mirror));
            if (all.isEmpty()) {
                throw end(mirror, MirrorFeeds.NOTHING_HELD);
            }
            for (Feed feed : all) {
                Optional<String> lost = feeds.lost(feed, source).or(() -> changed(feed, source));
                if (lost.isPresent()) {
                    throw end(mirror, lost.get());
                }
                if (!feeds.progress(feed, primary).copied()) {
                    throw new ControlException(
                            Code.TEMPORARILY_UNAVAILABLE,
                            mirror.name()
                                    + " is still copying the rows that its source had. Try again when its state is "
                                    + "STREAMING.");
                }
            }
            awaitCatchUp(mirror, all, source, primary);
        } catch (SQLException e) {
            throw new PostgresException("cannot see how " + mirror.name() + " stands: " + e.getMessage(), e);
        }
    }

    private Optional<String> changed(Feed feed, Endpoint source) {
        try (Connection session = engine.connect(source.uid(), feed.database())) {
            return MirrorSchema.hash(SchemaReader.read(session)).equals(feed.schemaHash())
                    ? Optional.empty()
                    : Optional.of(
                            "a migration has changed the schema of the database " + feed.database() + " at its source");
        } catch (SQLException e) {
            throw new PostgresException("cannot read the schema of " + feed.database() + ": " + e.getMessage(), e);
        }
    }

    /** One that is at work and does not get there in time is copied as far as it is. */
    private void awaitCatchUp(Branch mirror, List<Feed> all, Endpoint source, Endpoint primary) throws SQLException {
        Lsn position = feeds.position(source);
        long deadline = System.nanoTime() + CATCH_UP_WITHIN.toNanos();
        for (Feed feed : all) {
            if (!feeds.reaches(feed, source, position, Duration.ofNanos(deadline - System.nanoTime()))
                    && !feeds.progress(feed, primary).works()) {
                throw new ControlException(
                        Code.TEMPORARILY_UNAVAILABLE, mirror.name() + ": " + feeds.cannotApply(feed, primary));
            }
        }
    }

    private ControlException end(Branch mirror, String reason) {
        jdbi.useHandle(handle -> MirrorTable.change(handle, mirror.uid(), Mirror.outOfDate(reason)));
        return outOfDate(mirror, reason);
    }

    private static ControlException outOfDate(Branch mirror, String reason) {
        return new ControlException(
                Code.INVALID_STATE,
                mirror.name() + " is out of date: " + reason
                        + ". Reset it, which copies its source anew; branches that were made from it stay.",
                "MIRROR_OUT_OF_DATE",
                Map.of("branch", mirror.name().toString()));
    }

    /**
     * Makes a branch that is masked its users' own: what they write is masked no more.
     *
     * @param primary its read-write endpoint, which runs, and which nobody is let in to yet
     */
    void release(Endpoint primary) {
        try (Connection home = engine.connect(primary.uid(), BranchSessions.HOME)) {
            for (String database : BranchSessions.databases(home)) {
                try (Connection session = engine.connect(primary.uid(), database)) {
                    masking.release(session);
                }
            }
        } catch (SQLException e) {
            throw new PostgresException("cannot take the masks out of a copy: " + e.getMessage(), e);
        }
    }

    /** Has the sequences of a copy of the mirror go on where the source's are: replication does not tell of them. */
    void setSequences(Branch mirror, Endpoint copy) {
        Endpoint source = jdbi.withHandle(
                handle -> endpoints.primary(handle, mirror.sourceUid().orElseThrow()));
        try {
            for (Feed feed : jdbi.withHandle(handle -> MirrorTable.of(handle, mirror))) {
                try (Connection there = engine.connect(source.uid(), feed.database());
                        Connection here = engine.connect(copy.uid(), feed.database())) {
                    setSequences(there, here);
                }
            }
        } catch (SQLException e) {
            throw new PostgresException(
                    "cannot set the sequences of a copy of " + mirror.name() + ": " + e.getMessage(), e);
        }
    }

    private static void setSequences(Connection source, Connection copy) throws SQLException {
        try (var statement = source.createStatement();
                var rows = statement.executeQuery("""
                        SELECT schemaname, sequencename, last_value FROM pg_sequences
                        WHERE last_value IS NOT NULL AND schemaname !~ '^espalier'
                        """);
                var set = copy.prepareStatement("""
                        SELECT setval(c.oid, ?)
                        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                        WHERE n.nspname = ? AND c.relname = ? AND c.relkind = 'S'
                        """)) {
            while (rows.next()) {
                set.setLong(1, rows.getLong(3));
                set.setString(2, rows.getString(1));
                set.setString(3, rows.getString(2));
                set.execute();
            }
        }
    }
}
