package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import dev.espalier.postgres.Lsn;
import dev.espalier.storage.Backend;
import dev.espalier.storage.Space;
import dev.espalier.testing.TestWait;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where copies share nothing, the history leaves room for branches. */
class SnapshotCostTest {

    private static final String SHOP = "shop";
    private static final long SNAPSHOT_EVERY = 32 << 20;

    @Test
    void theRoomThatIsShortIsKeptForBranches() {
        Space quarterFree = new Space(1000, 250);
        assertThat(SnapshotCost.isAffordable(40, quarterFree, false)).isTrue();
        assertThat(SnapshotCost.isAffordable(60, quarterFree, false)).isFalse();
        assertThat(SnapshotCost.isAffordable(60, quarterFree, true))
                .as("without it the log of before the window would stay for ever")
                .isTrue();
    }

    @Test
    void noneIsTakenForLessLogThanItTakesItself(@TempDir Path directory) throws SQLException {
        try (TestPlane test = TestPlane.start(directory, Backend.COPY)) {
            test.succeed(test.plane.projects().create(CALLER, SHOP, PLAIN));
            create(test, "written", Projects.FIRST_BRANCH);
            write(test, "written", 100_000);
            create(test, "large", "written");
            Lsn first = awaitHistory(test, "large").getFirst().lsn();

            write(test, "large", 60_000);
            var volume = test.plane.branches().get(SHOP, "large").volume();
            TestWait.until(() -> test.engine.isArchived(volume, first.plus(SNAPSHOT_EVERY)));
            // Whoever takes the second has looked at all branches since.
            for (int round = 0; round < 2; round++) {
                awaitHistory(test, Projects.FIRST_BRANCH);
                test.change("DELETE FROM control.snapshot s USING control.branch b "
                        + "WHERE s.of_volume = b.volume AND b.branch_id = 'production'");
            }
            awaitHistory(test, Projects.FIRST_BRANCH);
            assertThat(awaitHistory(test, "large")).hasSize(1);
        } finally {
            TestPlane.stopLeftovers(directory);
        }
    }

    private static void create(TestPlane test, String branch, String source) {
        NewBranch wanted = new NewBranch(Optional.of(source), new Moment.Now(), false, new Expiration.Never());
        test.succeed(test.plane.branches().create(CALLER, SHOP, branch, wanted, false));
    }

    private static void write(TestPlane test, String branch, int rows) throws SQLException {
        test.execute(
                branch,
                "CREATE TABLE of_" + branch + " AS SELECT repeat(md5(n::text), 30) FROM generate_series(1, " + rows
                        + ") n");
    }

    private static List<BranchHistory.Point> awaitHistory(TestPlane test, String branch) {
        TestWait.until(() -> !snapshots(test, branch).isEmpty());
        return snapshots(test, branch);
    }

    private static List<BranchHistory.Point> snapshots(TestPlane test, String branch) {
        return test.plane.insight().history(SHOP, branch).snapshots();
    }
}
