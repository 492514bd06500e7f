package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.storage.Backend;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a branch's users can get for themselves, by the API or by SQL with all the rights that the API gives. */
class BranchRightsTest {

    private static final Role.Attributes ALL = new Role.Attributes(true, true, true);

    @TempDir
    static Path directory;

    private static TestPlane test;

    @BeforeAll
    static void start() throws Exception {
        test = TestPlane.start(directory, Backend.COPY);
        test.succeed(test.plane.projects().create(CALLER, "shop", PLAIN));
        test.succeed(create("strong", "DATABRICKS_SUPERUSER"));
    }

    @AfterAll
    static void stop() {
        test.close();
        TestPlane.stopLeftovers(directory);
    }

    private static Operation create(String role, String... memberOf) {
        NewRole wanted = new NewRole(
                Optional.empty(), Role.IdentityType.SERVICE_PRINCIPAL, Optional.empty(), List.of(memberOf), ALL);
        return test.plane.roles().create(CALLER, "shop", "production", role, wanted, false);
    }

    private static Connection asStrong() throws SQLException {
        return test.connectAs("strong", "production", "databricks_postgres");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "espalier",
                "pg_execute_server_program",
                "pg_read_server_files",
                "pg_write_server_files",
                "pg_read_all_data",
                "no-such-role"
            })
    void noMembershipThatLeadsToASuperuserOrAFileIsGiven(String group) {
        Operation made = create("greedy-" + group.replace('_', '-'), group);
        TestWait.until(() -> test.plane.operations().get(made.uid()).done());
        assertThat(test.plane.operations().get(made.uid()).error().orElseThrow().message())
                .contains("membership in \"" + group + "\" cannot be given");
        Operation changed = test.plane
                .roles()
                .update(
                        CALLER,
                        "shop",
                        "production",
                        "strong",
                        new RoleChange(
                                Optional.empty(), Optional.empty(), Optional.of(List.of(group)), Optional.empty()));
        TestWait.until(() -> test.plane.operations().get(changed.uid()).done());
        assertThat(test.plane.operations().get(changed.uid()).error()).isPresent();
    }

    @Test
    void whatBelongsToTheBranchItselfStaysAsItIs() {
        RoleChange rename = new RoleChange(Optional.of("mine"), Optional.empty(), Optional.empty(), Optional.empty());
        assertThatThrownBy(
                        () -> test.plane.roles().update(CALLER, "shop", "production", "databricks-superuser", rename))
                .hasMessageContaining("belongs to the branch itself");
        assertThatThrownBy(() -> test.plane
                        .databases()
                        .update(CALLER, "shop", "production", "postgres", Optional.empty(), Optional.of("strong")))
                .hasMessageContaining("belongs to the branch itself");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET ROLE espalier",
                "GRANT espalier TO strong",
                "ALTER SYSTEM SET fsync = off",
                "COPY (SELECT 1) TO PROGRAM 'true'",
                "COPY (SELECT 1) TO '/tmp/x'",
                "LOCK TABLE pg_catalog.pg_proc IN ACCESS EXCLUSIVE MODE",
                "LOCK TABLE pg_catalog.pg_authid IN ACCESS EXCLUSIVE MODE",
                "ALTER ROLE databricks_superuser RENAME TO mine",
                "DROP ROLE databricks_superuser",
                "ALTER DATABASE postgres RENAME TO mine"
            })
    void noStatementOfTheStrongestUserReachesBeyondHisOwn(String statement) throws SQLException {
        try (Connection session = asStrong();
                var work = session.createStatement()) {
            session.setAutoCommit(false);
            assertThatThrownBy(() -> work.execute(statement)).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void theNamesOfResourcesCannotBeChangedBySql() throws SQLException {
        try (Connection session = test.connectAs("strong", "production", "postgres");
                var work = session.createStatement()) {
            for (String statement : List.of(
                    "UPDATE espalier.resource SET identity_type = 'NONSENSE'",
                    "DELETE FROM espalier.resource",
                    "INSERT INTO espalier.resource VALUES ('role', 'x', 'x')",
                    "DROP TABLE espalier.resource")) {
                assertThatThrownBy(() -> work.execute(statement)).isInstanceOf(SQLException.class);
            }
        }
    }
}
