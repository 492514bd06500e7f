package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.gateway.StatementRecord.Outcome;
import dev.espalier.testing.TestWait;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Input that no honest client sends, and ends that nobody wanted: an error that says why, and nothing left behind. */
class HostileTest extends GatewayTest {

    @AfterEach
    void othersAreServedAndNothingIsLeft() throws Exception {
        try (Connection connection = gateway.connect();
                Statement statement = connection.createStatement()) {
            assertThat(statement.execute("SELECT 1")).isTrue();
        }
        nothingIsOpen();
    }

    private static byte[] startup(Object... parts) {
        byte[] body = WireClient.bytes(parts);
        return WireClient.bytes(body.length + 4, body);
    }

    private String refused(byte[] startup) throws Exception {
        try (WireClient client = WireClient.connect(gateway.port)) {
            client.raw(startup);
            WireClient.Message error = client.expect('E');
            assertThat(error.field('V')).isEqualTo("FATAL");
            assertThat(client.untilEnd()).isEmpty();
            return error.field('M');
        }
    }

    @Test
    void whatIsNoStartupPacketIsRefusedWithTheReason() throws Exception {
        assertThat(refused("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))
                .contains("a startup packet of 1195725856 bytes is not between");
        assertThat(refused(WireClient.bytes(0))).contains("a startup packet of 0 bytes");
        assertThat(refused(WireClient.bytes(7))).contains("a startup packet of 7 bytes");
        assertThat(refused(WireClient.bytes(-1))).contains("a startup packet of 4294967295 bytes");
        assertThat(refused(WireClient.bytes(10_001))).contains("is not between 8 and 10000");
        assertThat(refused(startup(2 << 16))).contains("unsupported frontend protocol 2.0");
        assertThat(refused(startup(1234 << 16 | 1))).contains("request code 1 is unknown");
        assertThat(refused(startup(1234 << 16 | 5678))).contains("a cancel request carries a key");
        assertThat(refused(startup(3 << 16, "user"))).contains("ends within a string");
        assertThat(refused(startup(3 << 16, "user", "ann", new byte[3]))).contains("bytes follow");
        assertThat(refused(startup(3 << 16, "user", new byte[] {(byte) 0xff, 0, 0})))
                .contains("not UTF-8");
        assertThat(refused(startup(3 << 16, "database", "catalog", new byte[1])))
                .contains("names no user");
        assertThat(gateway.ports.sessions).hasSize(12);
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "database"})
    void replicationIsRefusedWithTheReason(String kind) throws Exception {
        assertThat(refused(WireClient.startupPacket(3 << 16, "replication", kind)))
                .contains("replication connections are refused");
    }

    @Test
    void aMessageBeforeThePasswordIsRefused() throws Exception {
        try (WireClient client = WireClient.connect(gateway.port)) {
            client.startup(3 << 16);
            client.expect('R');
            client.send('Q', "SELECT 1");
            assertThat(client.expect('E').field('M')).contains("a password was expected, and a message of type 81");
        }
        try (WireClient client = WireClient.connect(gateway.port)) {
            client.startup(3 << 16);
            client.expect('R');
            client.raw(WireClient.bytes(new byte[] {'p'}, Integer.MAX_VALUE));
            assertThat(client.expect('E').field('M')).contains("2147483647 bytes");
        }
        assertThat(statements()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, -1, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void aMessageOfAnImpossibleLengthEndsTheSession(int length) throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(WireClient.bytes(new byte[] {'Q'}, length), "SELECT 1".getBytes(StandardCharsets.US_ASCII));
            assertThat(client.expect('E').field('M')).contains("a message says it has");
            assertThat(client.untilEnd()).isEmpty();
        }
    }

    @Test
    void aSecondStartupPacketEndsTheSession() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.startup(3 << 16);
            assertThat(client.expect('E').field('V')).isEqualTo("FATAL");
        }
    }

    @Test
    void anUnknownMessageEndsTheSessionInTheServersWords() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('y', "?");
            assertThat(client.expect('E').field('M')).contains("invalid frontend message type 121");
        }
    }

    /** PostgreSQL answers it with an error and passes over the Query, up to the Sync. */
    @Test
    void aFlushWithABodyEndsTheSession() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(
                    WireClient.message('H', new byte[1]), WireClient.message('Q', "SELECT 1"), WireClient.message('S'));
            assertThat(client.expect('E').field('M')).isEqualTo("a Flush message has 1 bytes, and it has none");
            assertThat(client.untilEnd()).isEmpty();
        }
        assertThat(statements()).isEmpty();
    }

    /** PostgreSQL answers it with an error and passes over nothing. */
    @Test
    void aSyncWithABodyLeavesAnswersAndMessagesInStep() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(WireClient.message('S', new byte[1]), WireClient.message('Q', "SELECT 1"));
            assertThat(client.typesUntil('Z')).isEqualTo("EZ");
            assertThat(client.typesUntil('Z')).isEqualTo("TDCZ");
        }
        assertThat(texts()).containsExactly("COMMIT (by Sync)", "SELECT 1");
    }

    @Test
    void namesWithoutEndAreRefused() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('B', new byte[] {'a', 'b'});
            assertThat(client.expect('E').field('M')).contains("ends within the name");
        }
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('B', "x".repeat(100_000), "y", new byte[6]);
            assertThat(client.expect('E').field('M')).contains("longer than 8192 bytes");
        }
    }

    @Test
    void aClientThatVanishesLeavesNoBackendBehind() throws Exception {
        WireClient client = WireClient.signedIn(gateway.port);
        client.send('Q', "SELECT pg_sleep(600)");
        TestWait.until(
                "it runs",
                () -> postgres.value(
                                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'ann' AND wait_event = 'PgSleep'")
                        .equals("1"));
        client.socket().setSoLinger(true, 0);
        client.close();
        nothingIsOpen();
        assertThat(statements())
                .singleElement()
                .satisfies(record -> assertThat(record.outcome())
                        .isInstanceOfSatisfying(
                                Outcome.Failed.class,
                                failed -> assertThat(failed.sqlState()).isEqualTo("57014")));
        assertThat(gateway.ports.sessions.getLast()).isInstanceOf(SessionRecord.SignedOut.class);
    }

    /** One that traps what cancels it, and one behind which another Query comes. */
    @Test
    void whatAClientThatVanishesLeavesRunningIsTerminatedAndRecorded() throws Exception {
        String stubborn = "DO 'BEGIN LOOP BEGIN PERFORM pg_sleep(600); EXCEPTION WHEN query_canceled THEN NULL;"
                + " END; END LOOP; END'";
        try (WireClient trapping = WireClient.signedIn(gateway.port);
                WireClient ahead = WireClient.signedIn(gateway.port)) {
            trapping.raw(
                    WireClient.message('P', "", stubborn, (short) 0),
                    WireClient.message('B', "", "", (short) 0, (short) 0, (short) 0),
                    WireClient.message('E', "", 0),
                    WireClient.message('S'));
            ahead.raw(
                    WireClient.message('Q', "SELECT pg_sleep(500)"),
                    WireClient.message('Q', "SELECT pg_sleep(600); CREATE TABLE never_made (a int)"));
            TestWait.until("both run", () -> sleeping().equals("2"));
            trapping.socket().setSoLinger(true, 0);
            ahead.socket().setSoLinger(true, 0);
        }
        TestWait.until("the cancel request has come", () -> !statements().isEmpty());
        TestWait.until("both run on", () -> sleeping().equals("2"));
        assertThat(gateway.ports.leases).hasValue(2);
        nothingIsOpen();
        assertThat(statements())
                .extracting(StatementRecord::text)
                .containsExactlyInAnyOrder(stubborn, "SELECT pg_sleep(500)", "SELECT pg_sleep(600)");
        assertThat(statements())
                .extracting(record -> ((Outcome.Failed) record.outcome()).sqlState())
                .containsExactlyInAnyOrder("57014", "57P01", "57P01");
        assertThat(postgres.value("SELECT to_regclass('never_made') IS NULL")).isEqualTo("t");
    }

    private String sleeping() throws Exception {
        return postgres.value("SELECT count(*) FROM pg_stat_activity WHERE usename = 'ann' AND wait_event = 'PgSleep'");
    }

    @Test
    void aClientThatVanishesWhileItIsRoutedHoldsNothing() throws Exception {
        var entered = new java.util.concurrent.CountDownLatch(1);
        var go = new java.util.concurrent.CountDownLatch(1);
        gateway.ports.beforeRoute = () -> {
            entered.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        try (WireClient client = WireClient.connect(gateway.port)) {
            client.startup(3 << 16);
            client.expect('R');
            client.send('p', TestPorts.PASSWORD);
            entered.await();
        } finally {
            gateway.ports.beforeRoute = () -> {};
        }
        go.countDown();
        nothingIsOpen();
        TestWait.until("its sign-in is recorded", () -> !gateway.ports.sessions.isEmpty());
        assertThat(gateway.ports.sessions)
                .singleElement()
                .isInstanceOfSatisfying(SessionRecord.Refused.class, refused -> {
                    assertThat(refused.principal()).map(Principal::name).contains("ann");
                    assertThat(refused.reason()).isEqualTo("the client left before its session was ready");
                });
    }

    @Test
    void aWrongPasswordIsRecordedThoughItsClientIsGone() throws Exception {
        var entered = new java.util.concurrent.CountDownLatch(1);
        var go = new java.util.concurrent.CountDownLatch(1);
        gateway.ports.beforeVerify = () -> {
            entered.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        try (WireClient client = WireClient.connect(gateway.port)) {
            client.startup(3 << 16);
            client.expect('R');
            client.send('p', "wrong");
            entered.await();
            client.socket().shutdownOutput();
            assertThat(client.untilEnd()).isEmpty();
        } finally {
            gateway.ports.beforeVerify = () -> {};
        }
        go.countDown();
        TestWait.until("it is recorded", () -> !gateway.ports.sessions.isEmpty());
        assertThat(gateway.ports.sessions)
                .singleElement()
                .isInstanceOfSatisfying(
                        SessionRecord.Refused.class,
                        refused -> assertThat(refused.sqlState()).isEqualTo("28P01"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"token", "scram-sha-256"})
    void nothingIsReadBeforeItIsKnownWhoSignsIn(String method) throws Exception {
        var go = new java.util.concurrent.CountDownLatch(1);
        gateway.ports.beforeVerify = () -> {
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        int most = 64 << 20;
        int taken = 0;
        try (SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", gateway.port));
                WireClient client = new WireClient(channel.socket());
                Selector selector = Selector.open()) {
            client.startup(3 << 16, "options", "-c espalier.auth=" + method);
            if (method.equals("token")) {
                client.expect('R');
                client.send('p', TestPorts.PASSWORD);
            }
            ByteBuffer sent = ByteBuffer.allocate(1 << 20);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_WRITE);
            // Until the socket has been full for a second.
            while (taken < most && selector.select(1_000) > 0) {
                selector.selectedKeys().clear();
                taken += channel.write(sent.clear());
            }
        } finally {
            gateway.ports.beforeVerify = () -> {};
            go.countDown();
        }
        assertThat(taken).isLessThan(most);
    }

    @Test
    void aBackendThatIsTerminatedSaysSoItself() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('Q', "SELECT pg_sleep(600)");
            TestWait.until(
                    "it is terminated",
                    () -> postgres.value("SELECT count(pg_terminate_backend(pid))"
                                    + " FROM pg_stat_activity WHERE usename = 'ann' AND wait_event = 'PgSleep'")
                            .equals("1"));
            List<WireClient.Message> messages = client.untilEnd();
            assertThat(messages.getLast().field('C')).isEqualTo("57P01");
            assertThat(messages.stream().filter(message -> message.type() == 'E'))
                    .hasSize(1);
        }
        assertThat(statements().getLast().outcome()).isInstanceOf(Outcome.Failed.class);
    }

    /** Another one after each recovery. */
    private static final String CHECKPOINTER = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'";

    @Test
    void aBackendKilledAmidAResultIsAnErrorBetweenMessages() throws Exception {
        String before = postgres.value(CHECKPOINTER);
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('Q', "SELECT pg_backend_pid()");
            int pid = Integer.parseInt(client.until('Z').get(1).text().replaceAll("\\D", ""));
            client.send('Q', "SELECT i, repeat('x', 3000) FROM generate_series(1, 10000000) i");
            client.expect('T');
            client.expect('D');
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            List<WireClient.Message> messages = client.untilEnd();
            assertThat(messages.getLast().type()).isEqualTo('E');
            assertThat(messages.getLast().field('C')).isEqualTo("57P01");
            assertThat(messages.getLast().field('M')).contains("the server of branch main ended the connection");
        }
        assertThat(statements().getLast().outcome()).isInstanceOf(Outcome.Lost.class);
        TestWait.until(
                "PostgreSQL has recovered", () -> !postgres.value(CHECKPOINTER).equals(before));
    }

    @Test
    void nothingBeginsWhileItCannotBeRecorded() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            gateway.ports.obstacle = Optional.of("the disk is full.");
            client.send('Q', "CREATE TABLE never_made (a int)");
            List<WireClient.Message> messages = client.untilEnd();
            assertThat(messages).extracting(WireClient.Message::type).containsExactly('E');
            assertThat(messages.getLast().field('C')).isEqualTo("58030");
            assertThat(messages.getLast().field('M')).endsWith("the disk is full.");
        } finally {
            gateway.ports.obstacle = Optional.empty();
        }
        assertThat(postgres.value("SELECT to_regclass('never_made') IS NULL")).isEqualTo("t");
    }

    @Test
    void nobodySignsInWhileItCannotBeRecordedAndNoRecordIsMadeOfThat() throws Exception {
        gateway.ports.obstacle = Optional.of("the disk is full.");
        try (WireClient client = WireClient.connect(gateway.port)) {
            client.startup(3 << 16);
            client.expect('R');
            client.send('p', "wrong, which nobody looks at");
            assertThat(client.expect('E').field('C')).isEqualTo("58030");
            assertThat(client.untilEnd()).isEmpty();
        } finally {
            gateway.ports.obstacle = Optional.empty();
        }
        assertThat(gateway.ports.sessions).isEmpty();
    }

    @Test
    void whatCompletedBehindWhatCouldNotBeRecordedIsRecordedAsCompleted() throws Exception {
        AtomicInteger appended = new AtomicInteger();
        gateway.ports.beforeAppend = () -> {
            if (appended.incrementAndGet() == 1) {
                throw new IllegalStateException("the disk is full");
            }
        };
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            byte[][] all = new byte[10][];
            for (int i = 0; i < 9; i++) {
                all[i] = WireClient.bytes(
                        WireClient.message('P', "", "SELECT " + i, (short) 0),
                        WireClient.message('B', "", "", (short) 0, (short) 0, (short) 0),
                        WireClient.message('E', "", 0));
            }
            all[9] = WireClient.message('S');
            client.raw(all);
            List<WireClient.Message> messages = client.untilEnd();
            assertThat(messages).extracting(WireClient.Message::type).containsExactly('1', '2', 'D', 'E');
            assertThat(messages.getLast().field('C')).isEqualTo("58030");
        } finally {
            gateway.ports.beforeAppend = () -> {};
        }
        nothingIsOpen();
        assertThat(texts()).hasSize(8).startsWith("SELECT 1").endsWith("SELECT 8");
        assertThat(statements())
                .allSatisfy(record -> assertThat(record.outcome()).isEqualTo(new Outcome.Completed("SELECT 1")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"token", "scram-sha-256"})
    void anErrorWhileASessionOpensIsSaidAndHoldsNothing(String method) throws Exception {
        Runnable fails = () -> {
            throw new StackOverflowError();
        };
        gateway.ports.beforeVerify = fails;
        try (WireClient client = WireClient.connect(gateway.port)) {
            client.startup(3 << 16, "options", "-c espalier.auth=" + method);
            if (method.equals("token")) {
                client.expect('R');
                client.send('p', TestPorts.PASSWORD);
            }
            assertThat(client.expect('E').field('C')).isEqualTo("XX000");
            assertThat(client.untilEnd()).isEmpty();
        } finally {
            gateway.ports.beforeVerify = () -> {};
        }
    }

    /** As in PostgreSQL, which takes the end of what a client sends for its end only where it is told to look. */
    @Test
    void aClientThatClosesItsConnectionIsGoneWhereTheServerIsToldToLook() throws Exception {
        try (WireClient client =
                WireClient.signedIn(gateway.port, "options", "-c client_connection_check_interval=100ms")) {
            client.send('Q', "SELECT pg_sleep(600)");
            TestWait.until("it runs", () -> sleeping().equals("1"));
        }
        nothingIsOpen();
        assertThat(statements())
                .singleElement()
                .satisfies(record -> assertThat(record.outcome()).isInstanceOf(Outcome.Lost.class));
    }

    @Test
    void whatCannotBeRecordedIsNotLetThrough() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            gateway.ports.full = true;
            client.send('Q', "SELECT 1");
            List<WireClient.Message> messages = client.untilEnd();
            assertThat(messages).extracting(WireClient.Message::type).containsExactly('T', 'D', 'E');
            assertThat(messages.getLast().field('C')).isEqualTo("58030");
            try (WireClient second = WireClient.connect(gateway.port)) {
                second.startup(3 << 16);
                second.expect('R');
                second.send('p', TestPorts.PASSWORD);
                assertThat(second.expect('E').field('C')).isEqualTo("58030");
            }
        } finally {
            gateway.ports.full = false;
        }
    }
}
