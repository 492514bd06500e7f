package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.engine.Steps;
import dev.espalier.storage.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Espalier dies in the middle of its work, and the next one starts on what is left: nothing is half-made, nothing of nobody
 * runs or lies about, and no branch has lost what was acknowledged.
 */
class KillTest {

    /** Another one needs a directory for temporary files on a disk of its kind. */
    static final Backend BACKEND = Backend.valueOf(System.getProperty("espalier.backend", "COPY"));

    private record Kill(Work work, String step, int occurrence) {}

    /** The steps that are the farthest from both ends, or from each other. */
    private static final List<Kill> FEW = List.of(
            new Kill(Work.CREATE_PROJECT, "initialise.initialised", 1),
            new Kill(Work.DELETE_PROJECT, "stop.done", 2),
            new Kill(Work.CREATE_BRANCH, "fork.captured", 1),
            new Kill(Work.CREATE_BRANCH, "open.done", 1),
            new Kill(Work.CREATE_BRANCH_FROM_TIME, "rewind.copied", 1),
            new Kill(Work.RESET, "open.done", 1),
            new Kill(Work.RESTORE, "start.calm", 1),
            new Kill(Work.RESTORE_ROOT, "open.done", 1),
            new Kill(Work.RESTORE_ROOT, "start.ready", 1),
            new Kill(Work.PURGE, "delete.volume", 1),
            new Kill(Work.CREATE_REPLICA, "replicate.captured", 1),
            new Kill(Work.CREATE_DATABASE, "database.created", 1),
            new Kill(Work.UPDATE_DATABASE, "cluster.made", 1),
            new Kill(Work.DELETE_DATABASE, "database.dropped", 1),
            new Kill(Work.CREATE_ROLE, "cluster.made", 1),
            new Kill(Work.UPDATE_ROLE, "cluster.made", 1),
            new Kill(Work.DELETE_ROLE, "role.reassigned", 1),
            new Kill(Work.SNAPSHOT, "snapshot.captured", 1));

    @TempDir
    static Path directory;

    @BeforeAll
    static void makeShop() throws SQLException {
        start(BACKEND, step -> {}, test -> {
            test.succeed(test.plane.projects().create(TestPlane.CALLER, Work.SHOP, TestPlane.PLAIN));
            test.execute(Work.PRODUCTION, "CREATE TABLE t AS SELECT 1 AS v");
        });
    }

    @AfterAll
    static void stopLeftovers() {
        TestPlane.stopLeftovers(directory);
    }

    @ParameterizedTest
    @FieldSource("FEW")
    void nothingIsHalfMadeAfterAKill(Kill kill) throws Exception {
        assertThat(die(kill)).as("the work reached the step").isTrue();
    }

    @Test
    void aClusterThatIsBeingMadeGoesWithItsMaker() throws Exception {
        ChildProcess child = child(new Kill(Work.CREATE_PROJECT, "never", 1));
        child.killWhenRunning("initdb", directory.resolve("volumes").toString());
        start(BACKEND, step -> {}, test -> {
            Remains.assertNone(test);
            Work.cleanUp(test);
        });
    }

    @Test
    void aFirstStartThatIsKilledLeavesNothing(@TempDir Path fresh) throws Exception {
        ChildProcess child =
                new ChildProcess(fresh.resolve("child.log"), MixedWork.class, fresh.toString(), BACKEND.name(), "1");
        child.killWhenRunning("initdb", fresh.resolve("system").toString());
        try (TestPlane test = TestPlane.start(fresh, BACKEND)) {
            Remains.assertNone(test);
            assertThat(Remains.names(fresh.resolve("system"))).containsExactlyInAnyOrder("data", "run", "log");
        }
    }

    @Tag("heavy")
    @ParameterizedTest
    @EnumSource(Work.class)
    void nothingIsHalfMadeWhateverStepTheKillComesAt(Work work) throws Exception {
        int deaths = 0;
        for (Kill kill : kills(work)) {
            deaths += die(kill) ? 1 : 0;
        }
        System.out.println(work + ": " + deaths + " deaths");
        assertThat(deaths).isPositive();
    }

    /** Every time that the work reaches a step. */
    private static List<Kill> kills(Work work) throws SQLException {
        List<Kill> kills = new ArrayList<>();
        Map<String, Integer> times = new HashMap<>();
        boolean[] working = new boolean[1];
        start(
                BACKEND,
                step -> {
                    if (working[0]) {
                        synchronized (kills) {
                            kills.add(new Kill(work, step, times.merge(step, 1, Integer::sum)));
                        }
                    }
                },
                test -> {
                    work.prepare(test);
                    working[0] = true;
                    work.run(test);
                    working[0] = false;
                    work.check(test);
                    Work.cleanUp(test);
                });
        return kills;
    }

    /** Lets a process die there, and looks at what is left. False if the work ended before the step came. */
    private static boolean die(Kill kill) throws Exception {
        ChildProcess child = child(kill);
        int status = child.await();
        List<String> said = child.said();
        assertThat(status).as(kill + ": " + said).isIn(0, KilledPlane.KILLED);
        Instant again = Instant.now();
        start(BACKEND, step -> {}, test -> {
            try {
                Remains.assertNone(test);
                assertThat(test.ends)
                        .as("ends that are told, of operations that this start has finished or undone")
                        .extracting(end -> end.operation().uid())
                        .containsAll(test.rows("SELECT uid FROM control.operation WHERE principal <> 'espalier' "
                                + "AND finish_time >= '" + again + "'"));
                kill.work().check(test);
                if (said.contains(KilledPlane.ACKNOWLEDGED)) {
                    assertThat(Work.content(test, kill.work().branch())).contains(Integer.toString(Work.OF_A_USER));
                }
            } finally {
                Work.cleanUp(test);
            }
            Remains.assertNone(test);
        });
        Remains.awaitNoStrangers(directory);
        return status == KilledPlane.KILLED;
    }

    private static ChildProcess child(Kill kill) throws IOException {
        return new ChildProcess(
                directory.resolve("child.log"),
                KilledPlane.class,
                directory.toString(),
                BACKEND.name(),
                kill.work().name(),
                kill.step(),
                Integer.toString(kill.occurrence()));
    }

    @FunctionalInterface
    private interface Use {
        void of(TestPlane test) throws SQLException;
    }

    private static void start(Backend backend, Steps steps, Use use) throws SQLException {
        try (TestPlane test = new TestPlane(directory, backend, steps, Clock.systemUTC())) {
            use.of(test);
        }
    }
}
