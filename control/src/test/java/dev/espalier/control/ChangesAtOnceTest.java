package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.EndpointSettings;
import dev.espalier.control.setting.Expiration;
import dev.espalier.engine.Steps;
import dev.espalier.postgres.Lsn;
import dev.espalier.storage.Backend;
import dev.espalier.testing.TestWait;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two things at once, of which each would do by itself. */
class ChangesAtOnceTest {

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

    @Test
    void anEndpointHasBothChanges() throws Exception {
        create("settings");
        both(
                "stop.done",
                () -> change(
                        "settings", now -> new EndpointSettings(now.minCu(), 4, now.suspendAfter(), now.pgSettings())),
                () -> change(
                        "settings",
                        now -> new EndpointSettings(
                                now.minCu(), now.maxCu(), Optional.of(Duration.ofHours(1)), now.pgSettings())));
        assertThat(test.plane
                        .endpoints()
                        .get(SHOP, "settings", Endpoint.PRIMARY)
                        .settings())
                .isEqualTo(new EndpointSettings(0.5, 4, Optional.of(Duration.ofHours(1)), Map.of()));
    }

    @Test
    void aRoleHasBothChanges() throws Exception {
        NewRole wanted = new NewRole(
                Optional.empty(),
                Role.IdentityType.IDENTITY_TYPE_UNSPECIFIED,
                Optional.empty(),
                List.of(),
                new Role.Attributes(false, false, false));
        test.succeed(test.plane.roles().create(CALLER, SHOP, PRODUCTION, "writer", wanted, false));
        Optional<Boolean> yes = Optional.of(true);
        both(
                "cluster.made",
                () -> change(new RoleChange.Attributes(yes, Optional.empty(), Optional.empty())),
                () -> change(new RoleChange.Attributes(Optional.empty(), Optional.empty(), yes)));
        assertThat(test.plane.roles().get(SHOP, PRODUCTION, "writer").attributes())
                .isEqualTo(new Role.Attributes(true, false, true));
    }

    @Test
    void aResetWhileItsSourceIsRestoredTakesTheDataOfItsSourceFromThenOn() throws Exception {
        create("source");
        TestWait.until(
                () -> !test.plane.insight().history(SHOP, "source").snapshots().isEmpty());
        Instant moment = Instant.parse(test.query("source", "SELECT to_json(clock_timestamp())#>>'{}'"));
        test.execute("source", "UPDATE t SET v = 2");
        create("child", Optional.of("source"));
        both(
                "rewind.copied",
                () -> test.plane.branches().restore(CALLER, SHOP, "source", new Moment.At(moment), Optional.of("kept")),
                () -> test.plane.branches().reset(CALLER, SHOP, "child"));
        assertThat(test.plane.branches().get(SHOP, "child").sourceBranchId()).contains("kept");
        assertThat(test.query("source", "SELECT v FROM t")).isEqualTo("1");
        assertThat(test.query("child", "SELECT v FROM t")).isEqualTo("2");
    }

    @Test
    void ofTwoNewReplicasOfOneIdOneIsRefused() throws Exception {
        create("read");
        NewEndpoint wanted = new NewEndpoint(Endpoint.Type.READ_ONLY, Optional.empty(), Optional.empty(), true);
        Supplier<Operation> create =
                () -> test.plane.endpoints().create(CALLER, SHOP, "read", "replica", wanted, false);
        assertThat(clash("endpoint", create, create)).containsExactlyInAnyOrder("done", "ALREADY_EXISTS");
    }

    @Test
    void ofTwoNewProjectsOfOneIdOneIsRefused() throws Exception {
        Supplier<Operation> create = () -> test.plane.projects().create(CALLER, "twice", PLAIN);
        assertThat(clash("project", create, create)).containsExactlyInAnyOrder("done", "ALREADY_EXISTS");
    }

    @Test
    void ofANewProjectAndOneOfItsIdThatIsBroughtBackOneIsRefused() throws Exception {
        test.succeed(test.plane.projects().create(CALLER, "back", PLAIN));
        test.succeed(test.plane.projects().delete(CALLER, "back", false));
        assertThat(clash(
                        "project",
                        () -> test.plane.projects().undelete(CALLER, "back"),
                        () -> test.plane.projects().create(CALLER, "back", PLAIN)))
                .containsExactlyInAnyOrder("done", "ALREADY_EXISTS");
    }

    @Test
    void ofANewBranchAndOneOfItsIdThatIsBroughtBackOneIsRefused() throws Exception {
        create("back");
        test.succeed(test.plane.branches().delete(CALLER, SHOP, "back", false));
        NewBranch wanted = new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never());
        assertThat(clash(
                        "branch",
                        () -> test.plane.branches().undelete(CALLER, SHOP, "back"),
                        () -> test.plane.branches().create(CALLER, SHOP, "back", wanted, false)))
                .containsExactlyInAnyOrder("done", "ALREADY_EXISTS");
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
        create("copied");
        waker.get().join();
        assertThat(ran).isFalse();
        assertThat(test.engine.isRunning(primary)).isTrue();
        assertThat(test.query("copied", "SELECT v FROM t")).isEqualTo("1");
    }

    @Test
    void aReplicaIsNotWokenBeforeItIsMade() {
        create("replicated");
        AtomicReference<Throwable> refused = new AtomicReference<>();
        once("replicate.captured", () -> {
            String replica =
                    test.plane.endpoints().get(SHOP, "replicated", "replica").uid();
            refused.set(CompletableFuture.supplyAsync(
                            () -> catchThrowable(() -> test.plane.endpoints().wake(replica)))
                    .join());
        });
        NewEndpoint wanted = new NewEndpoint(Endpoint.Type.READ_ONLY, Optional.empty(), Optional.empty(), false);
        test.succeed(test.plane.endpoints().create(CALLER, SHOP, "replicated", "replica", wanted, false));
        assertThat(refused.get()).hasMessageContaining("is still being made");
        assertThat(test.plane.endpoints().get(SHOP, "replicated", "replica").state())
                .isEqualTo(Endpoint.State.ACTIVE);
    }

    @Test
    void aBranchThatIsPurgedBeforeItIsMadeDoesNotComeToLife() throws Exception {
        String lsn = withHistory("busy");
        Paused restore = pause(
                "rewind.copied",
                () -> test.plane.branches().restore(CALLER, SHOP, "busy", at(lsn), Optional.of("busy-kept")));
        CompletableFuture<Operation> creation = CompletableFuture.supplyAsync(
                () -> test.plane
                        .branches()
                        .create(
                                CALLER,
                                SHOP,
                                "late",
                                new NewBranch(Optional.of("busy"), new Moment.Now(), false, new Expiration.Never()),
                                false),
                Thread::startVirtualThread);
        TestWait.until(() -> test.plane.branches().get(SHOP, "late").state() == Branch.State.INIT);
        String primary =
                test.plane.endpoints().get(SHOP, "late", Endpoint.PRIMARY).uid();
        var volume = test.plane.branches().get(SHOP, "late").volume();
        test.succeed(test.plane.branches().delete(CALLER, SHOP, "late", true));
        restore.goOn().countDown();
        test.succeed(restore.operation().get());
        assertThat(outcome(creation::join)).isEqualTo("NOT_FOUND");
        assertThat(test.engine.running()).doesNotContain(primary);
        assertThat(test.engine.volumes()).doesNotContain(volume);
    }

    @Test
    void aBranchThatIsNotMadeYetGoesForGoodWithItsProject() {
        test.succeed(test.plane.projects().create(CALLER, "half", PLAIN));
        createIn("half", "made", Optional.empty(), false);
        createIn("half", "unmade", Optional.empty(), false);
        test.change("UPDATE control.branch SET state = 'INIT' WHERE branch_id = 'unmade'");
        test.succeed(test.plane.projects().delete(CALLER, "half", false));
        test.succeed(test.plane.projects().undelete(CALLER, "half"));
        assertThat(test.plane.branches().get("half", "made").state()).isEqualTo(Branch.State.READY);
        assertThat(test.rows("SELECT state FROM control.branch WHERE branch_id = 'unmade'"))
                .isEmpty();
    }

    @Test
    void aProjectThatIsNotMadeYetGoesForGood() {
        test.succeed(test.plane.projects().create(CALLER, "begun", PLAIN));
        test.change("UPDATE control.branch SET state = 'INIT' WHERE project_uid = "
                + "(SELECT uid FROM control.project WHERE project_id = 'begun')");
        test.succeed(test.plane.projects().delete(CALLER, "begun", false));
        assertThat(test.rows("SELECT uid FROM control.project WHERE project_id = 'begun'"))
                .isEmpty();
    }

    @Test
    void aSnapshotThatTakesLongKeepsNoOtherBranchFromItsHistory() {
        Paused snapshot = pause("snapshot.captured", () -> {
            create("large");
            return test.plane.endpoints().wake(CALLER, SHOP, "large", Endpoint.PRIMARY);
        });
        try {
            create("small");
            TestWait.until(() ->
                    !test.plane.insight().history(SHOP, "small").snapshots().isEmpty());
        } finally {
            snapshot.goOn().countDown();
        }
    }

    @Test
    void whatNeverSleepsIsWokenWhenItsServerHasEndedByItself() throws Exception {
        create("restless");
        test.succeed(change(
                "restless", now -> new EndpointSettings(now.minCu(), now.maxCu(), Optional.empty(), now.pgSettings())));
        String primary =
                test.plane.endpoints().get(SHOP, "restless", Endpoint.PRIMARY).uid();
        TestWait.until(() -> test.engine.isOpen(primary));
        long killed = test.engine.cpu(primary).orElseThrow().server();
        new ProcessBuilder("kill", "-KILL", Long.toString(killed)).start().waitFor();
        TestWait.until(() -> test.engine.isOpen(primary)
                && test.engine.cpu(primary).orElseThrow().server() != killed);
    }

    @Test
    void whoWakesAnEndpointThatDiedWaitsUntilItIsOpen() throws Exception {
        create("died");
        String primary =
                test.plane.endpoints().get(SHOP, "died", Endpoint.PRIMARY).uid();
        new ProcessBuilder(
                        "kill",
                        "-QUIT",
                        Long.toString(test.engine.cpu(primary).orElseThrow().server()))
                .start()
                .waitFor();
        TestWait.until(() -> !test.engine.isRunning(primary));
        AtomicBoolean waits = new AtomicBoolean();
        AtomicReference<Thread> other = new AtomicReference<>();
        once("start.ready", () -> {
            Thread thread =
                    Thread.ofPlatform().start(() -> test.plane.endpoints().wake(primary));
            other.set(thread);
            TestWait.until(
                    () -> thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TERMINATED);
            waits.set(thread.isAlive());
        });
        test.plane.endpoints().wake(primary);
        other.get().join();
        assertThat(waits).isTrue();
        assertThat(test.engine.isOpen(primary)).isTrue();
    }

    @Test
    void aProjectIsNotDeletedWithABranchThatWasProtectedMeanwhile() throws Exception {
        test.succeed(test.plane.projects().create(CALLER, "pair", PLAIN));
        createIn("pair", "older", Optional.empty(), false);
        createIn("pair", "newer", Optional.empty(), false);
        Paused reset = pause("fork.captured", () -> test.plane.branches().reset(CALLER, "pair", "newer"));
        CompletableFuture<Operation> deletion = CompletableFuture.supplyAsync(
                () -> test.plane.projects().delete(CALLER, "pair", false), Thread::startVirtualThread);
        TestWait.until(() -> test.rows("SELECT uid FROM control.operation WHERE NOT done AND kind = 'DELETE_PROJECT'")
                        .size()
                == 1);
        createIn("pair", "precious", Optional.of("older"), true);
        reset.goOn().countDown();
        test.succeed(reset.operation().get());
        assertThat(outcome(deletion::join)).isEqualTo("BAD_REQUEST");
        assertThat(test.plane.projects().get("pair").deleteTime()).isEmpty();
        assertThat(test.plane.branches().get("pair", "precious").state()).isEqualTo(Branch.State.READY);
    }

    @Test
    void anExpiredBranchThatIsHeldIsDeletedOnce() throws Exception {
        create("slow");
        String uid = test.plane.branches().get(SHOP, "slow").uid();
        Paused reset = pause("fork.captured", () -> test.plane.branches().reset(CALLER, SHOP, "slow"));
        expire("slow");
        awaitTwoPasses("while-slow");
        assertThat(deletions(uid)).isEqualTo(1);
        reset.goOn().countDown();
        test.succeed(reset.operation().get());
        TestWait.until(() -> test.plane.branches().get(SHOP, "slow").state() == Branch.State.DELETED);
        assertThat(deletions(uid)).isEqualTo(1);
    }

    @Test
    void anExpiredBranchThatCannotBeDeletedIsLeftAloneForAWhile() {
        create("undying");
        String uid = test.plane.branches().get(SHOP, "undying").uid();
        test.change("CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                + "RAISE EXCEPTION 'not this one'; END $$");
        test.change("CREATE TRIGGER refuse BEFORE UPDATE OF delete_time ON control.branch FOR EACH ROW "
                + "WHEN (NEW.branch_id = 'undying') EXECUTE FUNCTION public.refuse()");
        try {
            expire("undying");
            TestWait.until(() -> deletions(uid) > 0);
            awaitTwoPasses("while-undying");
            // On a machine that stands still for so long it is due again.
            assertThat(
                            test.rows(
                                    "SELECT uid FROM control.operation o WHERE kind = 'DELETE_BRANCH' AND resource_uid = '"
                                            + uid
                                            + "' AND create_time < (SELECT min(create_time) FROM control.operation WHERE kind = o.kind AND resource_uid = o.resource_uid) + interval '1 minute'"))
                    .hasSize(1);
        } finally {
            test.change("DROP FUNCTION public.refuse() CASCADE");
        }
    }

    @Test
    void aParentThatIsDueStaysAsLongAsItHasAChildThatLives() throws Exception {
        create("due");
        create("living", Optional.of("due"));
        test.succeed(test.plane.branches().delete(CALLER, SHOP, "living", false));
        test.succeed(test.plane.branches().delete(CALLER, SHOP, "due", false));
        test.succeed(test.plane.branches().undelete(CALLER, SHOP, "living"));
        test.execute("living", "UPDATE t SET v = 2");
        String due = test.plane.branches().get(SHOP, "due").uid();
        test.change("UPDATE control.branch SET purge_time = now() WHERE branch_id = 'due'");
        awaitTwoPasses("while-due");

        test.succeed(test.plane
                .branches()
                .update(CALLER, SHOP, "living", new BranchChange(Optional.of(true), Optional.empty())));
        assertThat(test.query("living", "SHOW fsync")).isEqualTo("on");
        assertThat(test.plane.branches().getByUid(due)).isPresent();
        test.succeed(test.plane
                .branches()
                .update(CALLER, SHOP, "living", new BranchChange(Optional.of(false), Optional.empty())));
        test.succeed(test.plane.branches().delete(CALLER, SHOP, "living", true));
        TestWait.until(() -> test.plane.branches().getByUid(due).isEmpty());
    }

    private static void expire(String branch) {
        test.change("UPDATE control.branch SET expire_time = now() WHERE branch_id = '" + branch + "'");
    }

    private static int deletions(String uid) {
        return test.rows("SELECT uid FROM control.operation WHERE kind = 'DELETE_BRANCH' AND resource_uid = '" + uid
                        + "'")
                .size();
    }

    /** Of the reaper, of which at least one has begun and ended since. */
    private static void awaitTwoPasses(String name) {
        for (int pass = 1; pass <= 2; pass++) {
            String branch = name + "-" + pass;
            create(branch);
            String uid = test.plane.branches().get(SHOP, branch).uid();
            expire(branch);
            TestWait.until(() -> test.plane.branches().get(SHOP, branch).state() == Branch.State.DELETED);
            test.change("UPDATE control.branch SET purge_time = now() WHERE uid = '" + uid + "'");
            TestWait.until(() -> test.plane.branches().getByUid(uid).isEmpty());
        }
    }

    private static Moment at(String lsn) {
        return new Moment.Position(Lsn.parse(lsn));
    }

    /** @return a position in the history of the new branch */
    private static String withHistory(String branch) throws SQLException {
        create(branch);
        TestWait.until(
                () -> !test.plane.insight().history(SHOP, branch).snapshots().isEmpty());
        test.execute(branch, "UPDATE t SET v = 1");
        return test.query(branch, "SELECT pg_current_wal_insert_lsn()");
    }

    private record Paused(CompletableFuture<Operation> operation, CountDownLatch goOn) {}

    /** The operation has come to the step, and waits there. */
    private static Paused pause(String step, Supplier<Operation> work) {
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean first = new AtomicBoolean(true);
        steps = reached -> {
            if (reached.equals(step) && first.getAndSet(false)) {
                await(goOn);
            }
        };
        CompletableFuture<Operation> operation = CompletableFuture.supplyAsync(work, Thread::startVirtualThread);
        TestWait.until(() -> !first.get());
        return new Paused(operation, goOn);
    }

    private static void once(String wanted, Runnable work) {
        AtomicBoolean begun = new AtomicBoolean();
        steps = step -> {
            if (step.equals(wanted) && begun.compareAndSet(false, true)) {
                work.run();
            }
        };
    }

    /** What becomes of two who each see nothing of the other before they write. */
    private static List<String> clash(String table, Supplier<Operation> one, Supplier<Operation> other)
            throws Exception {
        test.change("CREATE SEQUENCE public.writers");
        test.change("CREATE FUNCTION public.meet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                + "PERFORM nextval('public.writers'); "
                + "WHILE 2 > (SELECT last_value FROM public.writers) LOOP PERFORM pg_sleep(0.01); END LOOP; "
                + "RETURN NEW; END $$");
        String when = table.equals("endpoint") ? "INSERT" : "INSERT OR UPDATE OF delete_time";
        test.change("CREATE TRIGGER meet BEFORE " + when + " ON control." + table
                + " FOR EACH ROW EXECUTE FUNCTION public.meet()");
        try {
            var ofOne = CompletableFuture.supplyAsync(() -> outcome(one), Thread::startVirtualThread);
            var ofOther = CompletableFuture.supplyAsync(() -> outcome(other), Thread::startVirtualThread);
            return List.of(ofOne.get(), ofOther.get());
        } finally {
            test.change("DROP FUNCTION public.meet() CASCADE");
            test.change("DROP SEQUENCE public.writers");
        }
    }

    private static String outcome(Supplier<Operation> work) {
        try {
            String uid = work.get().uid();
            TestWait.until(() -> test.plane.operations().get(uid).done());
            return test.plane
                    .operations()
                    .get(uid)
                    .error()
                    .map(failure -> failure.code().name())
                    .orElse("done");
        } catch (ControlException e) {
            return e.code().name();
        }
    }

    private static Operation change(RoleChange.Attributes attributes) {
        RoleChange change = new RoleChange(Optional.empty(), Optional.empty(), Optional.empty(), attributes);
        return test.plane.roles().update(CALLER, SHOP, PRODUCTION, "writer", change);
    }

    private static Operation change(String branch, UnaryOperator<EndpointSettings> settings) {
        EndpointChange change = new EndpointChange(Optional.of(settings), Optional.empty(), Optional.empty());
        return test.plane.endpoints().update(CALLER, SHOP, branch, Endpoint.PRIMARY, change);
    }

    /** The other is asked for when the one has come to the step, which it then goes on from. */
    private static void both(String step, Supplier<Operation> one, Supplier<Operation> other) throws Exception {
        Paused ofOne = pause(step, one);
        CompletableFuture<Operation> ofOther = CompletableFuture.supplyAsync(other, Thread::startVirtualThread);
        TestWait.until(() ->
                test.rows("SELECT uid FROM control.operation WHERE NOT done").size() == 2);
        ofOne.goOn().countDown();
        test.succeed(ofOne.operation().get());
        test.succeed(ofOther.get());
    }

    private static void await(CountDownLatch latch) {
        try {
            var _ = latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void create(String branch) {
        create(branch, Optional.empty());
    }

    private static void create(String branch, Optional<String> source) {
        createIn(SHOP, branch, source, false);
    }

    private static void createIn(String project, String branch, Optional<String> source, boolean isProtected) {
        NewBranch wanted = new NewBranch(source, new Moment.Now(), isProtected, new Expiration.Never());
        test.succeed(test.plane.branches().create(CALLER, project, branch, wanted, false));
    }
}
