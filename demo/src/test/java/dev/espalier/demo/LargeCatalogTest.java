package dev.espalier.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Loads a gigabyte: at least 20 MB of database a second, and no more memory than a small catalog takes. */
@Tag("heavy")
@ExtendWith(PostgresExtension.class)
class LargeCatalogTest {

    private static final long GIGABYTE = 1_000_000_000;

    @Test
    void loadsAGigabyteFastAndInConstantMemory(TestServer server) throws SQLException {
        try (Connection connection = server.newDatabase("large")) {
            long[] mostLive = {0};
            Instant start = Instant.now();
            new CatalogGenerator(42, CatalogGenerator.scaleFor(GIGABYTE))
                    .load(connection, (step, done, total) -> mostLive[0] = Math.max(mostLive[0], liveBytes()));
            double seconds = Duration.between(start, Instant.now()).toMillis() / 1000.0;
            long bytes = Rows.number(connection, "SELECT pg_database_size(current_database())");
            System.out.printf(
                    "%.0f MB in %.1f s: %.1f MB/s, at most %.0f MB live after a collection%n",
                    bytes / 1e6, seconds, bytes / 1e6 / seconds, mostLive[0] / 1e6);
            assertThat(bytes).isBetween(GIGABYTE * 95 / 100, GIGABYTE * 105 / 100);
            assertThat(bytes / 1e6 / seconds).isGreaterThan(20);
            assertThat(mostLive[0]).isLessThan(64_000_000);
        } finally {
            server.drop("large");
        }
    }

    /** What the last collection left alive. */
    private static long liveBytes() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getCollectionUsage)
                .mapToLong(usage -> usage == null ? 0 : usage.getUsed())
                .sum();
    }
}
