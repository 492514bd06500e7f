package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Large results and large input, and memory that does not grow with them. */
class BackPressureTest extends GatewayTest {

    private static final int ROWS = 400_000;
    private static final long MOST_BYTES = 32L << 20;

    private static long used() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    @Test
    void aSlowReaderHoldsTheServerBackAndNoMemory() throws Exception {
        long before = used();
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('Q', "SELECT i, repeat('x', 500) FROM generate_series(1, " + ROWS + ") i");
            TestWait.until(
                    "the server waits for its reader",
                    () -> postgres.value(
                                    "SELECT count(*) FROM pg_stat_activity WHERE usename = 'ann' AND wait_event = 'ClientWrite'")
                            .equals("1"));
            assertThat(used() - before).isLessThan(MOST_BYTES);
            assertThat(client.until('Z')).hasSize(ROWS + 3);
            assertThat(used() - before).isLessThan(MOST_BYTES);
        }
        assertThat(statements()).singleElement().satisfies(record -> {
            assertThat(record.rows()).isEqualTo(ROWS);
            assertThat(record.bytesToClient()).isGreaterThan(ROWS * 500L);
            assertThat(record.firstRowNanos()).isLessThan(record.durationNanos());
        });
    }

    @Test
    void aServerThatDoesNotReadHoldsTheClientBack() throws Exception {
        long before = used();
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    client.send('Q', "SELECT pg_sleep(1)");
                    byte[] query = WireClient.message('Q', "SELECT length('" + "x".repeat(1_000_000) + "')");
                    for (int i = 0; i < 100; i++) {
                        client.raw(query);
                    }
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            client.until('Z');
            assertThat(used() - before).isLessThan(MOST_BYTES);
            for (int i = 0; i < 100; i++) {
                client.until('Z');
            }
            writer.join();
        }
        assertThat(statements()).hasSize(101);
    }

    @Test
    void aValueOfManyMegabytesFlowsThrough() throws Exception {
        long before = used();
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('Q', "SELECT repeat('x', 200000000)");
            client.expect('T');
            assertThat(client.expect('D').body()).hasSize(200_000_006);
            assertThat(client.typesUntil('Z')).isEqualTo("CZ");
            assertThat(used() - before).isLessThan(MOST_BYTES);
        }
    }
}
