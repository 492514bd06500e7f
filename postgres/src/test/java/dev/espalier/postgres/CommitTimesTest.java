package dev.espalier.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The positions that the reader finds are compared with those PostgreSQL itself reports for the same commits. */
class CommitTimesTest {

    private record Commit(Instant time, Lsn before, Lsn after) {}

    @TempDir
    Path temporary;

    @Test
    void everyCommitLiesWhereItsOwnTimeIsFirstExceeded() throws Exception {
        PostgresServer server = TestServer.start(temporary, Map.of("track_commit_timestamp", "on"));
        Path data = temporary.resolve("data");
        try (Connection connection = server.connect("postgres")) {
            Lsn start = lsn(connection);
            List<Commit> commits = write(connection);
            Lsn end = lsn(connection);
            WalSegments segments = new WalSegments(List.of(data.resolve("pg_wal")), 1);

            for (Commit commit : commits) {
                Instant justBefore = commit.time().minusNanos(1000);
                Lsn found = CommitTimes.find(segments, start, justBefore)
                        .stopBefore()
                        .orElseThrow();
                assertThat(found).isBetween(commit.before(), commit.after());
                CommitTimes.find(segments, start, commit.time())
                        .stopBefore()
                        .ifPresent(next -> assertThat(next).isGreaterThanOrEqualTo(commit.after()));
            }
            for (Commit commit : commits) {
                // As after the clock was set back: what stands on the same page before is not looked at.
                CommitTimes.find(segments, commit.after(), Instant.EPOCH)
                        .stopBefore()
                        .ifPresent(next -> assertThat(next).isGreaterThanOrEqualTo(commit.after()));
            }
            CommitTimes.Position all = CommitTimes.find(segments, start, Instant.now());
            assertThat(all.stopBefore()).isEmpty();
            assertThat(all.lastTime()).isPresent();
            assertThat(all.lastTime().orElseThrow())
                    .isAfterOrEqualTo(commits.getLast().time());
            assertThat(CommitTimes.end(segments, start)).isGreaterThanOrEqualTo(end);
        } finally {
            RunningServers.stopAll(temporary);
        }
    }

    /** Transactions of very different sizes, so that records run over page and segment ends, with log switches between. */
    private static List<Commit> write(Connection connection) throws SQLException {
        Random random = new Random(7);
        List<Commit> commits = new ArrayList<>();
        try (var statement = connection.createStatement()) {
            statement.execute("CREATE TABLE public.t (v text STORAGE EXTERNAL)");
            for (int i = 0; i < 60; i++) {
                Lsn before = lsn(connection);
                connection.setAutoCommit(false);
                statement.execute("INSERT INTO public.t SELECT repeat('x', " + random.nextInt(200_000)
                        + ") FROM generate_series(1, " + (1 + random.nextInt(8)) + ")");
                String xid;
                try (var rows = statement.executeQuery("SELECT pg_current_xact_id()::text")) {
                    rows.next();
                    xid = rows.getString(1);
                }
                connection.commit();
                connection.setAutoCommit(true);
                try (var rows = statement.executeQuery("SELECT pg_xact_commit_timestamp('" + xid + "'::xid)")) {
                    rows.next();
                    commits.add(
                            new Commit(rows.getObject(1, OffsetDateTime.class).toInstant(), before, lsn(connection)));
                }
                if (i % 13 == 5) {
                    statement.execute("SELECT pg_switch_wal()");
                }
            }
        }
        return commits;
    }

    private static Lsn lsn(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
            rows.next();
            return Lsn.parse(rows.getString(1));
        }
    }
}
