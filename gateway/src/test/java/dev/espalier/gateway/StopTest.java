package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.gateway.StatementRecord.Outcome;
import dev.espalier.testing.TestWait;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What is recorded of sessions that are open when the gateway stops. */
class StopTest extends GatewayTest {

    private static final Duration LONG = Duration.ofSeconds(15);
    private static final Duration SHORT = Duration.ofMillis(200);

    private static final String SLOW = "SELECT 'slow_one'";

    private static final String CANNOT_BE_CANCELLED =
            "DO 'BEGIN LOOP BEGIN PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN END; END LOOP; END'";

    /** Takes the slow text apart when that is known. */
    private TestGateway start(Duration stopTimeout, CountDownLatch known) {
        TestGateway stopping = new TestGateway(postgres, home, settings().withStopTimeout(stopTimeout));
        stopping.ports.slowWord = "slow_one";
        stopping.ports.beforeSlow = () -> await(known);
        return stopping;
    }

    @Test
    void aGatewayThatStopsWaitsForTheTextOfWhatHasRun() throws Exception {
        CountDownLatch known = new CountDownLatch(1);
        TestGateway stopping = start(LONG, known);
        try (WireClient client = WireClient.signedIn(stopping.port)) {
            client.send('Q', SLOW);
            TestWait.until(
                    "the server has run it", () -> backends("AND state = 'idle' AND query LIKE '%slow_one%'") == 1);
            Thread stop = Thread.ofPlatform().start(stopping::close);
            assertThat(client.untilEnd().getLast().field('C')).isEqualTo("57P01");
            TestWait.until("the backend has ended", () -> backends("") == 0);
            assertThat(stop.join(Duration.ofSeconds(2))).isFalse();
            known.countDown();
            stop.join();
        }
        assertThat(stopping.ports.statements).singleElement().satisfies(record -> {
            assertThat(record.text()).isEqualTo(SLOW);
            assertThat(record.outcome()).isEqualTo(new Outcome.Completed("SELECT 1"));
        });
        assertThat(stopping.ports.sessions.getLast()).isInstanceOf(SessionRecord.SignedOut.class);
    }

    @Test
    void whatHasRunIsRecordedWithoutATextThatKeepsTheGatewayFromStopping() throws Exception {
        TestGateway stopping = start(SHORT, new CountDownLatch(1));
        try (WireClient client = WireClient.signedIn(stopping.port)) {
            client.send('Q', SLOW);
            TestWait.until(
                    "the server has run it", () -> backends("AND state = 'idle' AND query LIKE '%slow_one%'") == 1);
            stopping.close();
        }
        assertThat(stopping.ports.statements).singleElement().satisfies(record -> {
            assertThat(record.text()).startsWith("a text of 17 bytes, SHA-256: ");
            assertThat(record.outcome()).isEqualTo(new Outcome.Completed("SELECT 1"));
        });
        assertThat(stopping.ports.sessions.getLast()).isInstanceOf(SessionRecord.SignedOut.class);
    }

    @Test
    void whatKeepsTheGatewayFromStoppingIsRecordedAsLost() throws Exception {
        TestGateway stopping = start(SHORT, new CountDownLatch(1));
        try (WireClient client = WireClient.signedIn(stopping.port)) {
            client.send('Q', CANNOT_BE_CANCELLED);
            TestWait.until("the server runs it", () -> backends("AND state = 'active'") == 1);
            stopping.close();
        } finally {
            postgres.execute("catalog", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ann'");
        }
        assertThat(stopping.ports.statements).singleElement().satisfies(record -> {
            assertThat(record.type()).isEqualTo("DO");
            assertThat(record.outcome()).isInstanceOf(Outcome.Lost.class);
        });
        assertThat(stopping.ports.sessions.getLast()).isInstanceOf(SessionRecord.SignedOut.class);
    }

    @Test
    void noSessionBeginsForAClientThatIsBeingToldThatTheGatewayStops() throws Exception {
        CountDownLatch routed = new CountDownLatch(1);
        TestGateway stopping = start(LONG, new CountDownLatch(1));
        stopping.ports.beforeRoute = () -> await(routed);
        try (WireClient client = WireClient.connect(stopping.port)) {
            client.startup(3 << 16);
            client.expect('R');
            client.send('p', TestPorts.PASSWORD);
            TestWait.until("it is looked up where it goes", () -> !stopping.ports.targets.isEmpty());
            Thread stop = Thread.ofPlatform().start(stopping::close);
            assertThat(client.expect('E').field('C')).isEqualTo("57P01");
            routed.countDown();
            stop.join();
        }
        assertThat(stopping.ports.sessions).singleElement().isInstanceOf(SessionRecord.Refused.class);
        assertThat(stopping.ports.leases).hasValue(0);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int backends(String which) throws Exception {
        return Integer.parseInt(postgres.value("SELECT count(*) FROM pg_stat_activity WHERE usename = 'ann' " + which));
    }
}
