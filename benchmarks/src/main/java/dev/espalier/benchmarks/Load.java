package dev.espalier.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** A write load like pgbench's TPC-B: each transaction changes three rows and adds one. */
final class Load implements AutoCloseable {

    private static final int ACCOUNTS = 100_000;

    /** Opens sessions. */
    @FunctionalInterface
    interface Sessions {
        Connection open() throws SQLException;
    }

    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong transactions = new AtomicLong();
    private final List<Thread> writers = new ArrayList<>();
    private final long start = System.nanoTime();

    static void prepare(Connection session) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute("""
                    CREATE TABLE bench_branches (bid int PRIMARY KEY, balance int NOT NULL);
                    CREATE TABLE bench_tellers (tid int PRIMARY KEY, balance int NOT NULL);
                    CREATE TABLE bench_accounts (aid int PRIMARY KEY, balance int NOT NULL, filler char(84));
                    CREATE TABLE bench_history (tid int, bid int, aid int, delta int, mtime timestamptz);
                    INSERT INTO bench_branches SELECT g, 0 FROM generate_series(1, 10) g;
                    INSERT INTO bench_tellers SELECT g, 0 FROM generate_series(1, 100) g;
                    INSERT INTO bench_accounts SELECT g, 0, '' FROM generate_series(1, 100000) g;
                    """);
        }
    }

    Load(Sessions sessions, int clients) {
        for (int i = 0; i < clients; i++) {
            writers.add(Thread.ofPlatform().start(() -> write(sessions)));
        }
    }

    private void write(Sessions sessions) {
        try (Connection session = sessions.open()) {
            session.setAutoCommit(false);
            try (var account =
                            session.prepareStatement("UPDATE bench_accounts SET balance = balance + ? WHERE aid = ?");
                    var teller =
                            session.prepareStatement("UPDATE bench_tellers SET balance = balance + ? WHERE tid = ?");
                    var branch =
                            session.prepareStatement("UPDATE bench_branches SET balance = balance + ? WHERE bid = ?");
                    var history = session.prepareStatement(
                            "INSERT INTO bench_history VALUES (?, ?, ?, ?, clock_timestamp())")) {
                ThreadLocalRandom random = ThreadLocalRandom.current();
                while (!stop.get()) {
                    int delta = random.nextInt(-5000, 5000);
                    int aid = random.nextInt(1, ACCOUNTS + 1);
                    int tid = random.nextInt(1, 101);
                    int bid = random.nextInt(1, 11);
                    account.setInt(1, delta);
                    account.setInt(2, aid);
                    account.executeUpdate();
                    teller.setInt(1, delta);
                    teller.setInt(2, tid);
                    teller.executeUpdate();
                    branch.setInt(1, delta);
                    branch.setInt(2, bid);
                    branch.executeUpdate();
                    history.setInt(1, tid);
                    history.setInt(2, bid);
                    history.setInt(3, aid);
                    history.setInt(4, delta);
                    history.executeUpdate();
                    session.commit();
                    transactions.incrementAndGet();
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the write load has failed", e);
        }
    }

    /** Transactions a second so far. */
    double rate() {
        return transactions.get() / ((System.nanoTime() - start) / 1e9);
    }

    @Override
    public void close() {
        stop.set(true);
        for (Thread writer : writers) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
