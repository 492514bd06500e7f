package dev.espalier.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.postgres.Lsn;
import dev.espalier.storage.VolumeName;
import dev.espalier.testing.TestWait;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * TPC-B's tables and transactions. Each writer numbers its transactions, so that a copy can be compared with what had been
 * acknowledged; and the four sums of balances are equal in every state that ever was.
 */
final class Bank {

    static final int WRITERS = 3;

    private static final int BRANCHES = 8;
    private static final int TELLERS = 80;

    /**
     * A transaction that was acknowledged.
     *
     * @param before a position before its commit record
     * @param after a position after its commit record
     * @param acknowledged when the writer knew
     */
    record Commit(int writer, long number, Lsn before, Lsn after, Instant acknowledged) {}

    private final TestEngine engine;
    private final VolumeName volume;
    private final Random seeds;
    private final int accounts;
    private final AtomicLongArray acknowledged = new AtomicLongArray(WRITERS);
    private final Queue<Commit> commits = new ConcurrentLinkedQueue<>();

    Bank(TestEngine engine, VolumeName volume, int accounts, long seed) {
        this.engine = engine;
        this.volume = volume;
        this.accounts = accounts;
        this.seeds = new Random(seed);
    }

    void create() throws SQLException {
        engine.execute(
                volume,
                "CREATE EXTENSION amcheck",
                "CREATE TABLE branches AS SELECT b AS bid, 0 AS balance FROM generate_series(1, " + BRANCHES + ") b",
                "ALTER TABLE branches ADD PRIMARY KEY (bid)",
                "CREATE TABLE tellers AS SELECT t AS tid, 0 AS balance FROM generate_series(1, " + TELLERS + ") t",
                "ALTER TABLE tellers ADD PRIMARY KEY (tid)",
                "CREATE TABLE accounts AS SELECT a AS aid, 0 AS balance, repeat('x', 84) AS filler "
                        + "FROM generate_series(1, " + accounts + ") a",
                "ALTER TABLE accounts ADD PRIMARY KEY (aid)",
                "CREATE TABLE history (writer int, number bigint, aid int, delta int, PRIMARY KEY (writer, number))");
    }

    /** What each writer has had acknowledged. */
    List<Long> acknowledged() {
        List<Long> numbers = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            numbers.add(acknowledged.get(writer));
        }
        return numbers;
    }

    /** The transactions acknowledged since the last {@link #forgetCommits}. */
    List<Commit> commits() {
        return List.copyOf(commits);
    }

    void forgetCommits() {
        commits.clear();
    }

    /** Checks that the database is one state that was, and returns how far each writer had come in it. */
    static List<Long> read(Connection session) throws SQLException {
        String sums = TestEngine.query(session, """
                SELECT count(DISTINCT s) || ' of ' || string_agg(s::text, ' ')
                FROM (SELECT sum(balance) FROM branches
                      UNION ALL SELECT sum(balance) FROM tellers
                      UNION ALL SELECT sum(balance) FROM accounts
                      UNION ALL SELECT coalesce(sum(delta), 0) FROM history) sums (s)
                """);
        assertThat(sums).as("sums of balances").startsWith("1 of");
        List<Long> numbers = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            String last = "coalesce(max(number), 0) FROM history WHERE writer = " + writer;
            assertThat(TestEngine.query(session, "SELECT count(*) - " + last))
                    .as("gaps of writer " + writer)
                    .isEqualTo("0");
            numbers.add(Long.parseLong(TestEngine.query(session, "SELECT " + last)));
        }
        return numbers;
    }

    /** Lets the writers write until it is closed. */
    Traffic write() {
        return new Traffic();
    }

    /** The writers at work, and beside them one that makes and drops tables, switches segments and writes checkpoints. */
    final class Traffic implements AutoCloseable {

        private final ExecutorService executor = Executors.newFixedThreadPool(WRITERS + 1);
        private final List<Future<?>> results = new ArrayList<>();
        private volatile boolean stopped;

        private Traffic() {
            for (int writer = 0; writer < WRITERS; writer++) {
                int number = writer;
                Random random = new Random(seeds.nextLong());
                results.add(executor.submit(() -> {
                    transfer(number, random);
                    return number;
                }));
            }
            Random random = new Random(seeds.nextLong());
            results.add(executor.submit(() -> {
                disturb(random);
                return -1;
            }));
        }

        /** Waits until so many more transactions have been acknowledged. */
        void await(int more) {
            long goal = total() + more;
            TestWait.until(
                    more + " transactions",
                    () -> total() >= goal || results.stream().anyMatch(Future::isDone));
        }

        private long total() {
            return acknowledged().stream().mapToLong(number -> number).sum();
        }

        private void transfer(int writer, Random random) throws SQLException {
            try (Connection session = engine.connect(volume);
                    PreparedStatement account = session.prepareStatement(
                            "UPDATE accounts SET balance = balance + ? WHERE aid = ? RETURNING balance");
                    PreparedStatement teller =
                            session.prepareStatement("UPDATE tellers SET balance = balance + ? WHERE tid = ?");
                    PreparedStatement branch =
                            session.prepareStatement("UPDATE branches SET balance = balance + ? WHERE bid = ?");
                    PreparedStatement entry = session.prepareStatement("INSERT INTO history VALUES (?, ?, ?, ?)");
                    PreparedStatement position = session.prepareStatement("SELECT pg_current_wal_insert_lsn()::text")) {
                session.setAutoCommit(false);
                while (!stopped) {
                    long number = acknowledged.get(writer) + 1;
                    int delta = random.nextInt(-5000, 5000);
                    int aid = 1 + random.nextInt(accounts);
                    int tid = 1 + random.nextInt(TELLERS);
                    change(account, delta, aid);
                    change(teller, delta, tid);
                    change(branch, delta, 1 + tid % BRANCHES);
                    entry.setInt(1, writer);
                    entry.setLong(2, number);
                    entry.setInt(3, aid);
                    entry.setInt(4, delta);
                    entry.execute();
                    if (random.nextInt(20) == 0) {
                        session.rollback();
                        continue;
                    }
                    Lsn before = position(position);
                    session.commit();
                    Instant now = Instant.now();
                    acknowledged.set(writer, number);
                    commits.add(new Commit(writer, number, before, position(position), now));
                }
            }
        }

        private static void change(PreparedStatement update, int delta, int id) throws SQLException {
            update.setInt(1, delta);
            update.setInt(2, id);
            update.execute();
        }

        private static Lsn position(PreparedStatement query) throws SQLException {
            try (var rows = query.executeQuery()) {
                rows.next();
                return Lsn.parse(rows.getString(1));
            }
        }

        private void disturb(Random random) throws SQLException {
            try (Connection session = engine.connect(volume);
                    var statement = session.createStatement()) {
                statement.execute("DROP TABLE IF EXISTS passing");
                while (!stopped) {
                    statement.execute("CREATE TABLE passing AS SELECT g AS id, md5(g::text) AS text "
                            + "FROM generate_series(1, " + (1 + random.nextInt(3000)) + ") g");
                    statement.execute("CREATE INDEX ON passing (text)");
                    statement.execute(
                            switch (random.nextInt(4)) {
                                case 0 -> "CHECKPOINT";
                                case 1 -> "SELECT pg_switch_wal()";
                                case 2 -> "VACUUM history";
                                default -> "TRUNCATE passing";
                            });
                    statement.execute("DROP TABLE passing");
                }
            }
        }

        /** Stops the writers; what has failed in one of them is thrown. */
        @Override
        public void close() {
            stopped = true;
            executor.shutdown();
            try {
                assertThat(executor.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
                for (Future<?> result : results) {
                    result.get();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException e) {
                throw new AssertionError("a writer failed", e.getCause());
            }
        }
    }
}
