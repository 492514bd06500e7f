package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.testing.TestWait;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Time-outs and limits, and a sink that may fail. */
class LimitsTest extends GatewayTest {

    @Override
    GatewaySettings settings() {
        return limits(Duration.ofSeconds(30), Duration.ZERO);
    }

    private static GatewaySettings limits(Duration signIn, Duration idle) {
        return new GatewaySettings(2, signIn, signIn, idle, Duration.ofSeconds(15), 20, 3, 4, 1000, false);
    }

    /** One whose clients have little time. */
    private TestGateway hasty() {
        return new TestGateway(postgres, home, limits(Duration.ofSeconds(2), Duration.ofSeconds(1)));
    }

    @Test
    void aPrincipalHasSoManySessionsAndNoMore() throws Exception {
        List<Connection> open = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                open.add(gateway.connect());
            }
            assertThatThrownBy(gateway::connect)
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("53300"))
                    .hasMessageContaining("too many connections of principal ann: 3 may be open");
            open.add(gateway.connect("user", "bob"));
            assertThatThrownBy(() -> gateway.connect("user", "bob"))
                    .hasMessageContaining("too many connections of endpoint primary: 4 may be open");
            TestWait.until("the refused one's lease is closed", () -> gateway.ports.leases.get() == 4);
        } finally {
            for (Connection connection : open) {
                connection.close();
            }
        }
    }

    @Test
    void anIdleSessionEndsAndABusyOneDoesNot() throws Exception {
        try (TestGateway hasty = hasty();
                WireClient busy = WireClient.signedIn(hasty.port)) {
            busy.send('Q', "SELECT pg_sleep(2.5)");
            try (WireClient idle = WireClient.signedIn(hasty.port)) {
                assertThat(idle.expect('E').field('C')).isEqualTo("57P05");
            }
            assertThat(busy.typesUntil('Z')).isEqualTo("TDCZ");
        }
    }

    @Test
    void aConnectionThatSaysNothingIsClosedInTime() throws Exception {
        try (TestGateway hasty = hasty();
                WireClient silent = WireClient.connect(hasty.port);
                WireClient halfway = WireClient.connect(hasty.port)) {
            halfway.startup(3 << 16);
            halfway.expect('R');
            assertThat(silent.expect('E').field('M')).contains("not complete within 2 s");
            assertThat(halfway.expect('E').field('M')).contains("not complete within 2 s");
        }
    }

    @Test
    void aBranchThatDoesNotWakeInTimeIsAnErrorAndWhatComesLaterIsGivenBack() throws Exception {
        var go = new java.util.concurrent.CountDownLatch(1);
        try (TestGateway hasty = hasty()) {
            hasty.ports.beforeRoute = () -> {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            };
            try (WireClient client = beginsToOpen(hasty)) {
                assertThat(client.expect('E').field('M')).contains("could not be opened within 2 s");
            } finally {
                go.countDown();
            }
            TestWait.until("the lease is given back", () -> hasty.ports.leases.get() == 0);
        }
        nothingIsOpen();
    }

    /** While a database is renamed, nobody gets into it. */
    @Test
    void aLoginThatHangsHoldsNothingWhenItsTimeIsOverOrItsClientIsGone() throws Exception {
        try (TestGateway hasty = hasty();
                Connection admin = postgres.connect("postgres");
                Statement rename = admin.createStatement()) {
            admin.setAutoCommit(false);
            rename.execute("ALTER DATABASE catalog RENAME TO renamed");
            try (WireClient client = beginsToOpen(hasty)) {
                assertThat(client.expect('E').field('M')).contains("could not be opened within 2 s");
            }
            TestWait.until("the lease is given back", () -> hasty.ports.leases.get() == 0);
            try (WireClient _ = beginsToOpen(hasty)) {
                TestWait.until("a lease is held", () -> hasty.ports.leases.get() == 1);
            }
            TestWait.until("it is given back", () -> hasty.ports.leases.get() == 0);
            admin.rollback();
        }
    }

    private static WireClient beginsToOpen(TestGateway gateway) throws IOException {
        WireClient client = WireClient.connect(gateway.port);
        client.startup(3 << 16);
        client.expect('R');
        client.send('p', TestPorts.PASSWORD);
        return client;
    }

    @Test
    void aCancelRequestEndsInTimeThoughTheServerHangs() throws Exception {
        String postmaster = postgres.value("SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)");
        try (TestGateway hasty = hasty();
                WireClient session = WireClient.connect(hasty.port)) {
            session.startup(3 << 16);
            session.expect('R');
            session.send('p', TestPorts.PASSWORD);
            byte[] key = session.until('Z').stream()
                    .filter(message -> message.type() == 'K')
                    .findFirst()
                    .orElseThrow()
                    .body();
            signal("STOP", postmaster);
            try (WireClient request = WireClient.connect(hasty.port)) {
                request.raw(WireClient.bytes(key.length + 8, 1234 << 16 | 5678, key));
                assertThat(request.untilEnd()).isEmpty();
            } finally {
                signal("CONT", postmaster);
            }
        }
    }

    private static void signal(String name, String process) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, process).start().waitFor())
                .isZero();
    }

    @Test
    void aFloodOfConnectionsIsTurnedAwayAndSessionsGoOn() throws Exception {
        TestGateway flooded = new TestGateway(postgres, home, limits(Duration.ofSeconds(10), Duration.ZERO));
        try (flooded;
                WireClient session = WireClient.signedIn(flooded.port)) {
            List<WireClient> flood = new ArrayList<>();
            try {
                for (int i = 0; i < 200; i++) {
                    flood.add(WireClient.connect(flooded.port));
                }
                session.send('Q', "SELECT 1");
                assertThat(session.typesUntil('Z')).isEqualTo("TDCZ");
                try (WireClient other = fromAnotherAddress(flooded)) {
                    other.startup(3 << 16);
                    other.expect('R');
                }
                List<String> ends = new ArrayList<>();
                for (WireClient one : flood) {
                    ends.add(one.expect('E').field('C'));
                }
                // So many of one address may sign in at a time, and these say nothing.
                assertThat(ends).filteredOn("08006"::equals).hasSize(10);
                assertThat(ends).filteredOn("53300"::equals).hasSize(190);
            } finally {
                for (WireClient one : flood) {
                    one.close();
                }
            }
            TestWait.until("signing in is possible again", () -> {
                try (WireClient _ = WireClient.signedIn(flooded.port)) {
                    return true;
                } catch (IOException | AssertionError e) {
                    return false;
                }
            });
        }
    }

    @Test
    void whoHangsUpWhileHisPasswordIsVerifiedHasNoMoreAtWorkThanWhoWaits() throws Exception {
        var go = new java.util.concurrent.CountDownLatch(1);
        AtomicInteger verifying = new AtomicInteger();
        gateway.ports.beforeVerify = () -> {
            verifying.incrementAndGet();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        try {
            for (int i = 0; i < 100; i++) {
                try (WireClient client = WireClient.connect(gateway.port)) {
                    client.startup(3 << 16);
                    if (client.read().type() == 'R') {
                        int before = verifying.get();
                        client.send('p', TestPorts.PASSWORD);
                        TestWait.until("it is verified", () -> verifying.get() > before);
                    }
                }
            }
            assertThat(verifying).hasValue(10);
        } finally {
            gateway.ports.beforeVerify = () -> {};
            go.countDown();
        }
        TestWait.until("signing in is possible again", () -> {
            try (WireClient _ = WireClient.signedIn(gateway.port)) {
                return true;
            } catch (IOException | AssertionError e) {
                return false;
            }
        });
    }

    private static WireClient fromAnotherAddress(TestGateway gateway) throws IOException {
        return new WireClient(new Socket("127.0.0.1", gateway.port, InetAddress.getByName("127.0.0.2"), 0));
    }

    @Test
    void whoIsRefusedAgainAndAgainFillsNoJournal() throws Exception {
        TestGateway second = new TestGateway(postgres, home, settings());
        try {
            for (int i = 0; i < RefusedSignIns.ONE_BY_ONE + 40; i++) {
                try (WireClient client = WireClient.connect(second.port)) {
                    client.startup(3 << 16, "application_name", "x".repeat(5_000));
                    client.expect('R');
                    client.send('p', "wrong");
                    assertThat(client.expect('E').field('C')).isEqualTo("28P01");
                }
            }
        } finally {
            second.close();
        }
        assertThat(second.ports.sessions)
                .hasSize(RefusedSignIns.ONE_BY_ONE + 1)
                .allSatisfy(
                        record -> assertThat(record.client().applicationName()).hasSizeLessThan(600));
        assertThat(second.ports.sessions.getLast())
                .isInstanceOfSatisfying(
                        SessionRecord.Refused.class,
                        refused -> assertThat(refused.reason())
                                .isEqualTo(
                                        "40 more sign-ins were refused within a minute, the last one: the token of ann has expired"));
    }

    @Test
    void ofWhatARefusedClientSaysSecretsAreTakenOutBeforeItIsCut() throws Exception {
        String before = "x".repeat(509);
        TestGateway second = new TestGateway(postgres, home, settings());
        try (WireClient client = WireClient.connect(second.port)) {
            client.startup(3 << 16, "application_name", before + "hunter2", "database", before + "hunter2");
            client.expect('R');
            client.send('p', "wrong");
            client.expect('E');
        } finally {
            second.close();
        }
        assertThat(second.ports.sessions)
                .singleElement()
                .isInstanceOfSatisfying(SessionRecord.Refused.class, refused -> {
                    assertThat(refused.client().applicationName()).isEqualTo(before + "[re…");
                    assertThat(refused.database()).isEqualTo(before + "[re…");
                });
    }

    @Test
    void aSinkThatFailsIsOnlyLoggedWhereAvailabilityIsChosen() throws Exception {
        gateway.ports.full = true;
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('Q', "SELECT 1");
            assertThat(client.typesUntil('Z')).isEqualTo("TDCZ");
        } finally {
            gateway.ports.full = false;
        }
    }

    @Test
    void aStoppingGatewayTellsItsClients() throws Exception {
        TestGateway second = new TestGateway(postgres, home, settings());
        try (WireClient session = WireClient.signedIn(second.port);
                WireClient early = WireClient.connect(second.port)) {
            early.startup(3 << 16);
            early.expect('R');
            second.close();
            assertThat(session.expect('E').field('M')).isEqualTo("the gateway is stopping");
            assertThat(early.expect('E').field('M')).isEqualTo("the gateway is stopping");
            assertThat(session.untilEnd()).isEmpty();
        }
        assertThat(second.ports.leases.get()).isZero();
    }
}
