package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import dev.espalier.storage.Backend;
import dev.espalier.testing.TestWait;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot that cannot be taken. */
class SnapshotRestTest {

    private static final String SHOP = "shop";
    private static final String OTHER = "other";

    @TempDir
    Path directory;

    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    private final AtomicBoolean fails = new AtomicBoolean();

    @AfterEach
    void stop() {
        TestPlane.stopLeftovers(directory);
    }

    @Test
    void itIsTriedAgainAfterAMinuteAndOthersAreTakenMeanwhile() {
        Instant begun = Instant.now();
        InstantSource clock = () -> begun.plus(ahead.get());
        try (TestPlane test = new TestPlane(directory, Backend.COPY, this::reached, clock.withZone(ZoneOffset.UTC))) {
            test.succeed(test.plane.projects().create(CALLER, SHOP, PLAIN));
            TestWait.until(() -> hasHistory(test, Projects.FIRST_BRANCH));
            fails.set(true);
            forgetHistory(test, Projects.FIRST_BRANCH);
            TestWait.until(() -> !fails.get());

            NewBranch plain = new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never());
            test.succeed(test.plane.branches().create(CALLER, SHOP, OTHER, plain, false));
            for (int round = 0; round < 3; round++) {
                TestWait.until(() -> hasHistory(test, OTHER));
                forgetHistory(test, OTHER);
            }
            assertThat(hasHistory(test, Projects.FIRST_BRANCH)).isFalse();

            ahead.set(Duration.ofMinutes(1));
            TestWait.until(() -> hasHistory(test, Projects.FIRST_BRANCH));
        }
    }

    /** Fails once when told to. */
    private void reached(String step) {
        if (step.equals("snapshot.captured") && fails.getAndSet(false)) {
            throw new IllegalStateException("as on a disk that fills up");
        }
    }

    private static void forgetHistory(TestPlane test, String branch) {
        test.change(
                "DELETE FROM control.snapshot s USING control.branch b WHERE s.of_volume = b.volume AND b.branch_id = '"
                        + branch + "'");
    }

    private static boolean hasHistory(TestPlane test, String branch) {
        return !test.rows("SELECT s.volume FROM control.snapshot s JOIN control.branch b ON s.of_volume = b.volume "
                        + "WHERE b.branch_id = '" + branch + "'")
                .isEmpty();
    }
}
