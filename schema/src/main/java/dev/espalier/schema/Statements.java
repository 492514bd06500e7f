package dev.espalier.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The SQL files beside this class, run by name. */
final class Statements {

    /** Takes one row. */
    @FunctionalInterface
    interface Row {
        void take(ResultSet row) throws SQLException;
    }

    private final Connection connection;

    Statements(Connection connection) {
        this.connection = connection;
    }

    /** Runs a file's statement, giving it the schemas wherever it asks for a parameter. */
    void run(String name, @Nullable Array schemas, Row each) throws SQLException {
        String sql = text(name);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int parameters = (int) sql.chars().filter(c -> c == '?').count();
            for (int i = 1; i <= parameters; i++) {
                statement.setArray(i, schemas);
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    each.take(rows);
                }
            }
        } catch (SQLException e) {
            throw new SQLException("cannot read the schema's " + name + ": " + e.getMessage(), e.getSQLState(), e);
        }
    }

    private static String text(String name) {
        try (InputStream file = Statements.class.getResourceAsStream(name + ".sql")) {
            if (file == null) {
                throw new IllegalStateException("the build left out " + name + ".sql");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
