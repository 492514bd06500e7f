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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A clock that goes wrong. */
class JumpingClockTest {

    private static final String SHOP = "shop";

    @TempDir
    Path directory;

    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    private TestPlane test;

    @BeforeEach
    void start() {
        InstantSource clock = () -> Instant.now().plus(ahead.get());
        test = new TestPlane(directory, Backend.COPY, step -> {}, clock.withZone(ZoneOffset.UTC));
        test.succeed(test.plane.projects().create(CALLER, SHOP, PLAIN));
    }

    @AfterEach
    void stop() {
        test.close();
        TestPlane.stopLeftovers(directory);
    }

    /** It would all be gone within a second, before anybody could set it right. */
    @Test
    void nothingIsRemovedForGoodWhenItJumpsAhead() {
        create("deleted", new Expiration.Never());
        test.succeed(test.plane.branches().delete(CALLER, SHOP, "deleted", false));
        ahead.set(Duration.ofDays(400));
        // Those go softly, and with the second one a look has ended that has begun after the jump.
        for (String expiring : List.of("one", "two")) {
            create(expiring, new Expiration.Never());
            test.change("UPDATE control.branch SET expire_time = now() WHERE branch_id = '" + expiring + "'");
            TestWait.until(() -> isDeleted(expiring));
        }
        assertThat(test.plane.status().removalRestsUntil()).isPresent();
        assertThat(isDeleted("deleted")).isTrue();

        ahead.set(Duration.ZERO);
        TestWait.until(() -> test.plane.status().removalRestsUntil().isEmpty());
        test.succeed(test.plane.branches().undelete(CALLER, SHOP, "deleted"));
    }

    @Test
    void anEndpointThatWasUsedInTheFutureIdlesFromNowOn() {
        test.change("UPDATE control.endpoint SET last_active_time = now() + interval '1 year'");
        TestWait.until(() -> test.rows("SELECT uid FROM control.endpoint WHERE last_active_time > now()")
                .isEmpty());
    }

    private void create(String branch, Expiration expiration) {
        NewBranch plain = new NewBranch(Optional.empty(), new Moment.Now(), false, expiration);
        test.succeed(test.plane.branches().create(CALLER, SHOP, branch, plain, false));
    }

    private boolean isDeleted(String branch) {
        return !test.rows(
                        "SELECT uid FROM control.branch WHERE delete_time IS NOT NULL AND branch_id = '" + branch + "'")
                .isEmpty();
    }
}
