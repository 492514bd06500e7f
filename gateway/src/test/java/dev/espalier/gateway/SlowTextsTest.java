package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.testing.TestWait;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Texts that take a while to be taken apart. */
class SlowTextsTest extends GatewayTest {

    private static final byte[] SYNC = WireClient.message('S');
    private static final int LARGE = 1_000_000;
    private static final int MOST_TAKEN = 24 * LARGE;

    private CountDownLatch known = new CountDownLatch(1);

    @BeforeEach
    void slow() {
        known = new CountDownLatch(1);
        CountDownLatch wait = known;
        gateway.ports.beforeSlow = () -> {
            try {
                wait.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        gateway.ports.slowWord = "slow_one";
    }

    @AfterEach
    void free() {
        known.countDown();
        gateway.ports.slowWord = "\0";
        gateway.ports.beforeAtOnce = () -> {};
    }

    @Test
    void onePrincipalsTextsDoNotKeepTheLongOnesOfOthersWaiting() throws Exception {
        try (WireClient slow = WireClient.signedIn(gateway.port);
                WireClient second = WireClient.signedIn(gateway.port);
                WireClient other = WireClient.signedIn(gateway.port, "user", "bob")) {
            byte[] query = WireClient.message('Q', "SELECT 'slow_one'");
            slow.raw(query, query, query, query);
            second.raw(query);
            TestWait.until("the server has run one of each session", () -> hasRun("2"));
            other.send('Q', "SELECT length('" + "x".repeat(100_000) + "')");
            assertThat(other.typesUntil('Z')).isEqualTo("TDCZ");
            known.countDown();
            for (int i = 0; i < 4; i++) {
                assertThat(slow.typesUntil('Z')).isEqualTo("TDCZ");
            }
            assertThat(second.typesUntil('Z')).isEqualTo("TDCZ");
        }
        assertThat(texts()).filteredOn("SELECT 'slow_one'"::equals).hasSize(5);
    }

    /** Each takes two milliseconds. */
    @Test
    void oneReadsTextsDoNotKeepTheLoopForLong() throws Exception {
        AtomicInteger onTheLoop = new AtomicInteger();
        gateway.ports.beforeAtOnce = () -> {
            onTheLoop.incrementAndGet();
            long until = System.nanoTime() + 2_000_000;
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
        };
        byte[][] queries = new byte[50][];
        for (int i = 0; i < queries.length; i++) {
            queries[i] = WireClient.message('Q', "SELECT " + i);
        }
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(queries);
            client.socket().shutdownOutput();
            assertThat(client.untilEnd().stream().filter(message -> message.type() == 'Z'))
                    .hasSize(queries.length);
        }
        assertThat(onTheLoop.get()).isBetween(1, queries.length * 3 / 4);
        assertThat(texts())
                .hasSize(queries.length)
                .startsWith("SELECT 0", "SELECT 1")
                .endsWith("SELECT 49");
    }

    /** After a Parse that failed PostgreSQL reads whatever comes without Sync, and drops it. */
    @Test
    void whoSendsMoreThanIsTakenApartIsHeldBack() throws Exception {
        byte[] large = WireClient.message('P', "", "SELECT '" + "x".repeat(LARGE) + "'", (short) 0);
        long taken = 0;
        try (SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", gateway.port));
                WireClient client = new WireClient(channel.socket());
                Selector selector = Selector.open()) {
            client.startup(3 << 16);
            client.expect('R');
            client.send('p', TestPorts.PASSWORD);
            client.until('Z');
            client.raw(WireClient.message('P', "", "SELECT 'slow_one' FROM nowhere", (short) 0));
            ByteBuffer sent = ByteBuffer.wrap(large);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_WRITE);
            // Until the socket has been full for a second.
            while (taken < MOST_TAKEN && selector.select(1_000) > 0) {
                selector.selectedKeys().clear();
                taken += channel.write(sent.hasRemaining() ? sent : sent.rewind());
            }
        }
        assertThat(taken).isLessThan(MOST_TAKEN);
    }

    @Test
    void aStatementIsRecordedWithItsTextThoughItsClientIsGone() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('Q', "SELECT 'slow_one'");
            TestWait.until("the server has run it", this::hasRun);
        }
        TestWait.until("the backend has ended", () -> backends().equals("0"));
        known.countDown();
        nothingIsOpen();
        assertThat(texts()).containsExactly("SELECT 'slow_one'");
        assertThat(statements().getFirst().outcome()).isInstanceOf(StatementRecord.Outcome.Completed.class);
    }

    @Test
    void aStatementIsRecordedWithItsTextThoughItsServerIsGone() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(WireClient.message('Q', "SELECT 'slow_one', pg_terminate_backend(pg_backend_pid())"), SYNC);
            TestWait.until("the backend has ended", () -> backends().equals("0"));
            assertThat(texts()).isEmpty();
            known.countDown();
            assertThat(client.untilEnd().getLast().field('C')).isEqualTo("57P01");
        }
        assertThat(texts()).containsExactly("SELECT 'slow_one', pg_terminate_backend(pg_backend_pid())");
    }

    @Test
    void aTextThatCannotBeTakenApartIsRecordedWithADigest() throws Exception {
        Runnable fails = () -> {
            throw new StackOverflowError();
        };
        gateway.ports.beforeSlow = fails;
        gateway.ports.beforeAtOnce = fails;
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('Q', "SELECT 'slow_one'");
            assertThat(client.typesUntil('Z')).isEqualTo("TDCZ");
        }
        nothingIsOpen();
        assertThat(statements()).singleElement().satisfies(record -> {
            assertThat(record.text())
                    .isEqualTo("a text of 17 bytes, SHA-256: "
                            + "99ebd1fed3a5ff8d398484263273ed373672269d4b729f793899180986d87629");
            assertThat(record.parsed()).isFalse();
            assertThat(record.changes()).isTrue();
            assertThat(record.outcome()).isInstanceOf(StatementRecord.Outcome.Completed.class);
        });
    }

    private String backends() throws Exception {
        return postgres.value("SELECT count(*) FROM pg_stat_activity WHERE usename = 'ann'");
    }

    private boolean hasRun() throws Exception {
        return hasRun("1");
    }

    private boolean hasRun(String sessions) throws Exception {
        return postgres.value("SELECT count(*) FROM pg_stat_activity WHERE usename = 'ann' AND state = 'idle'"
                        + " AND query = $$SELECT 'slow_one'$$")
                .equals(sessions);
    }
}
