package dev.espalier.gateway;

import dev.espalier.testing.TestWait;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A gateway before a real server for the tests of one class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class GatewayTest {

    @TempDir
    Path home;

    TestServer postgres;
    TestGateway gateway;

    GatewaySettings settings() {
        return GatewaySettings.defaults();
    }

    @BeforeAll
    void startBoth(@TempDir Path directory) throws Exception {
        postgres = TestServer.start();
        gateway = new TestGateway(postgres, directory, settings());
    }

    @AfterAll
    void stopBoth() {
        gateway.close();
        postgres.close();
    }

    @BeforeEach
    void forget() {
        nothingIsOpen();
        gateway.ports.forget();
    }

    /** Waits until the sessions of earlier tests have ended on both sides. */
    void nothingIsOpen() {
        TestWait.until("no lease is held", () -> gateway.ports.leases.get() == 0);
        TestWait.until(
                "no backend of ann is left",
                () -> postgres.value("SELECT count(*) FROM pg_stat_activity WHERE usename IN ('ann', 'bob')")
                        .equals("0"));
    }

    List<StatementRecord> statements() {
        return gateway.ports.statements;
    }

    /** The texts of the statements that were recorded. */
    List<String> texts() {
        return statements().stream().map(StatementRecord::text).toList();
    }
}
