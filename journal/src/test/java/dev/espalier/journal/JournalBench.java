package dev.espalier.journal;

import dev.espalier.testing.TestWait;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the README's figures were measured with: run {@code main} with a directory on the disk to measure, which it fills with
 * a journal and a PostgreSQL.
 */
final class JournalBench {

    private static final int BURST = 20_000;
    private static final int ROUNDS = 60;
    private static final int LOADED = 300_000;

    private static final String TEXT =
            "SELECT e.entity_ref, e.final_entity FROM final_entities e JOIN search s ON s.entity_id = e.entity_id "
                    + "WHERE s.key = $1 AND s.value = $2 ORDER BY e.entity_ref LIMIT $3";

    private JournalBench() {}

    /** @param arguments an empty directory */
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        StatementEvent event = Events.statement("0192f3c4-session-000017-000042", TEXT);
        codec(event);
        for (int threads : new int[] {1, 4, 1, 4}) {
            append(Files.createTempDirectory(directory, "append"), event, threads);
        }
        load(Files.createTempDirectory(directory, "load"), event);
    }

    private static void codec(StatementEvent event) {
        JsonMapper mapper = JsonMapper.builder().build();
        System.out.printf(
                "bytes: own %d, JSON %d%n", EventCodec.encode(event).length, mapper.writeValueAsBytes(event).length);
        long sum = 0;
        for (int round = 0; round < 5; round++) {
            long begin = System.nanoTime();
            for (int i = 0; i < 200_000; i++) {
                sum += EventCodec.encode(event).length;
            }
            long own = System.nanoTime();
            for (int i = 0; i < 200_000; i++) {
                sum += mapper.writeValueAsBytes(event).length;
            }
            long json = System.nanoTime();
            System.out.printf("encode: own %d ns, JSON %d ns%n", (own - begin) / 200_000, (json - own) / 200_000);
        }
        System.out.println("checksum " + sum);
    }

    /** Bursts that fit into the segments made ahead; between them the disk may catch up. */
    private static void append(Path directory, Event event, int threads) throws Exception {
        try (Journal journal = Journal.open(JournalSettings.of(directory, Durability.STRICT), Clock.systemUTC())) {
            long[] all = new long[ROUNDS * BURST];
            double[] perRound = new double[ROUNDS];
            for (int round = 0; round < ROUNDS; round++) {
                journal.sync();
                journal.deleteThrough(journal.lastSequence());
                TestWait.until(
                        "two ahead", () -> TestJournal.segments(directory).size() >= 3);
                int offset = round * BURST;
                CountDownLatch done = new CountDownLatch(threads);
                long begin = System.nanoTime();
                for (int t = 0; t < threads; t++) {
                    int from = offset + t * BURST / threads;
                    int to = offset + (t + 1) * BURST / threads;
                    Thread.ofPlatform().start(() -> {
                        for (int i = from; i < to; i++) {
                            long before = System.nanoTime();
                            journal.append(event);
                            all[i] = System.nanoTime() - before;
                        }
                        done.countDown();
                    });
                }
                done.await();
                perRound[round] = (double) (System.nanoTime() - begin) / BURST;
            }
            long[] warm = Arrays.copyOfRange(all, all.length / 3, all.length);
            Arrays.sort(warm);
            double[] rounds = Arrays.copyOfRange(perRound, ROUNDS / 3, ROUNDS);
            Arrays.sort(rounds);
            System.out.printf(
                    "append, %d threads: p50 %d ns, p99 %d ns, p99.9 %d ns, max %d us; wall per event %.0f ns (median of %d)%n",
                    threads,
                    warm[warm.length / 2],
                    warm[(int) (warm.length * 0.99)],
                    warm[(int) (warm.length * 0.999)],
                    warm[warm.length - 1] / 1_000,
                    rounds[rounds.length / 2],
                    rounds.length);
        }
    }

    private static void load(Path directory, Event event) throws Exception {
        try (TestPostgres postgres = new TestPostgres(directory)) {
            JournalSchema.migrate(postgres.system());
            for (String kind : List.of("statements", "audit", "statements", "audit")) {
                Path journalDirectory = directory.resolve("journal-" + kind + System.nanoTime());
                try (Journal journal =
                        Journal.open(JournalSettings.of(journalDirectory, Durability.STRICT), Clock.systemUTC())) {
                    for (int i = 0; i < LOADED; i++) {
                        journal.append(kind.equals("audit") ? Events.audit("createBranch") : event);
                    }
                    journal.sync();
                    long begin = System.nanoTime();
                    try (Loader loader = Loader.start(
                            journal, postgres.system(), new Retention(3_650, 3_650, 3_650), Clock.systemUTC())) {
                        loader.awaitLoaded(LOADED, TestJournal.DEADLINE.multipliedBy(4));
                    }
                    System.out.printf("loaded %s: %.0f events/s%n", kind, LOADED * 1e9 / (System.nanoTime() - begin));
                }
                long begin = System.nanoTime();
                Verification verification = AuditChain.verify(postgres.system(), journalDirectory);
                System.out.printf("verified in %d ms: %s%n", (System.nanoTime() - begin) / 1_000_000, verification);
            }
        }
    }
}
