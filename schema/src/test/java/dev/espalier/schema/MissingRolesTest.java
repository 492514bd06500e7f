package dev.espalier.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A role that the statements name and the server does not have is told, wherever it is named. */
@ExtendWith(Servers.class)
class MissingRolesTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "owner|                          ALTER TABLE app.customer OWNER TO \"New, Role\"",
                "privilege on a database|        GRANT CREATE ON DATABASE fixture TO \"New, Role\"",
                "privilege on a table|           GRANT SELECT ON app.customer TO \"New, Role\"",
                "privilege on a column|          GRANT SELECT (id) ON app.customer TO \"New, Role\"",
                "default privilege for a role|   ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO \"New, Role\"",
                "default privilege of a role|    ALTER DEFAULT PRIVILEGES FOR ROLE \"New, Role\" GRANT SELECT ON TABLES TO reader",
                "one of the roles of a policy|   CREATE POLICY p ON app.customer TO reader, \"New, Role\", writer",
                "new role of a policy|           ALTER POLICY strict ON app.customer TO reader, \"New, Role\"",
                "privilege on a new table|       CREATE TABLE app.t (); GRANT SELECT ON app.t TO \"New, Role\""
            })
    void areToldWhereverTheyAreNamed(String what, String change, Servers.Running servers) throws SQLException {
        try (Scratch scratch = new Scratch(servers.fixture(18))) {
            SchemaDiff diff =
                    SchemaDiff.between(scratch.read(), scratch.readAfter("CREATE ROLE \"New, Role\"", change));
            String warning = "there is no role New, Role on the server yet: make it first, or the statements fail";
            assertThat(diff.changes())
                    .as(what)
                    .filteredOn(told -> told.ddl().stream().anyMatch(sql -> sql.contains("\"New, Role\"")))
                    .isNotEmpty()
                    .allSatisfy(told -> assertThat(told.warnings()).containsExactly(warning));
            assertThat(diff.toScript()).contains(": " + warning + "\n");
            scratch.execute("CREATE ROLE \"New, Role\"");
            scratch.apply(diff);
        }
    }

    @Test
    void cannotEndTheCommentTheyAreToldIn(Servers.Running servers) throws SQLException {
        try (Scratch scratch = new Scratch(servers.fixture(18))) {
            String role = "\"x\nDROP SCHEMA app CASCADE; --\"";
            SchemaDiff diff = SchemaDiff.between(
                    scratch.read(),
                    scratch.readAfter("CREATE ROLE " + role, "CREATE SCHEMA extra AUTHORIZATION " + role));
            assertThat(diff.toScript())
                    .contains("-- ! schema extra: there is no role x\\u000aDROP SCHEMA app CASCADE; -- on the server");
        }
    }

    @ParameterizedTest
    @CsvSource({"18", "15"})
    void areNotMissedWhereTheyOnlyLose(int version, Servers.Running servers) throws SQLException {
        try (Scratch scratch = new Scratch(servers.fixture(version))) {
            SchemaDiff diff = SchemaDiff.between(
                    scratch.readAfter(
                            "CREATE ROLE leaving",
                            "GRANT SELECT ON app.customer TO leaving, PUBLIC",
                            "CREATE POLICY p ON app.customer TO leaving",
                            "ALTER DEFAULT PRIVILEGES FOR ROLE leaving GRANT SELECT ON TABLES TO reader"),
                    scratch.read());
            assertThat(diff.changes())
                    .hasSize(3)
                    .allSatisfy(told -> assertThat(told.warnings()).isEmpty());
        }
    }
}
