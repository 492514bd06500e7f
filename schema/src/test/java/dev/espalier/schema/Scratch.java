package dev.espalier.schema;

import dev.espalier.schema.model.DatabaseSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A connection whose changes are rolled back, so that tests can share a database. */
final class Scratch implements AutoCloseable {

    private final Connection connection;

    Scratch(Connection connection) throws SQLException {
        this.connection = connection;
        execute("BEGIN");
    }

    void execute(String... scripts) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String script : scripts) {
                statement.execute(script);
            }
        }
    }

    DatabaseSchema read() throws SQLException {
        return SchemaReader.readInTransaction(connection);
    }

    /** The schema as it would be after these scripts, which are undone. */
    DatabaseSchema readAfter(String... scripts) throws SQLException {
        execute("SAVEPOINT before");
        execute(scripts);
        DatabaseSchema schema = read();
        execute("ROLLBACK TO before");
        return schema;
    }

    void apply(SchemaDiff diff) throws SQLException {
        Databases.apply(connection, diff.toDdl());
    }

    @Override
    public void close() throws SQLException {
        execute("ROLLBACK");
    }
}
