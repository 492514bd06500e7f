package dev.espalier.control;

import dev.espalier.postgres.PostgresException;
import dev.espalier.postgres.PostgresServer;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server of the control database where Espalier runs that itself. One that has ended is started again, for it ends by itself where the
 * disk is full, and nobody could make room without it; by a thread of its own, as others may wait for it.
 */
final class OwnServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OwnServer.class);
    private static final Duration DEADLINE = Duration.ofMinutes(2);
    private static final long LOOK_MS = 500;
    private static final long REST_NANOS = Duration.ofSeconds(5).toNanos();

    private final PostgresServer.Launch launch;
    private volatile PostgresServer server;
    private volatile Runnable restarted = () -> {};
    private long failed = System.nanoTime() - REST_NANOS;
    private boolean closed;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("control-database").factory());

    /** @throws PostgresException if it does not start */
    OwnServer(PostgresServer.Launch launch) {
        this.launch = launch;
        this.server = PostgresServer.start(launch, DEADLINE);
        var _ = watch.scheduleWithFixedDelay(this::startAgainIfEnded, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
    }

    PostgresServer.Launch launch() {
        return launch;
    }

    PostgresServer server() {
        return server;
    }

    /** What is to be done when it was started again, before anybody is told that it runs. */
    void onRestart(Runnable work) {
        restarted = work;
    }

    /** Whether sessions can be opened. */
    boolean runs() {
        return server.isRunning();
    }

    private synchronized void startAgainIfEnded() {
        if (closed || runs() || System.nanoTime() - failed < REST_NANOS) {
            return;
        }
        try {
            PostgresServer again = PostgresServer.start(launch, DEADLINE);
            restarted.run();
            server = again;
            LOG.warn("the server of the control database had ended and was started again; its log is {}", launch.log());
        } catch (RuntimeException e) {
            failed = System.nanoTime();
            if (watch.isShutdown()) {
                return;
            }
            LOG.error("the server of the control database has ended; its start is tried again: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        watch.shutdownNow();
        synchronized (this) {
            closed = true;
            if (runs()) {
                server.stop(PostgresServer.Stop.FAST, DEADLINE);
            }
        }
    }
}
