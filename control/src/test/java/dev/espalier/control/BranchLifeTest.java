package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.BranchInsight.DatabaseDiff;
import dev.espalier.control.request.Address;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.Moment;
import dev.espalier.control.request.Page;
import dev.espalier.control.setting.ActivityPolicy;
import dev.espalier.control.setting.EndpointSettings;
import dev.espalier.control.setting.Expiration;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import dev.espalier.postgres.Lsn;
import dev.espalier.postgres.PostgresInstallation;
import dev.espalier.postgres.UnixSockets;
import dev.espalier.schema.SchemaDiff;
import dev.espalier.storage.Backend;
import dev.espalier.storage.VolumeName;
import dev.espalier.testing.TestWait;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BranchLifeTest {

    private static final NewBranch FROM_NOW =
            new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never());

    @TempDir
    static Path directory;

    private static TestPlane test;

    @BeforeAll
    static void start() throws Exception {
        test = TestPlane.start(directory, Backend.COPY);
        test.succeed(test.plane.projects().create(CALLER, "shop", PLAIN));
        test.execute("production", "CREATE TABLE t (v int)");
        test.execute("production", "INSERT INTO t VALUES (1)");
    }

    @AfterAll
    static void stop() {
        test.close();
        TestPlane.stopLeftovers(directory);
    }

    private static void create(String branch, NewBranch wanted) {
        test.succeed(test.plane.branches().create(CALLER, "shop", branch, wanted, false));
    }

    @Test
    void aBranchHasItsSourcesDataAndGoesItsOwnWay() throws Exception {
        create("own-way", FROM_NOW);
        test.execute("own-way", "INSERT INTO t VALUES (2)");
        assertThat(test.query("own-way", "SELECT count(*) FROM t")).isEqualTo("2");
        assertThat(test.query("production", "SELECT count(*) FROM t")).isEqualTo("1");
    }

    @Test
    void copiesThatAreNoBranchesAreFoundByNobodyAndGoneWhateverHappens() {
        List<VolumeName> volumes = new ArrayList<>();
        assertThatThrownBy(() -> test.plane.branches().onTwoCopies("shop", Optional.empty(), "copy", (one, other) -> {
                    for (BranchWork.Unlisted copy : List.of(one, other)) {
                        volumes.add(copy.branch().volume());
                        assertThat(test.engine.volumes()).contains(copy.branch().volume());
                        assertThat(test.plane.branches().getByUid(copy.branch().uid()))
                                .isEmpty();
                        assertThatThrownBy(() -> UnixSockets.dataSource(
                                                test.engine.socketDirectory(
                                                        copy.primary().uid()),
                                                ProjectWork.FIRST_DATABASE,
                                                CALLER.principal())
                                        .getConnection())
                                .hasMessageContaining("pg_hba.conf rejects");
                        assertThat(rows(copy)).isEqualTo("1");
                    }
                    throw new IllegalStateException("broken off");
                }))
                .hasMessage("broken off");
        assertThat(volumes).hasSize(2);
        assertThat(test.engine.volumes()).doesNotContainAnyElementsOf(volumes);
    }

    private static String rows(BranchWork.Unlisted copy) {
        try (Connection session = test.engine.connect(copy.primary().uid(), ProjectWork.FIRST_DATABASE);
                var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT count(*) FROM public.t")) {
            rows.next();
            return rows.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aListOfEndpointsGoesOnAfterOneThatIsGone() {
        create("paged", FROM_NOW);
        NewEndpoint asleep = new NewEndpoint(Endpoint.Type.READ_ONLY, Optional.empty(), Optional.empty(), true);
        for (String id : List.of("read-b", "read-a", "read-c")) {
            test.succeed(test.plane.endpoints().create(CALLER, "shop", "paged", id, asleep, false));
        }
        Page<Endpoint> first = test.plane.endpoints().list("shop", "paged", 2, Optional.empty());
        assertThat(first.items()).extracting(Endpoint::endpointId).containsExactly("primary", "read-a");
        test.succeed(test.plane.endpoints().delete(CALLER, "shop", "paged", "read-a"));
        Page<Endpoint> second = test.plane.endpoints().list("shop", "paged", 2, first.nextToken());
        assertThat(second.items()).extracting(Endpoint::endpointId).containsExactly("read-b", "read-c");
        assertThat(second.nextToken()).isEmpty();
        test.succeed(test.plane.branches().delete(CALLER, "shop", "paged", true));
    }

    @Test
    void aResetMakesABranchItsSourceAgainWithoutChangingItsAddress() throws Exception {
        create("reset-me", FROM_NOW);
        test.execute("reset-me", "DROP TABLE t");
        var before = test.plane.endpoints().get("shop", "reset-me", "primary").socketDirectory();
        test.succeed(test.plane.branches().reset(CALLER, "shop", "reset-me"));
        assertThat(test.query("reset-me", "SELECT count(*) FROM t")).isEqualTo("1");
        assertThat(test.plane.endpoints().get("shop", "reset-me", "primary").socketDirectory())
                .isEqualTo(before);
    }

    @Test
    void aRestoreGoesBackToTheMomentAndKeepsTheStateBeforeUnderItsName() throws Exception {
        create("rewind-me", FROM_NOW);
        test.execute("rewind-me", "INSERT INTO t VALUES (2)");
        TestWait.until(() ->
                !test.plane.insight().history("shop", "rewind-me").snapshots().isEmpty());
        test.execute("rewind-me", "INSERT INTO t VALUES (3)");
        Instant moment = Instant.parse(test.query("rewind-me", "SELECT to_json(clock_timestamp())#>>'{}'"));
        test.execute("rewind-me", "DELETE FROM t");
        test.succeed(
                test.plane.branches().restore(CALLER, "shop", "rewind-me", new Moment.At(moment), Optional.of("kept")));
        assertThat(test.query("rewind-me", "SELECT count(*) FROM t")).isEqualTo("3");
        assertThat(test.query("kept", "SELECT count(*) FROM t")).isEqualTo("0");
        test.execute("rewind-me", "INSERT INTO t VALUES (4)");
    }

    @Test
    void whatARestoreKeepsAsideExpiresWithItsBranch() throws Exception {
        create(
                "for-an-hour",
                new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.After(Duration.ofHours(1))));
        TestWait.until(() ->
                !test.plane.insight().history("shop", "for-an-hour").snapshots().isEmpty());
        Instant moment = Instant.parse(test.query("for-an-hour", "SELECT to_json(clock_timestamp())#>>'{}'"));
        test.execute("for-an-hour", "DELETE FROM t");
        test.succeed(test.plane
                .branches()
                .restore(CALLER, "shop", "for-an-hour", new Moment.At(moment), Optional.of("before-it")));
        assertThat(test.plane.branches().get("shop", "before-it").expireTime())
                .isPresent()
                .isEqualTo(test.plane.branches().get("shop", "for-an-hour").expireTime());
    }

    /** The log of a restored branch begins in the middle of a page that its predecessor has written. */
    @Test
    void aRestoredBranchCanBeRestoredAgain() throws Exception {
        create("again", FROM_NOW);
        for (int round = 1; round <= 3; round++) {
            TestWait.until(() ->
                    !test.plane.insight().history("shop", "again").snapshots().isEmpty());
            test.execute("again", "INSERT INTO t VALUES (" + round * 10 + ")");
            Instant moment = Instant.parse(test.query("again", "SELECT to_json(clock_timestamp())#>>'{}'"));
            test.execute("again", "DELETE FROM t");
            test.succeed(test.plane
                    .branches()
                    .restore(CALLER, "shop", "again", new Moment.At(moment), Optional.of("again-" + round)));
            assertThat(test.query("again", "SELECT count(*) FROM t")).isEqualTo(Integer.toString(1 + round));
        }
    }

    @Test
    void aDatabaseThatOnlyOneBranchHasIsADifferenceEvenIfItIsEmpty() throws Exception {
        create("with-more", FROM_NOW);
        test.execute("with-more", "CREATE DATABASE onlyhere");
        var more = diff("with-more", "production");
        assertThat(more).containsKeys("databricks_postgres", "onlyhere");
        assertThat(more.get("databricks_postgres").isEmpty()).isTrue();
        assertThat(more.get("onlyhere").changes())
                .extracting(change -> change.action() + " " + change.kind() + " " + change.identity())
                .containsExactly("ADDED database onlyhere");
        assertThat(more.get("onlyhere").toText()).startsWith("+ database onlyhere\n");

        var less = diff("production", "with-more");
        assertThat(less.get("onlyhere").toText()).startsWith("- database onlyhere\n");
        test.execute("with-more", "DROP DATABASE onlyhere");
    }

    private static Map<String, SchemaDiff> diff(String branch, String against) {
        Principal asking = new Principal("", PrincipalKind.USER, CALLER.principal(), true, Set.of());
        return test.plane.insight().schemaDiff(asking, "shop", branch, against, Optional.empty()).stream()
                .collect(Collectors.toMap(DatabaseDiff::database, DatabaseDiff::diff));
    }

    @Test
    void aMomentOutsideTheHistoryIsRefusedWithTheWindow() {
        NewBranch tooEarly = new NewBranch(
                Optional.empty(), new Moment.At(Instant.parse("2020-01-01T00:00:00Z")), false, new Expiration.Never());
        assertThatThrownBy(() -> create("too-early", tooEarly))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("reaches from");
    }

    @Test
    void aSuspendedBranchWakesWithItsData() throws Exception {
        create("sleeper", FROM_NOW);
        test.execute("sleeper", "INSERT INTO t VALUES (7)");
        test.succeed(test.plane.endpoints().suspend(CALLER, "shop", "sleeper", "primary"));
        assertThat(test.plane.endpoints().get("shop", "sleeper", "primary").state())
                .isEqualTo(Endpoint.State.IDLE);
        assertThat(test.query("sleeper", "SELECT count(*) FROM t")).isEqualTo("2");
    }

    @Test
    void aReplicaFollowsItsPrimaryWhateverComputeUnitsThatIsAndWasGiven() throws Exception {
        create("followed", FROM_NOW);
        NewEndpoint wanted = new NewEndpoint(Endpoint.Type.READ_ONLY, Optional.empty(), Optional.empty(), false);
        test.succeed(test.plane.endpoints().create(CALLER, "shop", "followed", "replica", wanted, false));
        Endpoint replica = test.plane.endpoints().get("shop", "followed", "replica");

        test.execute("followed", "CREATE TABLE steps (v int)");
        giveCu("followed", 4);
        assertThat(test.plane.endpoints().get("shop", "followed", "replica").state())
                .isEqualTo(Endpoint.State.ACTIVE);
        test.execute("followed", "INSERT INTO steps VALUES (1)");
        awaitSteps(replica, "1");

        test.succeed(test.plane.endpoints().suspend(CALLER, "shop", "followed", "replica"));
        giveCu("followed", 8);
        test.execute("followed", "INSERT INTO steps VALUES (2)");
        giveCu("followed", 1);
        test.execute("followed", "INSERT INTO steps VALUES (3)");
        awaitSteps(replica, "3");
    }

    private static void giveCu(String branch, double maxCu) {
        EndpointSettings settings = new EndpointSettings(0.5, maxCu, Optional.empty(), Map.of());
        EndpointChange change = new EndpointChange(Optional.of(_ -> settings), Optional.empty(), Optional.empty());
        test.succeed(test.plane.endpoints().update(CALLER, "shop", branch, Endpoint.PRIMARY, change));
    }

    private static void awaitSteps(Endpoint replica, String count) {
        TestWait.until(() -> {
            test.plane.endpoints().wake(replica.uid());
            try (Connection session = UnixSockets.dataSource(
                                    replica.socketDirectory(), "databricks_postgres", CALLER.principal())
                            .getConnection();
                    var statement = session.createStatement();
                    var rows = statement.executeQuery("SELECT count(*) FROM steps")) {
                rows.next();
                return rows.getString(1).equals(count);
            }
        });
    }

    @Test
    void aSessionThatIsOverBeforeAnyoneLooksIsUse() {
        create("visited", FROM_NOW);
        Principal owner =
                new Principal("", PrincipalKind.USER, CALLER.principal(), true, Set.of(Principal.ADMINISTRATORS));
        var there = test.plane
                .logins()
                .open(owner, Optional.empty(), Address.parse("shop/databricks_postgres@visited"), Optional.empty());
        Instant before = lastActive("visited");
        test.plane.logins().enter(there, "psql", sight -> {}, () -> {}).run();
        TestWait.until(() -> lastActive("visited").isAfter(before));
    }

    @Test
    void sessionsThatComeAtOnceFindOneRole() throws Exception {
        create("crowded", FROM_NOW);
        Address address = Address.parse("shop/databricks_postgres@crowded");
        for (int round = 0; round < 5; round++) {
            Principal newcomer = new Principal(
                    "newcomer" + round, PrincipalKind.USER, "newcomer" + round, true, Set.of(Principal.ADMINISTRATORS));
            try (ExecutorService sessions = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Callable<String>> all = Collections.nCopies(
                        12,
                        () -> test.plane
                                .logins()
                                .open(newcomer, Optional.empty(), address, Optional.empty())
                                .role());
                for (Future<String> role : sessions.invokeAll(all)) {
                    assertThat(role.get()).isEqualTo(newcomer.name());
                }
            }
        }
    }

    @Test
    void whereOnlyWritesCountATransactionThatHasWrittenIsUseWhileItIsOpen() throws Exception {
        create("written", FROM_NOW);
        ActivityPolicy writes = new ActivityPolicy(ActivityPolicy.Counts.WRITES, List.of(), List.of());
        EndpointChange change = new EndpointChange(Optional.empty(), Optional.of(writes), Optional.empty());
        test.succeed(test.plane.endpoints().update(CALLER, "shop", "written", Endpoint.PRIMARY, change));
        try (Connection session = test.connect("written", "databricks_postgres");
                var statement = session.createStatement()) {
            session.setAutoCommit(false);
            statement.execute("INSERT INTO t VALUES (2)");
            for (int looks = 0; looks < 2; looks++) {
                Instant before = lastActive("written");
                TestWait.until(() -> lastActive("written").isAfter(before));
            }
            session.rollback();
        }
    }

    private static Instant lastActive(String branch) {
        return test.plane
                .endpoints()
                .get("shop", branch, Endpoint.PRIMARY)
                .lastActiveTime()
                .orElseThrow();
    }

    @Test
    void replacingABranchKeepsItsDataAndSoRefusesAnotherSource() {
        create("replaced", FROM_NOW);
        Optional<String> source = Optional.of("production");
        replace(new NewBranch(source, new Moment.Now(), true, new Expiration.Never()));
        assertThat(test.plane.branches().get("shop", "replaced").isProtected()).isTrue();

        NewBranch elsewhere = new NewBranch(Optional.of("replaced"), new Moment.Now(), false, new Expiration.Never());
        NewBranch earlier = new NewBranch(source, new Moment.At(Instant.now()), false, new Expiration.Never());
        for (NewBranch other : List.of(elsewhere, earlier)) {
            assertThatThrownBy(() -> replace(other)).hasMessageContaining("was made from another source");
        }
        assertThat(test.plane.branches().get("shop", "replaced").isProtected()).isTrue();
    }

    private static void replace(NewBranch wanted) {
        test.succeed(test.plane.branches().create(CALLER, "shop", "replaced", wanted, true));
    }

    @Test
    void aResetThatFailsAtOnceLeavesNothingPending() {
        create("parent", FROM_NOW);
        create("orphan", new NewBranch(Optional.of("parent"), new Moment.Now(), false, new Expiration.Never()));
        test.succeed(test.plane.branches().delete(CALLER, "shop", "orphan", false));
        test.succeed(test.plane.branches().delete(CALLER, "shop", "parent", false));
        test.succeed(test.plane.branches().undelete(CALLER, "shop", "orphan"));

        Operation.Failure failure = fail(test.plane.branches().reset(CALLER, "shop", "orphan"));
        assertThat(failure.message()).contains("parent is DELETED");
        assertThat(test.plane.branches().get("shop", "orphan").pendingState()).isEmpty();
    }

    private static Operation.Failure fail(Operation operation) {
        TestWait.until(() -> test.plane.operations().get(operation.uid()).done());
        return test.plane.operations().get(operation.uid()).error().orElseThrow();
    }

    @Test
    void aBranchWithChildrenKeepsTheExpirationThatNobodyTouches() {
        Expiration inADay = new Expiration.After(Duration.ofDays(1));
        create("expiring", new NewBranch(Optional.empty(), new Moment.Now(), false, inADay));
        create("its-child", new NewBranch(Optional.of("expiring"), new Moment.Now(), false, new Expiration.Never()));

        BranchChange unprotected = new BranchChange(Optional.of(false), Optional.empty());
        test.succeed(test.plane.branches().update(CALLER, "shop", "expiring", unprotected));
        BranchChange later = new BranchChange(Optional.empty(), Optional.of(inADay));
        assertThatThrownBy(() -> test.plane.branches().update(CALLER, "shop", "expiring", later))
                .hasMessageContaining("has children and cannot expire");
    }

    @Test
    void aDatabaseCannotHaveANameThatPostgresqlCutsOrTheGatewayKeepsForItself() {
        for (String name : List.of("", "d".repeat(64), "ü".repeat(32), "system")) {
            assertThatThrownBy(() -> test.plane
                            .databases()
                            .create(CALLER, "shop", "production", "named", Optional.of(name), "tester", false))
                    .isInstanceOf(ControlException.class)
                    .hasMessageContaining("Choose another postgres_database.");
        }
    }

    @Test
    void whatPostgresqlRefusesIsSaidInOneLineWithTheFix() {
        create("roles", FROM_NOW);
        test.succeed(createRole("owner"));
        assertThat(fail(createRole("another-owner")).message())
                .contains("role \"an owner\" already exists. Choose another postgres_role.");
        test.succeed(test.plane.databases().create(CALLER, "shop", "roles", "owned", Optional.empty(), "owner", false));

        assertThat(fail(test.plane.roles().delete(CALLER, "shop", "roles", "owner", Optional.empty()))
                        .message())
                .contains("owner of database owned")
                .contains("reassign_owned_to")
                .doesNotContain("ERROR", "\n");
        test.succeed(test.plane.roles().delete(CALLER, "shop", "roles", "owner", Optional.of("tester")));
    }

    private static Operation createRole(String id) {
        NewRole wanted = new NewRole(
                Optional.of("an owner"),
                Role.IdentityType.IDENTITY_TYPE_UNSPECIFIED,
                Optional.empty(),
                List.of(),
                new Role.Attributes(false, false, false));
        return test.plane.roles().create(CALLER, "shop", "roles", id, wanted, false);
    }

    @Test
    void aVersionOfPostgresqlThatEspalierDoesNotRunIsRefusedWithThoseThatItDoes() {
        NewProject wanted = new NewProject(
                Optional.empty(),
                OptionalInt.of(99),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                false,
                Optional.empty());
        assertThatThrownBy(() -> test.plane.projects().create(CALLER, "later", wanted))
                .hasMessageContaining("Choose 15 to 18");
    }

    @Test
    void aBranchWhoseServerDoesNotStartIsRefusedWithWhatRepairsIt() throws Exception {
        create("corrupt", FROM_NOW);
        test.succeed(test.plane.endpoints().suspend(CALLER, "shop", "corrupt", "primary"));
        Path control = directory
                .resolve("volumes")
                .resolve(test.plane.branches().get("shop", "corrupt").volume().value())
                .resolve("global/pg_control");
        Files.write(control, new byte[8192]);

        assertThatThrownBy(() -> test.query("corrupt", "SELECT 1")).hasMessageContaining("Reset the branch");
        test.succeed(test.plane.branches().reset(CALLER, "shop", "corrupt"));
        assertThat(test.query("corrupt", "SELECT count(*) FROM t")).isEqualTo("1");
    }

    @Test
    void aBranchThatWroteWithoutFsyncWhenTheMachineWentDownIsNotServedUntilItIsReset() throws Exception {
        create("damaged", FROM_NOW);
        test.succeed(test.plane.endpoints().suspend(CALLER, "shop", "damaged", "primary"));
        assertThat(test.rows("""
                        UPDATE control.endpoint e SET unsynced_boot = 'an earlier boot'
                        FROM control.branch b WHERE b.uid = e.branch_uid AND b.branch_id = 'damaged'
                        RETURNING e.uid
                        """)).hasSize(1);

        assertThatThrownBy(() -> test.query("damaged", "SELECT 1")).hasMessageContaining("Reset the branch");
        test.succeed(test.plane.branches().reset(CALLER, "shop", "damaged"));
        assertThat(test.query("damaged", "SELECT count(*) FROM t")).isEqualTo("1");
    }

    @Test
    void whatIsMadeDurableIsNotTakenForDamagedAfterAPowerCut() throws Exception {
        create("made-safe", FROM_NOW);
        test.execute("made-safe", "INSERT INTO t VALUES (2)");
        assertThat(unsynced("made-safe")).isTrue();
        protect("made-safe");
        assertThat(unsynced("made-safe")).isFalse();
        assertThat(test.query("made-safe", "SHOW fsync")).isEqualTo("on");
    }

    @Test
    void whatLosesItsSourceIsWrittenOutBeforeItIsARoot() throws Exception {
        create("above", FROM_NOW);
        create("below", new NewBranch(Optional.of("above"), new Moment.Now(), false, new Expiration.Never()));
        test.execute("below", "INSERT INTO t VALUES (2)");
        test.succeed(test.plane.branches().delete(CALLER, "shop", "below", false));
        assertThat(unsynced("below")).isTrue();
        test.succeed(test.plane.branches().delete(CALLER, "shop", "above", true));
        assertThat(unsynced("below")).isFalse();
        test.succeed(test.plane.branches().undelete(CALLER, "shop", "below"));
        assertThat(test.query("below", "SHOW fsync")).isEqualTo("on");
    }

    private static boolean unsynced(String branch) {
        return !test.rows("SELECT e.uid FROM control.endpoint e JOIN control.branch b ON b.uid = e.branch_uid "
                        + "WHERE e.unsynced_boot IS NOT NULL AND b.branch_id = '" + branch + "'")
                .isEmpty();
    }

    private static void protect(String branch) {
        BranchChange change = new BranchChange(Optional.of(true), Optional.empty());
        test.succeed(test.plane.branches().update(CALLER, "shop", branch, change));
    }

    @Test
    void whatNeverSleepsRunsAgainAfterItsBranchWasChanged() {
        create("wakeful", FROM_NOW);
        giveCu("wakeful", 1);
        EndpointSettings awake = new EndpointSettings(0.5, 1, Optional.empty(), Map.of());
        NewEndpoint wanted = new NewEndpoint(Endpoint.Type.READ_ONLY, Optional.of(awake), Optional.empty(), false);
        test.succeed(test.plane.endpoints().create(CALLER, "shop", "wakeful", "replica", wanted, false));

        test.succeed(test.plane.branches().reset(CALLER, "shop", "wakeful"));
        awaitActive("wakeful");
        test.succeed(test.plane.branches().delete(CALLER, "shop", "wakeful", false));
        test.succeed(test.plane.branches().undelete(CALLER, "shop", "wakeful"));
        awaitActive("wakeful");
        protect("wakeful");
        awaitActive("wakeful");
        for (boolean disabled : List.of(true, false)) {
            EndpointChange change = new EndpointChange(Optional.empty(), Optional.empty(), Optional.of(disabled));
            test.succeed(test.plane.endpoints().update(CALLER, "shop", "wakeful", "replica", change));
        }
        awaitActive("wakeful");
        test.succeed(test.plane.endpoints().suspend(CALLER, "shop", "wakeful", "replica"));
        for (boolean disabled : List.of(true, false)) {
            EndpointChange change = new EndpointChange(Optional.empty(), Optional.empty(), Optional.of(disabled));
            test.succeed(test.plane.endpoints().update(CALLER, "shop", "wakeful", Endpoint.PRIMARY, change));
        }
        awaitActive("wakeful");
    }

    private static void awaitActive(String branch) {
        for (String id : List.of(Endpoint.PRIMARY, "replica")) {
            TestWait.until(() -> test.plane.endpoints().get("shop", branch, id).state() == Endpoint.State.ACTIVE);
        }
    }

    @Test
    void aBranchWhoseHistoryCannotBeReadKeepsNoOtherFromItsOwn() throws Exception {
        create("grows", FROM_NOW);
        TestWait.until(
                () -> !test.plane.insight().history("shop", "grows").snapshots().isEmpty());
        for (String broken : List.of("broken-1", "broken-2", "broken-3", "broken-4")) {
            create(broken, FROM_NOW);
            TestWait.until(() ->
                    !test.plane.insight().history("shop", broken).snapshots().isEmpty());
        }
        test.change("UPDATE control.snapshot s SET lsn = 'unreadable' FROM control.branch b "
                + "WHERE b.volume = s.of_volume AND b.branch_id LIKE 'broken-%'");
        try {
            test.execute("grows", "CREATE TABLE large (v text)");
            test.execute(
                    "grows", "INSERT INTO large SELECT repeat(md5(n::text), 30) FROM generate_series(1, 200000) n");
            TestWait.until(() ->
                    test.plane.insight().history("shop", "grows").snapshots().size() > 1);
        } finally {
            test.change("DELETE FROM control.snapshot WHERE lsn = 'unreadable'");
        }
    }

    @Test
    void twoRestoresAtOneMomentAreBothKeptAside(@TempDir Path other) throws Exception {
        try (TestPlane fixed =
                new TestPlane(other, Backend.COPY, step -> {}, Clock.fixed(Instant.now(), ZoneOffset.UTC))) {
            fixed.succeed(fixed.plane.projects().create(CALLER, "shop", PLAIN));
            TestWait.until(() -> !fixed.plane
                    .insight()
                    .history("shop", "production")
                    .snapshots()
                    .isEmpty());
            for (int round = 0; round < 2; round++) {
                TestWait.until(() -> !fixed.plane
                        .insight()
                        .history("shop", "production")
                        .snapshots()
                        .isEmpty());
                String lsn = fixed.query("production", "SELECT pg_current_wal_insert_lsn()");
                fixed.execute("production", "CREATE TABLE t" + round + " ()");
                fixed.succeed(fixed.plane
                        .branches()
                        .restore(CALLER, "shop", "production", new Moment.Position(Lsn.parse(lsn)), Optional.empty()));
            }
            assertThat(fixed.rows("SELECT branch_id FROM control.branch WHERE branch_id LIKE 'production-before-%'"))
                    .hasSize(2);
        } finally {
            TestPlane.stopLeftovers(other);
        }
    }

    @Test
    void whatARestoreKeepsAsideIsNotServedWhereItMayBeDamaged() throws Exception {
        create("torn", FROM_NOW);
        TestWait.until(
                () -> !test.plane.insight().history("shop", "torn").snapshots().isEmpty());
        Instant moment = Instant.parse(test.query("torn", "SELECT to_json(clock_timestamp())#>>'{}'"));
        test.execute("torn", "INSERT INTO t VALUES (2)");
        test.succeed(test.plane.endpoints().suspend(CALLER, "shop", "torn", "primary"));
        assertThat(test.rows("""
                        UPDATE control.endpoint e SET unsynced_boot = 'an earlier boot'
                        FROM control.branch b WHERE b.uid = e.branch_uid AND b.branch_id = 'torn'
                        RETURNING e.uid
                        """)).hasSize(1);

        test.succeed(
                test.plane.branches().restore(CALLER, "shop", "torn", new Moment.At(moment), Optional.of("torn-kept")));
        assertThat(test.query("torn", "SELECT count(*) FROM t")).isEqualTo("1");
        assertThatThrownBy(() -> test.query("torn-kept", "SELECT 1")).hasMessageContaining("wrote without fsync");
    }

    @Test
    void whatIsKeptAsideHasNoSubscriptionsThoughItIsRestoredBeforeItEverRan() throws Exception {
        create("subscriber", FROM_NOW);
        TestWait.until(() ->
                !test.plane.insight().history("shop", "subscriber").snapshots().isEmpty());
        try (Connection session = UnixSockets.dataSource(
                                test.plane
                                        .endpoints()
                                        .get("shop", "subscriber", "primary")
                                        .socketDirectory(),
                                "databricks_postgres",
                                PostgresInstallation.SUPERUSER)
                        .getConnection();
                var statement = session.createStatement()) {
            statement.execute(
                    "CREATE SUBSCRIPTION s CONNECTION 'host=/nowhere dbname=x' PUBLICATION p WITH (connect = false)");
        }
        Instant moment = Instant.parse(test.query("subscriber", "SELECT to_json(clock_timestamp())#>>'{}'"));
        test.execute("subscriber", "INSERT INTO t VALUES (2)");
        test.succeed(test.plane
                .branches()
                .restore(CALLER, "shop", "subscriber", new Moment.At(moment), Optional.of("first-kept")));
        test.succeed(test.plane
                .branches()
                .restore(CALLER, "shop", "first-kept", new Moment.At(moment), Optional.of("second-kept")));

        assertThat(test.query("first-kept", "SELECT count(*) FROM pg_subscription"))
                .isEqualTo("0");
        assertThat(test.query("second-kept", "SELECT count(*) FROM pg_subscription"))
                .isEqualTo("0");
    }

    @Test
    void twoWhoChangeAProjectAtOnceDoNotUndoEachOther() throws Exception {
        try (var both = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 10; round++) {
                String name = "Shop " + round;
                Duration history = Duration.ofDays(2 + round);
                var one = both.submit(() -> test.succeed(
                        test.plane.projects().update(CALLER, "shop", change(Optional.of(name), Optional.empty()))));
                var other = both.submit(() -> test.succeed(
                        test.plane.projects().update(CALLER, "shop", change(Optional.empty(), Optional.of(history)))));
                one.get();
                other.get();
                Project now = test.plane.projects().get("shop");
                assertThat(now.displayName()).isEqualTo(name);
                assertThat(now.historyRetention()).isEqualTo(history);
            }
        }
    }

    private static ProjectChange change(Optional<String> displayName, Optional<Duration> history) {
        return new ProjectChange(
                displayName,
                history,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
