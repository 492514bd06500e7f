package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import dev.espalier.storage.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A control database out of a backup is put under newer data. */
class ChangeCountTest {

    @TempDir
    Path directory;

    @AfterEach
    void stopLeftovers() {
        TestPlane.stopLeftovers(directory);
    }

    @Test
    void dataThatTheControlDatabaseHasForgottenAreNotDeletedBeforeSomebodySaysSo() throws SQLException, IOException {
        try (TestPlane test = TestPlane.start(directory, Backend.COPY)) {
            test.succeed(test.plane.projects().create(CALLER, "shop", TestPlane.PLAIN));
            test.execute("production", "CREATE TABLE t AS SELECT 1 AS v");
            NewBranch fromNow = new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never());
            test.succeed(test.plane.branches().create(CALLER, "shop", "since", fromNow, false));
            // As it was: of the branch it knows nothing.
            test.change("DELETE FROM control.operation WHERE resource_name LIKE '%since%'");
            test.change("DELETE FROM control.branch WHERE branch_id = 'since'");
            // Long ago: what goes on beside counts, too.
            test.change("UPDATE control.installation SET changes = 0");
        }
        List<Path> volumes = volumes();

        assertThatThrownBy(() -> TestPlane.start(directory, Backend.COPY))
                .hasMessageContaining("the control database is older than the data")
                .hasMessageContaining("delete " + directory.resolve("espalier-changes"));
        TestPlane.stopLeftovers(directory);
        assertThat(volumes()).isEqualTo(volumes);

        Files.delete(directory.resolve("espalier-changes"));
        try (TestPlane test = TestPlane.start(directory, Backend.COPY)) {
            assertThat(test.query("production", "SELECT v FROM t")).isEqualTo("1");
            assertThat(volumes()).hasSizeLessThan(volumes.size());
        }
    }

    private List<Path> volumes() throws IOException {
        try (Stream<Path> children = Files.list(directory.resolve("volumes"))) {
            return children.sorted().toList();
        }
    }
}
