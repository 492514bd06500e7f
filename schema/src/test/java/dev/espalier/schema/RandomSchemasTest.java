package dev.espalier.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.schema.model.DatabaseSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Schemas that nobody thought of: random statements make an old and a new one, and the difference has to lead from either
 * to the other. The seed is in the test's name; {@code -Despalier.seeds=1000} takes more of them.
 */
@ExtendWith(Servers.class)
class RandomSchemasTest {

    private static final int STATEMENTS = 60;

    static Stream<Arguments> seeds() {
        long seeds = Long.getLong("espalier.seeds", 12);
        return Stream.of(18, 15, 17, 16)
                .flatMap(version -> LongStream.range(0, version == 18 ? seeds : seeds / 4)
                        .mapToObj(seed -> Arguments.of(version, seed)));
    }

    @ParameterizedTest(name = "seed {1} on {0}")
    @MethodSource("seeds")
    void leadsFromAnySchemaToAnyOther(int version, long seed, Servers.Running servers) throws SQLException {
        Connection connection = servers.fixture(version);
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute("BEGIN");
            statement.execute("DROP EVENT TRIGGER watch_ddl");
            RandomStatements random = new RandomStatements(seed);
            List<String> history = new ArrayList<>(random.first());
            Databases.apply(connection, history);
            run(statement, random, history);
            DatabaseSchema from = SchemaReader.readInTransaction(connection);
            statement.execute("SAVEPOINT old");
            if (seed % 3 == 0) {
                statement.execute("DROP SCHEMA s0 CASCADE");
                statement.execute("CREATE SCHEMA s0");
            }
            run(statement, random, history);
            DatabaseSchema to = SchemaReader.readInTransaction(connection);
            statement.execute("ROLLBACK TO old");
            there(connection, from, to, history);
            there(connection, SchemaReader.readInTransaction(connection), from, history);
        } finally {
            try (Statement statement = connection.createStatement()) {
                statement.execute("ROLLBACK");
            }
        }
    }

    private static void there(Connection connection, DatabaseSchema from, DatabaseSchema to, List<String> history)
            throws SQLException {
        SchemaDiff diff = SchemaDiff.between(from, to);
        if (diff.changes().stream()
                .anyMatch(change -> change.warnings().stream().anyMatch(w -> w.startsWith("not changed")))) {
            return;
        }
        Databases.apply(connection, diff.toDdl());
        DatabaseSchema there = SchemaReader.readInTransaction(connection);
        assertThat(SchemaDiff.between(there, to).toText())
                .as("left to do after\n%s\n\nof\n%s", String.join(";\n", diff.toDdl()), String.join(";\n", history))
                .isEmpty();
    }

    private static void run(Statement statement, RandomStatements random, List<String> history) throws SQLException {
        for (int i = 0; i < STATEMENTS; i++) {
            String sql = random.next();
            statement.execute("SAVEPOINT one");
            try {
                statement.execute(sql);
                history.add(sql);
            } catch (SQLException e) {
                statement.execute("ROLLBACK TO one");
            }
        }
    }
}
