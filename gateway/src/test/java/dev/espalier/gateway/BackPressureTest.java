package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.testing.TestWait;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Large results and large input, and memory that does not grow with them. */
class BackPressureTest extends GatewayTest {

    private static final int ROWS = 400_000;
    private static final int QUERIES = 50;
    private static final int LOOKS = 100;
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
    void whatIsHeldFromTheFirstStatementOnHoldsTheClientBack() throws Exception {
        var go = new CountDownLatch(1);
        gateway.ports.rules = Optional.of(new SessionRules() {
            @Override
            public Sent sent(byte[] sql) {
                return new String(sql, StandardCharsets.UTF_8).startsWith("GRANT")
                        ? new Later(Work.ACTS, () -> {
                            try {
                                go.await();
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                            return new Instead("SELECT 'granted'");
                        })
                        : new AsItIs();
            }

            @Override
            public boolean hidesDetails() {
                return false;
            }
        });
        AtomicInteger sent = new AtomicInteger();
        try (WireClient client = WireClient.connect(gateway.port)) {
            client.startup(3 << 16);
            client.expect('R');
            client.raw(WireClient.message('p', TestPorts.PASSWORD), WireClient.message('Q', "GRANT everything"));
            client.until('Z');
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    byte[] query = WireClient.message('Q', "SELECT length('" + "x".repeat(1_000_000) + "')");
                    for (int i = 0; i < QUERIES; i++) {
                        client.raw(query);
                        sent.incrementAndGet();
                    }
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            AtomicInteger before = new AtomicInteger();
            AtomicInteger unchanged = new AtomicInteger();
            TestWait.until("the client is held back, or has sent all", () -> {
                int now = sent.get();
                if (before.getAndSet(now) != now) {
                    unchanged.set(0);
                }
                return now == QUERIES || unchanged.incrementAndGet() > LOOKS;
            });
            assertThat(sent).hasValueLessThan(QUERIES);
            go.countDown();
            assertThat(client.typesUntil('Z')).isEqualTo("TDCZ");
            for (int i = 0; i < QUERIES; i++) {
                client.until('Z');
            }
            writer.join();
        } finally {
            go.countDown();
            gateway.ports.rules = Optional.empty();
        }
    }

    /** The server keeps the answers to the last ones until the Sync comes. */
    @ParameterizedTest
    @ValueSource(chars = {'Q', 'D'})
    void whoSendsManyMessagesAheadIsHeldBackAndAllAreAnswered(char type) throws Exception {
        int messages = 60_000;
        byte[] message = type == 'Q' ? WireClient.message('Q', "") : WireClient.message('D', "S");
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(WireClient.message('P', "", "SELECT 1", (short) 0));
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    byte[][] all = new byte[messages][];
                    java.util.Arrays.fill(all, message);
                    client.raw(all);
                    client.raw(WireClient.message('S'));
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            client.expect('1');
            for (int i = 0; i < messages; i++) {
                client.until(type == 'Q' ? 'Z' : 'T');
            }
            client.expect('Z');
            writer.join();
        }
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
