package dev.espalier.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class PortCheckTest {

    @Test
    void whatListensAlreadyIsToBeStoppedOrGivenWay() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(PortCheck.problem("http", "127.0.0.1", other.getLocalPort()))
                    .hasValueSatisfying(problem -> assertThat(problem)
                            .endsWith("Stop what listens there, or set http.port to another one")
                            .doesNotContain("http.host"));
        }
        assertThat(PortCheck.problem("http", "127.0.0.1", 0)).isEmpty();
    }

    @Test
    void aHostThatIsNoneOrAnotherMachinesIsToBeSet() {
        assertThat(PortCheck.problem("http", "no-such-host.invalid", 8400))
                .hasValueSatisfying(problem -> assertThat(problem)
                        .startsWith("no host is called \"no-such-host.invalid\". Set http.host to")
                        .doesNotContain("http.port"));
        // An address for documentation, which no machine has.
        for (int port : new int[] {0, 5400}) {
            assertThat(PortCheck.problem("gateway", "192.0.2.1", port))
                    .hasValueSatisfying(problem ->
                            assertThat(problem).contains("Set gateway.host to").doesNotContain("gateway.port"));
        }
    }
}
