package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Clients that are slow and still there. */
@Tag("heavy")
class PatienceTest extends GatewayTest {

    @Test
    void aClientThatClosedItsSideIsAnsweredHoweverLongItTakes() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.socket().setSoTimeout(0);
            client.raw(WireClient.message('Q', "SELECT pg_sleep(65)"));
            client.socket().shutdownOutput();
            assertThat(client.typesUntil('Z')).isEqualTo("TDCZ");
            assertThat(client.untilEnd()).isEmpty();
        }
    }

    /** Longer than the two minutes after which its connection ended once. */
    @Test
    void aReaderThatPausesForMinutesReadsOn() throws Exception {
        int rows = 100_000;
        try (WireClient reader = WireClient.signedIn(gateway.port);
                WireClient clock = WireClient.signedIn(gateway.port)) {
            clock.socket().setSoTimeout(0);
            reader.send('Q', "SELECT i, repeat('x', 500) FROM generate_series(1, " + rows + ") i");
            clock.send('Q', "SELECT pg_sleep(150)");
            assertThat(clock.typesUntil('Z')).isEqualTo("TDCZ");
            assertThat(reader.until('Z')).hasSize(rows + 3);
        }
    }
}
