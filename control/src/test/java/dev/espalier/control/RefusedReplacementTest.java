package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import dev.espalier.storage.Backend;
import dev.espalier.storage.VolumeName;
import dev.espalier.testing.TestWait;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reset or restore that is refused before the branch is touched: whoever is signed in to it stays. */
class RefusedReplacementTest {

    private static final String SHOP = "shop";
    private static final String DEV = "dev";

    @TempDir
    Path directory;

    private final AtomicReference<String> failing = new AtomicReference<>("");
    private TestPlane test;

    @BeforeEach
    void start() {
        test = new TestPlane(directory, Backend.COPY, this::reached, Clock.systemUTC());
        test.succeed(test.plane.projects().create(CALLER, SHOP, PLAIN));
        awaitHistory(Projects.FIRST_BRANCH);
    }

    @AfterEach
    void stop() {
        test.close();
        TestPlane.stopLeftovers(directory);
    }

    private void reached(String step) {
        if (step.equals(failing.get())) {
            throw new IllegalStateException("as on a disk that fills up");
        }
    }

    @Test
    void aRestoreThatCannotBeCopiedEndsNoSession() throws SQLException {
        Instant moment = Instant.parse(test.query(Projects.FIRST_BRANCH, "SELECT to_json(clock_timestamp())#>>'{}'"));
        Set<VolumeName> before = test.engine.volumes();
        failing.set("rewind.copied");
        try (Connection session = test.connect(Projects.FIRST_BRANCH, "databricks_postgres")) {
            assertThat(fail(test.plane
                            .branches()
                            .restore(CALLER, SHOP, Projects.FIRST_BRANCH, new Moment.At(moment), Optional.empty())))
                    .isNotBlank();
            assertThat(isAlive(session)).isTrue();
        }
        assertThat(test.engine.volumes()).isEqualTo(before);
    }

    @Test
    void aResetWhoseSourceIsRefusedEndsNoSession() throws SQLException {
        NewBranch plain = new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never());
        test.succeed(test.plane.branches().create(CALLER, SHOP, DEV, plain, false));
        awaitHistory(DEV);
        Set<VolumeName> before = test.engine.volumes();
        test.change("""
                UPDATE control.endpoint e SET unsynced_boot = 'an earlier boot'
                FROM control.branch b WHERE b.uid = e.branch_uid AND b.branch_id = 'production'
                """);
        try (Connection session = test.connect(DEV, "databricks_postgres")) {
            assertThat(fail(test.plane.branches().reset(CALLER, SHOP, DEV))).contains("wrote without fsync");
            assertThat(isAlive(session)).isTrue();
        }
        assertThat(test.engine.volumes()).isEqualTo(before);
    }

    private String fail(Operation operation) {
        TestWait.until(() -> test.plane.operations().get(operation.uid()).done());
        return test.plane
                .operations()
                .get(operation.uid())
                .error()
                .orElseThrow()
                .message();
    }

    private static boolean isAlive(Connection session) throws SQLException {
        try (var statement = session.createStatement()) {
            return statement.execute("SELECT pg_backend_pid()");
        }
    }

    private void awaitHistory(String branch) {
        TestWait.until(
                () -> !test.plane.insight().history(SHOP, branch).snapshots().isEmpty());
    }
}
