package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.databricks.sdk.WorkspaceClient;
import com.databricks.sdk.service.iam.ServicePrincipal;
import com.databricks.sdk.service.oauth2.CreateServicePrincipalSecretRequest;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.sql.DriverManager;
import java.util.Properties;
import javax.net.SocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A name that another principal gets while the one who had it signs in. */
@ExtendWith(Shared.class)
class SuccessorTest {

    private static final String NAME = "rotated";

    /** Runs before the client's proof leaves it. */
    private static volatile Runnable beforeProof = () -> {};

    private final ServerProcess server;

    SuccessorTest(ServerProcess server) {
        this.server = server;
    }

    @Test
    void whoKnowsASecretOfARemovedPrincipalDoesNotBecomeTheOneWhoGetsItsName() throws Exception {
        WorkspaceClient workspace = Shop.signIn(server, server.clientSecret());
        ServicePrincipal first = workspace.servicePrincipals().create(new ServicePrincipal().setDisplayName(NAME));
        String secret = workspace
                .servicePrincipalSecretsProxy()
                .create(new CreateServicePrincipalSecretRequest().setServicePrincipalId(first.getId()))
                .getSecret();
        Properties jdbc = new Properties();
        jdbc.setProperty("user", NAME);
        jdbc.setProperty("password", secret);
        jdbc.setProperty("sslmode", "disable");
        jdbc.setProperty("options", "-c espalier.auth=scram-sha-256");
        jdbc.setProperty("socketFactory", Sockets.class.getName());
        String system = "jdbc:postgresql://127.0.0.1:" + server.gatewayPort() + "/system";
        DriverManager.getConnection(system, jdbc).close();

        boolean[] replaced = {false};
        beforeProof = () -> {
            workspace.servicePrincipals().delete(first.getId());
            replaced[0] = NAME.equals(workspace
                    .servicePrincipals()
                    .create(new ServicePrincipal().setDisplayName(NAME))
                    .getDisplayName());
        };
        assertThatThrownBy(() -> DriverManager.getConnection(system, jdbc).close())
                .hasMessageContaining("there is no active principal " + NAME + " any more");
        assertThat(replaced[0]).isTrue();
    }

    /** Of a client whose second message of the sign-in, the proof of SCRAM, is held. */
    public static final class Sockets extends SocketFactory {

        @Override
        public Socket createSocket() {
            return new Socket() {
                @Override
                public OutputStream getOutputStream() throws IOException {
                    return new Held(super.getOutputStream());
                }
            };
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
            throw new UnsupportedOperationException();
        }
    }

    private static final class Held extends FilterOutputStream {

        private int messages;

        private Held(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            if (length > 0 && bytes[from] == 'p' && ++messages == 2) {
                beforeProof.run();
            }
            out.write(bytes, from, length);
        }
    }
}
