package dev.espalier.gateway;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Map;
import java.util.Properties;

/** A gateway in front of a server: branches {@code main} and, the same, {@code feature-x}. */
final class TestGateway implements AutoCloseable {

    final TestPorts ports;
    final GatewayServer server;
    final int port;
    final Path certificate;

    TestGateway(TestServer postgres, Path home, GatewaySettings settings) {
        ports = new TestPorts(Map.of(
                "main", postgres.socketDirectory(),
                "feature-x", postgres.socketDirectory(),
                "gone", home.resolve("gone")));
        ServerCertificate own = ServerCertificate.own(home, Clock.systemUTC());
        certificate = own.chain();
        server = GatewayServer.start(settings, ports.ports(), own, Clock.systemUTC());
        port = server.listen("127.0.0.1", 0).port();
    }

    /** By pgjdbc, as ann. */
    Connection connect(String... options) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "ann");
        properties.setProperty("password", TestPorts.PASSWORD);
        properties.setProperty("sslmode", "disable");
        for (int i = 0; i < options.length; i += 2) {
            properties.setProperty(options[i], options[i + 1]);
        }
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/catalog", properties);
    }

    @Override
    public void close() {
        server.close();
    }
}
