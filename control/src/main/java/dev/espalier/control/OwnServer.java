package dev.espalier.control;

import dev.espalier.postgres.PostgresException;
import dev.espalier.postgres.PostgresServer;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server of the control database where Espalier runs that itself: one that has ended is started again. */
final class OwnServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OwnServer.class);
    private static final Duration DEADLINE = Duration.ofMinutes(2);

    private final PostgresServer.Launch launch;
    private volatile PostgresServer server;
    private boolean closed;

    private OwnServer(PostgresServer.Launch launch) {
        this.launch = launch;
        this.server = PostgresServer.start(launch, DEADLINE);
    }

    /** @throws PostgresException if it does not start */
    static OwnServer start(PostgresServer.Launch launch) {
        return new OwnServer(launch);
    }

    PostgresServer.Launch launch() {
        return launch;
    }

    PostgresServer server() {
        return server;
    }

    boolean runs() {
        return server.isRunning();
    }

    /** For it ends by itself where the disk is full, and nobody could make room without it. */
    synchronized void startAgainIfEnded() {
        if (closed || runs()) {
            return;
        }
        try {
            server = PostgresServer.start(launch, DEADLINE);
            LOG.warn("the server of the control database had ended and was started again; its log is {}", launch.log());
        } catch (PostgresException e) {
            LOG.error("the server of the control database has ended; its start is tried again: {}", e.getMessage());
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        server.stop(PostgresServer.Stop.FAST, DEADLINE);
    }
}
