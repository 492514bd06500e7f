package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's psql through the gateway. */
class PsqlTest {

    @TempDir
    static Path home;

    private static TestServer postgres;
    private static TestGateway gateway;

    @BeforeAll
    static void start() throws Exception {
        postgres = TestServer.start();
        gateway = new TestGateway(postgres, home, GatewaySettings.defaults());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        postgres.close();
    }

    @BeforeEach
    void forget() {
        gateway.ports.forget();
    }

    private record Output(int status, String text) {}

    private static Output psql(String connection, String... arguments) throws Exception {
        return psql(connection, Map.of(), "", arguments);
    }

    private static Output psql(String connection, Map<String, String> environment, String input, String... arguments)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "psql", "-X", "-A", "-t", "-w", "host=127.0.0.1 port=" + gateway.port + " user=ann " + connection));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("PGPASSWORD", TestPorts.PASSWORD);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Output(process.waitFor(), text.strip());
    }

    @Test
    void aSessionRunsOverTlsAsTheRealRole() throws Exception {
        Output output = psql("dbname=catalog sslmode=require", "-c", "SELECT session_user, current_user, 6 * 7");
        assertThat(output).isEqualTo(new Output(0, "ann|ann|42"));
    }
}
