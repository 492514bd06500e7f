package dev.espalier.journal;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Why the tables cannot be brought up to date. */
class MigrationsTest {

    private static final String OTHER_VERSION = "written by a newer version of Espalier";

    @TempDir
    static Path directory;

    private static TestPostgres postgres;

    @BeforeAll
    static void start() throws Exception {
        postgres = new TestPostgres(directory);
        postgres.execute("CREATE ROLE poor");
    }

    @BeforeEach
    void startAnew() throws Exception {
        postgres.newDatabase();
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @Test
    void tablesOfAnotherVersionAreToldAsThat() throws Exception {
        JournalSchema.migrate(postgres.system());
        postgres.execute("UPDATE journal.migrations SET checksum = 1 WHERE version = '1'");
        assertThatThrownBy(() -> JournalSchema.migrate(postgres.system())).hasMessageContaining(OTHER_VERSION);
    }

    @Test
    void aRightThatIsMissingIsNamed() throws Exception {
        postgres.execute("ALTER ROLE espalier IN DATABASE system SET role = 'poor'");
        try {
            assertThatThrownBy(() -> JournalSchema.migrate(postgres.system()))
                    .hasMessageContaining("permission denied for database system")
                    .hasMessageContaining("Give the user of control.url CREATE on that database")
                    .hasMessageNotContaining(OTHER_VERSION);
        } finally {
            postgres.execute("SET ROLE NONE", "ALTER ROLE espalier IN DATABASE system RESET role");
        }
    }

    @Test
    void whateverElsePostgresqlSaysIsTold() throws Exception {
        postgres.execute("CREATE SCHEMA journal", "CREATE TABLE journal.statement ()");
        assertThatThrownBy(() -> JournalSchema.migrate(postgres.system()))
                .hasMessageNotContaining(OTHER_VERSION)
                .hasMessageContaining("the system tables cannot be made or brought up to date: ")
                .hasMessageEndingWith("Mend that, and start again.");
    }
}
