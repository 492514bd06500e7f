package dev.espalier.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.schema.model.DatabaseSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script as a client runs it that goes on after an error, as psql does unless told otherwise. */
@ExtendWith(Servers.class)
class ScriptTest {

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void leavesEverythingAsItWasIfAStatementFails(int version, Servers.Running servers) throws SQLException {
        Server server = servers.version(version);
        server.create("failing", "template1");
        server.execute("failing", "CREATE TABLE t (a text, b integer)", "INSERT INTO t VALUES (NULL, 1)");
        try (Connection connection = server.connect("failing")) {
            DatabaseSchema before = SchemaReader.read(connection);
            SchemaDiff diff = SchemaDiff.between(
                    before,
                    readAfter(
                            connection, "ALTER TABLE t DROP b", "DELETE FROM t", "ALTER TABLE t ALTER a SET NOT NULL"));
            assertThat(run(connection, diff.toScript())).isNotEmpty();
            assertThat(SchemaDiff.between(before, SchemaReader.read(connection)).toText())
                    .isEmpty();
        }
        server.execute("postgres", "DROP DATABASE failing");
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void usesTheLabelsThatItMakes(int version, Servers.Running servers) throws SQLException {
        Server server = servers.version(version);
        String type = "CREATE TYPE e AS ENUM ('a', %s)";
        String table = "CREATE TABLE t (x e DEFAULT '%s')";
        server.create("labelled", "template1");
        server.execute("labelled", type.formatted("'b', 'c'"), table.formatted("b"));
        server.create("plain", "template1");
        server.execute("plain", type.formatted("'c'"), table.formatted("a"));
        try (Connection from = server.connect("plain");
                Connection to = server.connect("labelled")) {
            DatabaseSchema wanted = SchemaReader.read(to);
            assertThat(run(
                            from,
                            SchemaDiff.between(SchemaReader.read(from), wanted).toScript()))
                    .isEmpty();
            assertThat(SchemaDiff.between(SchemaReader.read(from), wanted).toText())
                    .isEmpty();
        }
        server.execute("postgres", "DROP DATABASE plain", "DROP DATABASE labelled");
    }

    private static DatabaseSchema readAfter(Connection connection, String... changes) throws SQLException {
        try (Scratch scratch = new Scratch(connection)) {
            return scratch.readAfter(changes);
        }
    }

    /** Runs the script to its end and gives the errors. */
    private static List<SQLException> run(Connection connection, String script) throws SQLException {
        List<SQLException> errors = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            for (String sql : script.split(";\n")) {
                try {
                    statement.execute(sql);
                } catch (SQLException e) {
                    errors.add(e);
                }
            }
        }
        return errors;
    }
}
