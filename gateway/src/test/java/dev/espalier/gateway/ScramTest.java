package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** SCRAM-SHA-256 with pgjdbc's client and PostgreSQL's own verifier. */
class ScramTest extends GatewayTest {

    private static final String SCRAM = "-c espalier.auth=scram-sha-256";

    @BeforeEach
    void aPasswordIsKeptAsPostgresKeepsIt() throws Exception {
        postgres.execute("postgres", "ALTER ROLE ann PASSWORD '" + TestPorts.PASSWORD + "'");
        gateway.ports.scramSecret = postgres.value("SELECT rolpassword FROM pg_authid WHERE rolname = 'ann'");
    }

    @Test
    void aClientThatKnowsThePasswordIsLetInWithoutSendingIt() throws Exception {
        for (String tls : new String[] {"disable", "require"}) {
            try (Connection connection = gateway.connect("options", SCRAM, "sslmode", tls)) {
                assertThat(connection.isValid(5)).isTrue();
            }
        }
        assertThat(gateway.ports.sessions.getFirst())
                .isInstanceOfSatisfying(
                        SessionRecord.SignedIn.class,
                        signedIn -> assertThat(signedIn.session().principal().name())
                                .isEqualTo("ann"));
    }

    @Test
    void aWrongPasswordIsRefusedWithTheReason() {
        assertThatThrownBy(() -> gateway.connect("options", SCRAM, "password", "wrong"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"))
                .hasMessageContaining("the password is wrong");
    }

    @Test
    void whoHasNoPasswordIsToldSo() {
        gateway.ports.scramSecret = "";
        assertThatThrownBy(() -> gateway.connect("options", SCRAM))
                .hasMessageContaining("ann has no password for SCRAM");
        gateway.ports.scramSecret = "md5abc";
        assertThatThrownBy(() -> gateway.connect("options", SCRAM)).hasMessageContaining("cannot be read");
    }

    @Test
    void anUnknownMethodIsRefused() {
        assertThatThrownBy(() -> gateway.connect("options", "-c espalier.auth=md5"))
                .hasMessageContaining("the option espalier.auth is md5");
    }

    @Test
    void messagesOfAnotherExchangeAreRefused() throws Exception {
        String[] finals = {"", "c=biws,r=x,p=AAAA", "c=biws,p=AAAA", "n,,n=,r=abc"};
        for (String last : finals) {
            try (WireClient client = WireClient.connect(gateway.port)) {
                client.startup(3 << 16, "espalier.auth", "scram-sha-256");
                assertThat(client.expect('R').text()).contains("SCRAM-SHA-256");
                byte[] first = "n,,n=,r=abcdefgh".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
                client.send('p', "SCRAM-SHA-256", first.length, first);
                assertThat(client.expect('R').text()).contains("r=abcdefgh");
                client.send('p', last);
                assertThat(client.expect('E').field('M')).contains("SCRAM exchange is refused");
            }
        }
    }
}
