package dev.espalier.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.postgres.RunDirectory.Door;
import dev.espalier.postgres.ServerSettings.Durability;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresServerTest {

    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final int CHANGES = 20;

    @TempDir
    private static Path binaries;

    private static PostgresInstallation installation;

    @TempDir
    Path temporary;

    private OsUser user;
    private Path data;

    @BeforeAll
    static void unpack() throws Exception {
        Files.setPosixFilePermissions(binaries, PosixFilePermissions.fromString("rwxr-xr-x"));
        installation = Installations.find(binaries, List.of()).get(Installations.BUNDLED);
    }

    @BeforeEach
    void initialise() throws Exception {
        user = OsUser.forPostgres("espalier");
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
        data = Files.createDirectory(temporary.resolve("data"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        user.own(data);
        installation.initialise(data, user);
    }

    @AfterEach
    void stopLeftovers() {
        RunningServers.stopAll(temporary);
    }

    private PostgresServer.Launch launch(Durability durability, Door door) {
        return launch(durability, door, Map.of());
    }

    private PostgresServer.Launch launch(Durability durability, Door door, Map<String, String> more) {
        ServerSettings all =
                ServerSettings.of(installation, "test", durability, ServerSize.ofComputeUnits(0.5, 0.5), "false");
        more.forEach(all::set);
        Map<String, String> settings = all.values();
        return new PostgresServer.Launch(
                installation,
                user,
                data,
                new RunDirectory(temporary.resolve("run")),
                settings,
                Map.of("work_mem", "5MB"),
                door,
                temporary.resolve("log"));
    }

    private static String show(PostgresServer server, String sql) throws SQLException {
        try (var connection = server.connect("postgres");
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    @Test
    void neverRunsAsRootAndAnswersOnItsPrivateSocketOnly() throws Exception {
        PostgresServer server = PostgresServer.start(launch(Durability.DURABLE, Door.OPEN), DEADLINE);
        assertThat(show(server, "SHOW fsync")).isEqualTo("on");
        assertThat(show(server, "SHOW listen_addresses")).isEmpty();
        assertThat(show(server, "SHOW work_mem")).isEqualTo("5MB");
        assertThat((Integer) Files.getAttribute(Path.of("/proc/" + server.pid()), "unix:uid"))
                .isEqualTo(user.uid())
                .isNotZero();
        server.stop(PostgresServer.Stop.FAST, DEADLINE);
        assertThat(server.isRunning()).isFalse();
        assertThat(temporary.resolve("run")).doesNotExist();
    }

    /** As on a server whose postgresql.conf is the one that initdb makes. */
    @Test
    void textIsSearchedInEnglishWhereNobodyHasChosenAnotherLanguage() throws Exception {
        PostgresServer server = PostgresServer.start(launch(Durability.DISPOSABLE, Door.OPEN), DEADLINE);
        assertThat(show(server, "SELECT to_tsvector('running cats') @@ to_tsquery('run')"))
                .isEqualTo("t");
    }

    @Test
    void whoStartsEspalierInAnotherLanguageIsAnsweredInEnglish() throws Exception {
        ProcessBuilder environment = new ProcessBuilder();
        environment.environment().putAll(Map.of("LC_ALL", "de_DE.UTF-8", "LANGUAGE", "de:fr", "PGPORT", "1"));
        assertThat(Commands.inPlainWords(environment).environment())
                .containsEntry("LANG", "C.UTF-8")
                .doesNotContainKeys("LC_ALL", "LANGUAGE", "PGPORT");
        assertThat(installation.refusalOf(Map.of("work_mem", "much"), data, user))
                .hasValueSatisfying(words -> assertThat(words).contains("invalid value for parameter \"work_mem\""));
    }

    @Test
    void anInstanceThatIsAlreadyRunningIsNeverStartedTwice() {
        PostgresServer server = PostgresServer.start(launch(Durability.DISPOSABLE, Door.OPEN), DEADLINE);
        assertThatThrownBy(() -> PostgresServer.start(launch(Durability.DISPOSABLE, Door.OPEN), DEADLINE))
                .isInstanceOf(PostgresException.class)
                .hasMessageContaining("already running");
        assertThat(RunningServers.stopAll(temporary)).isEqualTo(1);
        // Who started it hears of its end a moment later.
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (server.isRunning()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    /** How long a replay takes is decided by the log that is left. */
    @Test
    void aReplayThatGetsOnMayTakeLongerThanAServerMayStandStill() throws Exception {
        Duration standstill = Duration.ofSeconds(6);
        int segments = 8;
        Path log = earlierThanItsLog(segments);
        long begun = System.nanoTime();
        PostgresServer server = PostgresServer.start(replaying("sleep 1; cp " + log + "/%f %p"), standstill);
        assertThat(System.nanoTime() - begun).isGreaterThan(standstill.toNanos());
        assertThat(show(server, "SELECT count(*) FROM public.t")).isEqualTo(Integer.toString(segments));
    }

    @Test
    void aReplayThatStandsStillIsGivenUp() throws Exception {
        earlierThanItsLog(1);
        assertThatThrownBy(() -> PostgresServer.start(replaying("sleep 30"), Duration.ofSeconds(2)))
                .isInstanceOf(PostgresException.class)
                .hasMessageContaining("nothing has moved for 2 s");
        assertThat(RunningServers.on(temporary)).isEmpty();
    }

    /** As of a replica that its primary keeps from being ready, while it goes on writing. */
    @Test
    void aReplayThatGoesOnAfterTheLastSegmentThatCountsIsGivenUp() throws Exception {
        Path log = earlierThanItsLog(8);
        assertThatThrownBy(() -> PostgresServer.start(
                        replaying("sleep 1; cp " + log + "/%f %p"),
                        Duration.ofSeconds(2),
                        Optional.of("000000010000000000000001")))
                .isInstanceOf(PostgresException.class)
                .hasMessageContaining("after 000000010000000000000001");
        assertThat(RunningServers.on(temporary)).isEmpty();
    }

    /** Leaves the cluster as it was at first; returns the log in which it then got a row in each of so many segments. */
    private Path earlierThanItsLog(int segments) throws Exception {
        Path later = data;
        Path earlier = temporary.resolve("earlier");
        new ProcessBuilder("cp", "-a", later.toString(), earlier.toString())
                .start()
                .waitFor();
        PostgresServer server = PostgresServer.start(launch(Durability.DISPOSABLE, Door.OPEN), DEADLINE);
        try (Connection session = server.connect("postgres");
                var statement = session.createStatement()) {
            statement.execute("CREATE TABLE public.t (v int)");
            for (int i = 0; i < segments; i++) {
                statement.execute("INSERT INTO public.t VALUES (1)");
                statement.execute("SELECT pg_switch_wal()");
            }
        }
        server.stop(PostgresServer.Stop.IMMEDIATE, DEADLINE);
        data = earlier;
        user.own(Files.createFile(data.resolve("recovery.signal")));
        return later.resolve("pg_wal");
    }

    private PostgresServer.Launch replaying(String restoreCommand) {
        return launch(
                Durability.DISPOSABLE,
                Door.OPEN,
                Map.of(
                        "restore_command", restoreCommand,
                        "recovery_target_timeline", "current",
                        "hot_standby", "off"));
    }

    /** Two servers on one directory destroy it. */
    @Test
    void aSessionThatHasOutlivedItsServerIsEndedBeforeTheNextStarts() throws Exception {
        PostgresServer killed = PostgresServer.start(launch(Durability.DISPOSABLE, Door.OPEN), DEADLINE);
        Connection session = killed.connect("postgres");
        long pid;
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT pg_backend_pid()")) {
            rows.next();
            pid = rows.getLong(1);
        }
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<?> busy = executor.submit(() -> {
                try (var statement = session.createStatement()) {
                    return statement.execute("DO $$ BEGIN LOOP END LOOP; END $$");
                }
            });
            long end = System.nanoTime() + DEADLINE.toNanos();
            while (!show(killed, "SELECT state FROM pg_stat_activity WHERE pid = " + pid)
                            .equals("active")
                    && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            Signals.send(killed.pid(), Signals.KILL);
            ProcessHandle.of(killed.pid()).ifPresent(process -> process.onExit().join());
            assertThat(ProcessHandle.of(pid)).isPresent();

            PostgresServer next = PostgresServer.start(launch(Durability.DISPOSABLE, Door.OPEN), DEADLINE);
            // What has ended, and nobody has taken note of yet, has no program any more.
            assertThat(ProcessHandle.of(pid).flatMap(process -> process.info().command()))
                    .isEmpty();
            assertThat(show(next, "SELECT 1")).isEqualTo("1");
            assertThatThrownBy(busy::get).hasCauseInstanceOf(SQLException.class);
        }
    }

    /** In a container whose first process takes no note of the end of others. */
    @Test
    void aSessionThatHasEndedIsNotWaitedForThoughNobodyTakesNoteOfIt() throws Exception {
        Path program = temporary.resolve("postgres");
        Files.copy(Path.of("/bin/sh"), program);
        Process parent = new ProcessBuilder("sh", "-c", "./postgres -c 'echo $$; kill -STOP $$' & exec sleep 60")
                .directory(temporary.toFile())
                .start();
        try (var output = parent.inputReader()) {
            long pid = Long.parseLong(output.readLine());
            long begun = System.nanoTime();
            RunningServers.killOrphans(temporary);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));
            assertThat(Files.readString(Path.of("/proc/" + pid + "/stat"))).contains(") Z ");
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void aClusterThatIsStillBeingMadeIsEndedToo() throws Exception {
        Path made = Files.createDirectory(temporary.resolve("made"));
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwx------"));
        user.own(made);
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<?> making = executor.submit(() -> installation.initialise(made, user));
            long end = System.nanoTime() + DEADLINE.toNanos();
            while (RunningServers.on(temporary).isEmpty() && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            assertThat(RunningServers.stopAll(temporary)).isEqualTo(1);
            assertThat(RunningServers.on(temporary)).isEmpty();
            assertThatThrownBy(making::get).hasCauseInstanceOf(PostgresException.class);
        }
    }

    @Test
    void aServerThatCannotStartSaysWhyInItsOwnWords() throws Exception {
        Files.delete(data.resolve("PG_VERSION"));
        assertThatThrownBy(() -> PostgresServer.start(launch(Durability.DURABLE, Door.OPEN), DEADLINE))
                .isInstanceOf(PostgresException.class)
                .hasMessageContaining("is not a valid data directory");
    }

    @Test
    void aFencedServerRefusesEveryRoleButEspaliersOwnUntilItIsOpened() throws Exception {
        PostgresServer server = PostgresServer.start(launch(Durability.DISPOSABLE, Door.FENCED), DEADLINE);
        try (var connection = server.connect("postgres");
                var statement = connection.createStatement()) {
            statement.execute("CREATE ROLE someone LOGIN");
        }
        var someone = UnixSockets.dataSource(temporary.resolve("run"), "postgres", "someone");
        assertThatThrownBy(someone::getConnection).hasMessageContaining("pg_hba.conf rejects");
        server.open();
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (true) {
            try (var connection = someone.getConnection()) {
                assertThat(connection.isValid(30)).isTrue();
                break;
            } catch (SQLException e) {
                assertThat(System.nanoTime()).as(e.getMessage()).isLessThan(end);
            }
        }
    }

    @Test
    void noSettingThatMattersForSafetyCanBeUndoneFromSql() throws Exception {
        PostgresServer server = PostgresServer.start(launch(Durability.DURABLE, Door.OPEN), DEADLINE);
        try (var admin = server.connect("postgres");
                var statement = admin.createStatement()) {
            statement.execute("CREATE ROLE owner LOGIN CREATEDB CREATEROLE");
        }
        try (var connection = UnixSockets.dataSource(temporary.resolve("run"), "postgres", "owner")
                        .getConnection();
                var statement = connection.createStatement()) {
            for (String attempt : new String[] {
                "ALTER SYSTEM SET fsync = off",
                "ALTER SYSTEM SET archive_command = 'true'",
                "ALTER ROLE owner SET fsync = off",
                "ALTER DATABASE postgres SET full_page_writes = off",
                "SET fsync = off",
                "SET archive_mode = off",
                "SET session_preload_libraries = 'x'",
                "COPY (SELECT 1) TO PROGRAM 'true'",
                "SELECT pg_reload_conf()",
                "SELECT set_config('hba_file', '/dev/null', false)"
            }) {
                assertThatThrownBy(() -> statement.execute(attempt)).as(attempt).isInstanceOf(SQLException.class);
            }
        }
        assertThat(show(server, "SHOW fsync")).isEqualTo("on");
    }

    @Test
    void espaliersOwnSessionsCommitToTheDiskWhateverADatabasesOwnerHasSet() throws Exception {
        PostgresServer server = PostgresServer.start(launch(Durability.DURABLE, Door.OPEN), DEADLINE);
        try (var admin = server.connect("postgres");
                var statement = admin.createStatement()) {
            statement.execute("ALTER DATABASE postgres SET synchronous_commit = off");
        }
        assertThat(show(server, "SHOW synchronous_commit")).isEqualTo("local");
    }

    /** The one that is waited for is answered, however many wait. */
    @Test
    void sessionsThatWaitForALockKeepNoOtherFromItsAnswer() throws Exception {
        PostgresServer server = PostgresServer.start(launch(Durability.DISPOSABLE, Door.OPEN), DEADLINE);
        try (Connection session = server.connect("postgres");
                var statement = session.createStatement()) {
            statement.execute("CREATE TABLE public.one AS SELECT 0 AS v");
        }
        int threads = Math.min(32, 4 * Runtime.getRuntime().availableProcessors());
        List<Future<?>> work = new ArrayList<>();
        ExecutorService executor = SessionThreads.perTask("test");
        for (int i = 0; i < threads; i++) {
            work.add(executor.submit(() -> changeOneRow(server)));
        }
        for (Future<?> each : work) {
            each.get(120, TimeUnit.SECONDS);
        }
        assertThat(show(server, "SELECT v FROM public.one")).isEqualTo(Integer.toString(threads * CHANGES));
        executor.close();
    }

    private static @Nullable Void changeOneRow(PostgresServer server) throws SQLException {
        for (int i = 0; i < CHANGES; i++) {
            try (Connection session = server.connect("postgres");
                    var statement = session.createStatement()) {
                session.setAutoCommit(false);
                statement.execute("UPDATE public.one SET v = v + 1");
                statement.execute("SELECT pg_sleep(0.002)");
                session.commit();
            }
        }
        return null;
    }
}
