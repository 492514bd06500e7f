package dev.espalier.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.engine.Bank.Commit;
import dev.espalier.engine.Rewind.Target;
import dev.espalier.postgres.Lsn;
import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.storage.Backend;
import dev.espalier.storage.VolumeName;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;

/**
 * Copies a bank that is being written, again and again, and looks for the smallest sign that the copy is not one state the
 * bank was in: sums that differ, a gap in a writer's numbers, a page or an index that does not check, a transaction on the
 * wrong side of the moment that was asked for.
 */
final class Captures implements AutoCloseable {

    private static final VolumeName ORIGINAL = new VolumeName("original");
    private static final VolumeName COPY = new VolumeName("copy");
    private static final int TARGETS_PER_SNAPSHOT = 5;

    private final Random random;
    private final TestEngine test;
    private final Bank bank;
    private int snapshots;

    Captures(Backend backend, int accounts) throws SQLException {
        long seed = Long.getLong("espalier.seed", System.nanoTime());
        System.out.println("captures on " + backend + ": -Despalier.seed=" + seed);
        random = new Random(seed);
        test = new TestEngine(backend);
        bank = new Bank(test, ORIGINAL, accounts, seed);
        test.initialise(ORIGINAL.value(), TestEngine.MAJOR);
        test.start(ORIGINAL, Durability.DISPOSABLE);
        bank.create();
        test.stop(ORIGINAL);
    }

    @Override
    public void close() {
        test.close();
    }

    void forks(Durability durability, int rounds) throws SQLException {
        test.start(ORIGINAL, durability);
        try {
            for (int round = 0; round < rounds; round++) {
                List<Long> before;
                List<Long> after;
                try (Bank.Traffic traffic = bank.write()) {
                    traffic.await(50 + random.nextInt(400));
                    before = bank.acknowledged();
                    test.engine.fork(test.cluster(ORIGINAL), TestEngine.MAJOR, COPY, Optional.empty());
                    after = bank.acknowledged();
                }
                test.startCopy(COPY, Optional.empty());
                List<Long> found = check(COPY);
                for (int writer = 0; writer < Bank.WRITERS; writer++) {
                    // A commit that was under way may be in the copy or not.
                    assertThat(found.get(writer)).isBetween(before.get(writer), after.get(writer) + 1);
                }
                dropCopies();
                test.engine.deleteArchiveBefore(ORIGINAL, test.engine.endOfLog(ORIGINAL));
            }
            assertThat(check(ORIGINAL)).isEqualTo(bank.acknowledged());
        } finally {
            dropCopies();
            test.stop(ORIGINAL);
        }
    }

    void rewinds(Durability durability, int positions, int times) throws SQLException {
        test.start(ORIGINAL, durability);
        try {
            int done = 0;
            while (done < positions + times) {
                bank.forgetCommits();
                VolumeName name = new VolumeName("snapshot" + snapshots++);
                Snapshot snapshot;
                try (Bank.Traffic traffic = bank.write()) {
                    traffic.await(20);
                    snapshot = test.engine.snapshot(test.cluster(ORIGINAL), name);
                }
                for (int i = 0; i < TARGETS_PER_SNAPSHOT && done < positions + times; i++) {
                    rewind(snapshot, done++ < positions);
                    dropCopies();
                }
                test.engine.delete(name);
                test.engine.deleteArchiveBefore(ORIGINAL, snapshot.replayFrom());
            }
        } finally {
            dropCopies();
            test.stop(ORIGINAL);
        }
    }

    private void rewind(Snapshot snapshot, boolean toPosition) throws SQLException {
        Target target;
        Recovery recovery;
        try (Bank.Traffic traffic = bank.write()) {
            traffic.await(50 + random.nextInt(400));
            target = toPosition ? position(snapshot) : time(snapshot);
            recovery = test.engine.rewind(test.cluster(ORIGINAL), snapshot, target, COPY);
        }
        test.startCopy(COPY, Optional.of(recovery));
        List<Long> found = check(COPY);
        Map<List<Long>, Instant> times = commitTimes();
        for (Commit commit : bank.commits()) {
            boolean there = commit.number() <= found.get(commit.writer());
            switch (target) {
                case Target.Position(Lsn lsn) -> {
                    if (commit.after().compareTo(lsn) <= 0 || commit.before().compareTo(lsn) >= 0) {
                        assertThat(there)
                                .as("%s, rewound to %s", commit, lsn)
                                .isEqualTo(commit.after().compareTo(lsn) <= 0);
                    }
                }
                case Target.Time(Instant time) -> {
                    Instant committed =
                            Objects.requireNonNull(times.get(List.of((long) commit.writer(), commit.number())));
                    if (!commit.acknowledged().isAfter(time) || committed.isAfter(time)) {
                        assertThat(there)
                                .as("%s at %s, rewound to %s", commit, committed, time)
                                .isEqualTo(!committed.isAfter(time));
                    }
                }
            }
        }
    }

    private void dropCopies() {
        test.drop(COPY);
        test.engine.sweep();
    }

    /** Any byte of the log that has been written since. */
    private Target position(Snapshot snapshot) throws SQLException {
        Lsn end = Lsn.parse(test.query(ORIGINAL, "SELECT pg_current_wal_flush_lsn()::text"));
        return new Target.Position(snapshot.lsn().plus(random.nextLong(end.minus(snapshot.lsn()))));
    }

    /** Any microsecond since, or the very time of a commit. */
    private Target time(Snapshot snapshot) throws SQLException {
        if (random.nextBoolean()) {
            List<Instant> times = commitTimes().values().stream()
                    .filter(time -> !time.isBefore(snapshot.time()))
                    .toList();
            return new Target.Time(times.get(random.nextInt(times.size())));
        }
        long micros = snapshot.time().until(Instant.now(), ChronoUnit.MICROS);
        return new Target.Time(snapshot.time().plus(random.nextLong(micros), ChronoUnit.MICROS));
    }

    /** When each transaction was committed that the bank still remembers, by writer and number. */
    private Map<List<Long>, Instant> commitTimes() throws SQLException {
        long first = bank.commits().stream().mapToLong(Commit::number).min().orElse(0);
        Map<List<Long>, Instant> times = new HashMap<>();
        try (Connection session = test.connect(ORIGINAL);
                var statement = session.createStatement();
                var rows = statement.executeQuery(
                        "SELECT writer, number, pg_xact_commit_timestamp(xmin) FROM history WHERE number >= "
                                + first)) {
            while (rows.next()) {
                times.put(
                        List.of(rows.getLong(1), rows.getLong(2)),
                        rows.getObject(3, OffsetDateTime.class).toInstant());
            }
        }
        return times;
    }

    private List<Long> check(VolumeName volume) throws SQLException {
        try (Connection session = test.connect(volume)) {
            Structure.check(session);
            return Bank.read(session);
        }
    }
}
