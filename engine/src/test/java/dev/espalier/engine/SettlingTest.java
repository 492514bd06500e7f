package dev.espalier.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.storage.Backend;
import dev.espalier.storage.VolumeName;
import dev.espalier.testing.TestWait;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SettlingTest {

    private static final String TO_REPLAY =
            "SELECT (pg_current_wal_insert_lsn() - redo_lsn)::bigint FROM pg_control_checkpoint()";
    private static final String WRITE = "UPDATE t SET v = v + 1 WHERE id <= 200";

    private final VolumeName volume = new VolumeName("original");
    private final TestEngine test = new TestEngine(Backend.COPY);

    @BeforeEach
    void start() throws SQLException {
        test.initialise(volume.value(), TestEngine.MAJOR);
        test.start(volume, Durability.DURABLE);
        test.execute(
                volume,
                "CREATE TABLE t (id int PRIMARY KEY, v int, filler text)",
                "INSERT INTO t SELECT g, 0, repeat('x', 500) FROM generate_series(1, 10000) g");
    }

    @AfterEach
    void close() {
        test.close();
    }

    private long toReplay() throws SQLException {
        return Long.parseLong(test.query(volume, TO_REPLAY));
    }

    @Test
    void aServerAtRestHasNextToNothingToReplay() throws SQLException {
        assertThat(toReplay()).isGreaterThan(5L << 20);
        TestWait.until("a checkpoint", () -> {
            test.engine.settle();
            return toReplay() < 100_000;
        });
    }

    @Test
    void aServerThatWritesIsLeftAlone() throws SQLException {
        long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        try (Connection session = test.connect(volume);
                var statement = session.createStatement()) {
            while (System.nanoTime() < end) {
                long begun = System.nanoTime();
                statement.execute(WRITE);
                // What was written longer ago, by a machine that stood still meanwhile, is at rest.
                if (System.nanoTime() - begun < Duration.ofSeconds(1).toNanos()) {
                    test.engine.settle();
                }
            }
        }
        assertThat(toReplay()).isGreaterThan(5L << 20);
    }
}
