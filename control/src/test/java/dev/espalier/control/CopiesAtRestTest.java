package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.espalier.engine.Steps;
import dev.espalier.storage.Backend;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files are copied as they lie: nobody starts a server on them meanwhile, nor on a copy that is not whole. */
class CopiesAtRestTest {

    private static final String SHOP = "shop";
    private static final String PRODUCTION = "production";

    @TempDir
    static Path directory;

    private static TestPlane test;
    private static volatile Steps steps = step -> {};

    @BeforeAll
    static void start() throws SQLException {
        test = new TestPlane(directory, Backend.COPY, step -> steps.reached(step), Clock.systemUTC());
        test.succeed(test.plane.projects().create(CALLER, SHOP, PLAIN));
        test.execute(PRODUCTION, "CREATE TABLE t AS SELECT 1 AS v");
    }

    @AfterEach
    void goOn() {
        steps = step -> {};
    }

    @AfterAll
    static void stop() {
        test.close();
        TestPlane.stopLeftovers(directory);
    }

    private static void once(String wanted, Runnable work) {
        AtomicBoolean begun = new AtomicBoolean();
        steps = step -> {
            if (step.equals(wanted) && begun.compareAndSet(false, true)) {
                work.run();
            }
        };
    }

    @Test
    void aSourceAtRestIsNotWokenBeforeItsFilesAreCopied() throws Exception {
        String primary =
                test.plane.endpoints().get(SHOP, PRODUCTION, Endpoint.PRIMARY).uid();
        test.succeed(test.plane.endpoints().suspend(CALLER, SHOP, PRODUCTION, Endpoint.PRIMARY));
        AtomicBoolean ran = new AtomicBoolean(true);
        AtomicReference<Thread> waker = new AtomicReference<>();
        once("fork.captured", () -> {
            Thread thread =
                    Thread.ofPlatform().start(() -> test.plane.endpoints().wake(primary));
            waker.set(thread);
            TestWait.until(
                    () -> thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TERMINATED);
            ran.set(test.engine.isRunning(primary));
        });
        test.succeed(test.plane.branches().create(CALLER, SHOP, "copied", now(), false));
        waker.get().join();
        assertThat(ran).isFalse();
        assertThat(test.engine.isRunning(primary)).isTrue();
        assertThat(test.query("copied", "SELECT v FROM t")).isEqualTo("1");
    }

    @Test
    void aReplicaIsNotWokenBeforeItIsMade() {
        test.succeed(test.plane.branches().create(CALLER, SHOP, "read", now(), false));
        AtomicReference<Throwable> refused = new AtomicReference<>();
        once("replicate.captured", () -> {
            String replica = test.plane.endpoints().get(SHOP, "read", "replica").uid();
            refused.set(CompletableFuture.supplyAsync(
                            () -> catchThrowable(() -> test.plane.endpoints().wake(replica)))
                    .join());
        });
        NewEndpoint wanted = new NewEndpoint(Endpoint.Type.READ_ONLY, Optional.empty(), Optional.empty(), false);
        test.succeed(test.plane.endpoints().create(CALLER, SHOP, "read", "replica", wanted, false));
        assertThat(refused.get()).hasMessageContaining("is still being made");
        assertThat(test.plane.endpoints().get(SHOP, "read", "replica").state()).isEqualTo(Endpoint.State.ACTIVE);
    }

    private static NewBranch now() {
        return new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never());
    }
}
