package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.request.Address;
import dev.espalier.engine.Steps;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import dev.espalier.storage.Backend;
import dev.espalier.testing.TestWait;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who comes just when an endpoint is suspended because nobody did. */
class IdleWatchTest {

    private static final String STARTED = "SELECT pg_postmaster_start_time()::text";

    @TempDir
    static Path directory;

    private static volatile Steps steps = step -> {};
    private static TestPlane test;
    private static Endpoint primary;

    @BeforeAll
    static void start() {
        test = new TestPlane(directory, Backend.COPY, step -> steps.reached(step), Clock.systemUTC());
        test.succeed(test.plane.projects().create(CALLER, "shop", PLAIN));
        primary = test.plane.endpoints().get("shop", "production", Endpoint.PRIMARY);
        test.plane.principals().addAdministrator("root-id", "root", "none");
        Principal root = test.plane.principals().named("root").orElseThrow();
        test.plane
                .directory()
                .create(
                        root,
                        new Directory.NewPrincipal(
                                PrincipalKind.USER, "ann", Optional.empty(), Optional.empty(), true, Set.of()));
        test.plane
                .access()
                .change(
                        root,
                        "shop",
                        List.of(new AccessLists.Wanted("ann", Optional.empty(), Permission.CAN_USE)),
                        false);
    }

    @AfterAll
    static void stop() {
        test.close();
        TestPlane.stopLeftovers(directory);
    }

    @Test
    void whoComesWhileItIsSuspendedWaitsAndWakesIt() throws Exception {
        String before = test.query("production", STARTED);
        CompletableFuture<String> after = new CompletableFuture<>();
        whenItIsShut(() -> {
            Thread comes = Thread.ofPlatform().start(() -> {
                try {
                    after.complete(test.query("production", STARTED));
                } catch (Exception e) {
                    after.completeExceptionally(e);
                }
            });
            TestWait.until(() -> comes.getState() == Thread.State.WAITING || after.isDone());
        });
        assertThat(after.join()).isNotEqualTo(before);
    }

    @Test
    void whoHasJustFoundItOpenKeepsItAwake() throws Exception {
        String before = test.query("production", STARTED);
        Logins.Destination to = test.plane
                .logins()
                .open(
                        test.plane.principals().named("ann").orElseThrow(),
                        Optional.empty(),
                        Address.parse("shop/databricks_postgres"),
                        Optional.empty());
        AtomicReference<Runnable> leave = new AtomicReference<>();
        // By the thread that holds the branch, for which it is as if it had been open a moment ago: it does not wait.
        whenItIsShut(() -> leave.set(test.plane.logins().enter(to, "psql", _ -> {}, () -> {})));
        TestWait.until("it to be open again", () -> test.engine.isOpen(primary.uid()));
        assertThat(test.query("production", STARTED)).isEqualTo(before);
        leave.get().run();
    }

    /** Has it be idle, and does the work when it is about to be suspended for that; returns when that is done. */
    private static void whenItIsShut(Runnable work) {
        AtomicBoolean begun = new AtomicBoolean();
        CompletableFuture<Void> done = new CompletableFuture<>();
        steps = step -> {
            if (step.equals("shut.done") && begun.compareAndSet(false, true)) {
                try {
                    work.run();
                    done.complete(null);
                } catch (RuntimeException | Error e) {
                    done.completeExceptionally(e);
                }
            }
        };
        TestWait.until("it to be suspended", () -> {
            if (!begun.get()) {
                test.change("UPDATE control.endpoint SET last_active_time = '2020-01-01' WHERE uid = '" + primary.uid()
                        + "' AND last_active_time <> '2020-01-01'");
            }
            return begun.get();
        });
        done.join();
        steps = step -> {};
    }
}
