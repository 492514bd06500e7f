package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;

class TlsTest extends GatewayTest {

    private static final byte[] SSL_REQUEST = WireClient.bytes(8, 1234 << 16 | 5679);
    private static final byte[] GSS_REQUEST = WireClient.bytes(8, 1234 << 16 | 5680);

    private SSLSocket encrypted(Socket plain, String sniHost, String... protocols) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(gateway.certificate)) {
            Certificate certificate = CertificateFactory.getInstance("X.509").generateCertificate(in);
            trusted.setCertificateEntry("gateway", certificate);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, sniHost, plain.getPort(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(sniHost)));
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
        return socket;
    }

    @Test
    void directTlsWithTheProtocolsNameNeedsNoRequest() throws Exception {
        try (SSLSocket socket =
                        encrypted(new Socket("127.0.0.1", gateway.port), "feature-x.branches.test", "postgresql");
                WireClient client = new WireClient(socket)) {
            client.startup(3 << 16);
            client.expect('R');
            client.send('p', TestPorts.PASSWORD);
            client.until('Z');
            client.send('Q', "SELECT 1");
            assertThat(client.typesUntil('Z')).isEqualTo("TDCZ");
        }
        assertThat(gateway.ports.targets.getFirst().sniHost()).contains("feature-x.branches.test");
    }

    @Test
    void whoStillSendsHearsTheLastWords() throws Exception {
        try (SSLSocket socket = encrypted(new Socket("127.0.0.1", gateway.port), "localhost", "postgresql");
                WireClient client = new WireClient(socket)) {
            client.startup(3 << 16);
            client.expect('R');
            client.send('p', TestPorts.PASSWORD);
            client.until('Z');
            client.send('H', new byte[1]);
            for (int i = 0; i < 2; i++) {
                client.send('d', new byte[50_000]);
            }
            assertThat(client.expect('E').field('M')).contains("a Flush message has 1 bytes");
            assertThat(client.untilEnd()).isEmpty();
        }
        nothingIsOpen();
    }

    @Test
    void directTlsWithoutTheProtocolsNameIsRefused() throws Exception {
        try (SSLSocket socket = encrypted(new Socket("127.0.0.1", gateway.port), "localhost");
                WireClient client = new WireClient(socket)) {
            client.startup(3 << 16);
            assertThat(client.expect('E').field('M')).contains("without the ALPN protocol postgresql");
        }
    }

    @Test
    void bytesBehindSslRequestAreRefused() throws Exception {
        try (WireClient client = WireClient.connect(gateway.port)) {
            client.raw(SSL_REQUEST, WireClient.startupPacket(3 << 16));
            assertThat(client.expect('E').field('M')).contains("bytes came behind SSLRequest");
            assertThat(client.untilEnd()).isEmpty();
        }
    }

    @Test
    void gssEncryptionIsDeniedAndTlsStillPossible() throws Exception {
        try (Socket plain = new Socket("127.0.0.1", gateway.port);
                WireClient client = new WireClient(plain)) {
            client.raw(GSS_REQUEST);
            assertThat(client.readByte()).isEqualTo('N');
            client.raw(SSL_REQUEST);
            assertThat(client.readByte()).isEqualTo('S');
            try (WireClient inner = new WireClient(encrypted(plain, "localhost"))) {
                inner.raw(SSL_REQUEST);
                assertThat(inner.expect('E').field('M')).isEqualTo("SSLRequest came over TLS");
            }
        }
    }

    @Test
    void aPasswordInClearTextFromElsewhereIsRefusedBeforeItIsSent() throws Exception {
        String elsewhere = java.net.NetworkInterface.networkInterfaces()
                .flatMap(java.net.NetworkInterface::inetAddresses)
                .filter(address -> address instanceof java.net.Inet4Address && !address.isLoopbackAddress())
                .map(java.net.InetAddress::getHostAddress)
                .findFirst()
                .orElse("");
        org.junit.jupiter.api.Assumptions.assumeFalse(elsewhere.isEmpty(), "this machine has no other address");
        try (GatewayServer.Listener all = gateway.server.listen("0.0.0.0", 0);
                WireClient client = new WireClient(new Socket(elsewhere, all.port()))) {
            client.startup(3 << 16);
            assertThat(client.expect('E').field('M')).contains("only taken over TLS");
        }
    }

    @Test
    void yourOwnCertificateMustBeOne() throws Exception {
        assertThatThrownBy(() -> ServerCertificate.of(gateway.certificate, gateway.certificate)
                        .context())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("PKCS #8");
    }
}
