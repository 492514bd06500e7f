package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Answers in an order that no statement brings a server to at will. */
class ConversationTest {

    @Test
    void aQueryThatFailsAndEndsTheSessionThereuponIsRecordedOnce() throws Refusal {
        TestPorts ports = new TestPorts(Map.of());
        Route.Named named = new Route.Named("id", "name");
        SessionInfo session = new SessionInfo(
                new ClientInfo(
                        "s", new InetSocketAddress("127.0.0.1", 1), false, Optional.empty(), Optional.empty(), ""),
                new Principal("ann", "USER", Acting.NOBODY),
                new Route(named, named, named, "db", "ann", Path.of("/"), () -> {}, new Recall(), Optional.empty()));
        try (WorkerWatch watch = WorkerWatch.start()) {
            int process = Math.toIntExact(ProcessHandle.current().pid());
            Conversation conversation = new Conversation(
                    new Recorder(session, ports, true, Clock.systemUTC()),
                    new Meter(new BackendCpu(process), watch.watch(process)),
                    new TextReading());
            conversation.query(SqlText.unseen("SELECT", "SELECT 1/0"));
            conversation.failed(new ServerError(false, "22012", "division by zero"));
            conversation.failed(new ServerError(true, "57P01", "terminating connection"));
        }
        assertThat(ports.statements)
                .extracting(record -> record.outcome())
                .isEqualTo(List.of(new StatementRecord.Outcome.Failed("22012", "division by zero")));
    }
}
