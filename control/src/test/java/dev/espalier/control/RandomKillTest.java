package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.MixedWork.Deed;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Espalier is killed at any moment, again and again on the same directory, and what it had said to be done is done. */
class RandomKillTest {

    private static final int LONGEST_LIFE_MS = 6_000;

    @TempDir
    static Path directory;

    @BeforeAll
    static void makeShop() throws SQLException {
        try (TestPlane test = TestPlane.start(directory, KillTest.BACKEND)) {
            test.succeed(test.plane.projects().create(TestPlane.CALLER, Work.SHOP, TestPlane.PLAIN));
            test.execute(Work.PRODUCTION, "CREATE TABLE t AS SELECT 1 AS v");
        }
    }

    @AfterAll
    static void stopLeftovers() {
        TestPlane.stopLeftovers(directory);
    }

    @Test
    void whatIsDoneStaysDone() throws Exception {
        killAndLook(2);
    }

    @Tag("heavy")
    @Test
    void whatIsDoneStaysDoneFiftyTimes() throws Exception {
        killAndLook(50);
    }

    private static void killAndLook(int times) throws Exception {
        long seed = Long.getLong("espalier.seed", System.nanoTime());
        System.out.println("kills: -Despalier.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < times; i++) {
            ChildProcess child = new ChildProcess(
                    directory.resolve("child.log"),
                    MixedWork.class,
                    directory.toString(),
                    KillTest.BACKEND.name(),
                    Long.toString(random.nextLong()));
            int status = child.killWithin(LONGEST_LIFE_MS, random);
            List<String> said = child.said();
            assertThat(status).as("ended by itself: " + said).isEqualTo(KilledPlane.KILLED);
            try (TestPlane test = TestPlane.start(directory, KillTest.BACKEND)) {
                Remains.assertNone(test);
                check(test, said);
                Work.cleanUp(test);
                Remains.assertNone(test);
            }
            Remains.awaitNoStrangers(directory);
        }
    }

    private static void check(TestPlane test, List<String> said) throws SQLException {
        Set<String> branches = new HashSet<>(Work.branches(test));
        for (String branch : branches) {
            // Whatever was under way, a branch that is there can be read.
            assertThat(Work.content(test, branch)).startsWith("1");
        }
        for (int i = 0; i < said.size(); i++) {
            String[] words = said.get(i).split(" ");
            if (!words[0].equals("done")) {
                continue;
            }
            String branch = words[2];
            boolean last = said.subList(i + 1, said.size()).stream().noneMatch(later -> changes(later, branch));
            if (!last) {
                continue;
            }
            switch (Deed.valueOf(words[1])) {
                case CREATE, RESET, REPLICATE, SUSPEND ->
                    assertThat(branches).as(said.toString()).contains(branch);
                case WRITE ->
                    assertThat(Work.content(test, branch).split(" "))
                            .as(said.toString())
                            .contains(words[3]);
                case PURGE -> assertThat(branches).as(said.toString()).doesNotContain(branch);
            }
        }
    }

    /** Whether a piece of work, begun or done, may undo what was done before. */
    private static boolean changes(String line, String branch) {
        String[] words = line.split(" ");
        return words.length == 4
                && words[2].equals(branch)
                && Set.of("CREATE", "RESET", "PURGE").contains(words[1]);
    }
}
