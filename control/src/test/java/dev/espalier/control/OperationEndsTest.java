package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.espalier.control.request.Caller;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import dev.espalier.journal.Resource;
import dev.espalier.storage.Backend;
import dev.espalier.testing.TestWait;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The session of the control database breaks while the end of an operation is written down. */
class OperationEndsTest {

    private static final String SHOP = "shop";
    private static final String PRODUCTION = "production";

    @TempDir
    static Path directory;

    private static TestPlane test;

    @BeforeAll
    static void start() throws SQLException {
        test = TestPlane.start(directory, Backend.COPY);
        // Who commits waits for a standby that never comes, when he has committed: there he can be hit.
        // Nobody else does, and they have to know that before there is something to wait for.
        reload("synchronous_commit", "local");
        reload("synchronous_standby_names", "nobody");
        test.change("CREATE SEQUENCE public.ends");
        test.succeed(test.plane.projects().create(CALLER, SHOP, PLAIN));
        test.execute(PRODUCTION, "CREATE TABLE t AS SELECT 1 AS v");
    }

    private static void reload(String setting, String value) {
        test.change("ALTER SYSTEM SET " + setting + " = '" + value + "'");
        test.rows("SELECT pg_reload_conf()::text");
        TestWait.until(
                () -> test.rows("SELECT current_setting('" + setting + "')").equals(List.of(value)));
    }

    @AfterAll
    static void stop() {
        test.close();
        TestPlane.stopLeftovers(directory);
    }

    @BeforeEach
    void begin() {
        test.change("DROP TRIGGER IF EXISTS breaks ON control.operation");
        test.change("ALTER SEQUENCE public.ends RESTART");
    }

    @Test
    void aBranchStaysWhoseCommitIsNotAnswered() throws SQLException {
        unanswered(() -> test.plane.branches().create(CALLER, SHOP, "made", now(), false));
        assertThat(test.query("made", "SELECT v FROM t")).isEqualTo("1");
    }

    @Test
    void aReplicaStaysWhoseCommitIsNotAnswered() {
        test.succeed(test.plane.branches().create(CALLER, SHOP, "read", now(), false));
        NewEndpoint wanted = new NewEndpoint(Endpoint.Type.READ_ONLY, Optional.empty(), Optional.empty(), false);
        unanswered(() -> test.plane.endpoints().create(CALLER, SHOP, "read", "replica", wanted, false));
        assertThat(test.plane.endpoints().get(SHOP, "read", "replica").state()).isEqualTo(Endpoint.State.ACTIVE);
    }

    @Test
    void aBranchHasTheDataOfAResetWhoseCommitIsNotAnswered() throws SQLException {
        test.succeed(test.plane.branches().create(CALLER, SHOP, "changed", now(), false));
        test.execute("changed", "UPDATE t SET v = 2");
        unanswered(() -> test.plane.branches().reset(CALLER, SHOP, "changed"));
        assertThat(test.query("changed", "SELECT v FROM t")).isEqualTo("1");
    }

    @Test
    void aProjectStaysWhoseCommitIsNotAnswered() throws SQLException {
        unanswered(() -> test.plane.projects().create(CALLER, "other", PLAIN));
        assertThat(test.query("other", PRODUCTION, "SELECT 1")).isEqualTo("1");
    }

    /** What was made inside the cluster is there by then. */
    @Test
    void aChangeThatWasMadeIsNoFailureWhereItsEndCannotBeWrittenDownAtOnce() {
        breaksAtTheEnd("PERFORM pg_terminate_backend(pg_backend_pid())");
        test.succeed(
                test.plane.databases().create(CALLER, SHOP, PRODUCTION, "late", Optional.empty(), "tester", false));
        assertThat(broken()).isTrue();
        assertThat(test.plane.databases().get(SHOP, PRODUCTION, "late").postgresDatabase())
                .isEqualTo("late");
    }

    @Test
    void whatIsRecordedAsBegunIsDoneThoughThatIsNotAnswered() throws SQLException {
        breaks("INSERT", "nextval('public.ends') = 1", "PERFORM set_config('synchronous_commit', 'on', true)");
        killedAtItsCommit(() -> test.plane.branches().create(CALLER, SHOP, "begun", now(), false));
        assertThat(test.query("begun", "SELECT v FROM t")).isEqualTo("1");
    }

    @Test
    void whatIsRecordedAsNeverBegunIsNotDoneThoughThatIsNotAnsweredEither() throws SQLException {
        test.succeed(test.plane.branches().create(CALLER, SHOP, "kept", now(), false));
        test.execute("kept", "UPDATE t SET v = 2");
        // The beginning is lost with its session; of the record that it never was the commit alone is not answered.
        breaks(
                "INSERT",
                "true",
                "CASE nextval('public.ends') WHEN 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); "
                        + "WHEN 2 THEN PERFORM set_config('synchronous_commit', 'on', true); ELSE NULL; END CASE");
        CompletableFuture<Throwable> refused = CompletableFuture.supplyAsync(
                () -> catchThrowable(() -> test.plane.branches().reset(CALLER, SHOP, "kept")),
                Thread::startVirtualThread);
        cutTheCommit();
        assertThat(refused.join()).isNotNull();
        assertThat(
                        test.rows(
                                "SELECT error_code FROM control.operation WHERE kind = 'RESET_BRANCH' AND error_code IS NOT NULL"))
                .containsExactly("ABORTED");
        assertThat(test.ends)
                .filteredOn(end -> end.operation().kind() == Operation.Kind.RESET_BRANCH
                        && end.operation()
                                .error()
                                .filter(error -> error.code() == ControlException.Code.ABORTED)
                                .isPresent())
                .hasSize(1);
        assertThat(test.query("kept", "SELECT v FROM t")).isEqualTo("2");
    }

    @Test
    void ofABranchThatCouldNotBeMadeNoRowStaysThoughTheControlDatabaseIsAwayThen() {
        breaks(
                "UPDATE",
                "NEW.done",
                "IF NEW.error_code IS NULL THEN RAISE EXCEPTION 'not this one'; "
                        + "ELSIF nextval('public.ends') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF");
        Operation failed = test.plane.branches().create(CALLER, SHOP, "unmade", now(), false);
        TestWait.until(() -> test.plane.operations().get(failed.uid()).done());
        assertThat(test.plane.operations().get(failed.uid()).error()).isPresent();
        assertThat(broken()).isTrue();
        assertThat(test.rows("SELECT branch_id FROM control.branch WHERE branch_id = 'unmade'"))
                .isEmpty();
    }

    @Test
    void whatHasFailedIsToldAsThatWithItsRequestAndItsBranch() {
        breaks("UPDATE", "NEW.done", "IF NEW.error_code IS NULL THEN RAISE EXCEPTION 'not this one'; END IF");
        Operation failed = test.plane.branches().create(CALLER, SHOP, "told", now(), false);
        TestWait.until(() -> test.plane.operations().get(failed.uid()).done());

        OperationEnd end = told(failed.uid());
        assertThat(end.operation().error()).isPresent();
        assertThat(end.principal()).isEqualTo(CALLER.principal());
        assertThat(end.requestId()).isEqualTo(CALLER.requestId());
        assertThat(end.place().branch()).isEqualTo(new Resource(failed.resourceUid(), "told"));
        assertThat(end.place().project())
                .isEqualTo(new Resource(test.plane.projects().get(SHOP).uid(), SHOP));
    }

    @Test
    void whatIsDeletedBecauseItsTimeHasComeIsToldAsEspaliers() {
        test.succeed(test.plane.branches().create(CALLER, SHOP, "mayfly", now(), false));
        String uid = test.plane.branches().get(SHOP, "mayfly").uid();
        test.change("UPDATE control.branch SET expire_time = now() WHERE uid = '" + uid + "'");
        awaitDeletionsBySystem(uid, 1);
        // And once more when nothing is left of it.
        test.change("UPDATE control.branch SET purge_time = now() WHERE uid = '" + uid + "'");
        awaitDeletionsBySystem(uid, 2);
        assertThat(test.ends.getLast().place().branch()).isEqualTo(new Resource(uid, "mayfly"));
    }

    private static void awaitDeletionsBySystem(String uid, int times) {
        TestWait.until(() -> test.ends.stream()
                        .filter(end -> end.operation().kind() == Operation.Kind.DELETE_BRANCH
                                && end.operation().resourceUid().equals(uid)
                                && end.operation().error().isEmpty()
                                && end.principal().equals(Caller.SYSTEM.principal()))
                        .count()
                == times);
    }

    private static OperationEnd told(String uid) {
        return test.ends.stream()
                .filter(end -> end.operation().uid().equals(uid))
                .reduce((_, last) -> last)
                .orElseThrow();
    }

    /** The commit is done, and the session ends before it is said so. */
    private static void unanswered(Supplier<Operation> work) {
        breaksAtTheEnd("PERFORM set_config('synchronous_commit', 'on', true)");
        killedAtItsCommit(work);
    }

    private static void killedAtItsCommit(Supplier<Operation> work) {
        CompletableFuture<Operation> operation = CompletableFuture.supplyAsync(work, Thread::startVirtualThread);
        cutTheCommit();
        test.succeed(operation.join());
        assertThat(broken()).isTrue();
    }

    private static void cutTheCommit() {
        TestWait.until(() -> test.rows(
                        "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                .equals(List.of("true")));
    }

    /** At the first end that is a success. */
    private static void breaksAtTheEnd(String how) {
        breaks("UPDATE", "NEW.done AND NEW.error_code IS NULL AND nextval('public.ends') = 1", how);
    }

    private static void breaks(String at, String when, String how) {
        test.change("CREATE OR REPLACE FUNCTION public.breaks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF " + when
                + " THEN " + how + "; END IF; RETURN NEW; END $$");
        test.change("CREATE TRIGGER breaks BEFORE " + at
                + " ON control.operation FOR EACH ROW EXECUTE FUNCTION public.breaks()");
    }

    private static boolean broken() {
        return test.rows("SELECT is_called::text FROM public.ends").equals(List.of("true"));
    }

    private static NewBranch now() {
        return new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never());
    }
}
