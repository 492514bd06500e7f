package dev.espalier.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.schema.model.DatabaseSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of change: told as expected, and made by its statements in one transaction, there and back. Goes wrong if a
 * change is overlooked, told wrongly, or if a statement fails or misses its aim. The oldest and the newest server take all
 * cases, those between a part of them.
 */
@ExtendWith(Servers.class)
class CasesTest {

    static Stream<Arguments> cases() {
        List<Case> cases = Case.read("cases.sql");
        return Stream.of(18, 15, 17, 16)
                .flatMap(version -> IntStream.range(0, cases.size())
                        .filter(i -> version == 18 || version == 15 || i % 4 == version % 4)
                        .mapToObj(cases::get)
                        .filter(each -> each.since() <= version)
                        .map(each -> Arguments.of(version, each)));
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("cases")
    void isToldAndMadeThereAndBack(int version, Case each, Servers.Running servers) throws SQLException {
        Connection connection = servers.fixture(version);
        DatabaseSchema from = within(connection, each.before());
        DatabaseSchema to = within(connection, each.before(), each.change());
        SchemaDiff diff = SchemaDiff.between(from, to);
        assertThat(told(diff.toText(), version)).isEqualTo(told(each.shown(), version));
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN");
            statement.execute(each.before());
            Databases.apply(connection, diff.toDdl());
            DatabaseSchema there = SchemaReader.readInTransaction(connection);
            assertThat(SchemaDiff.between(there, to).toText())
                    .as("left to do there")
                    .isEmpty();
            Databases.apply(connection, SchemaDiff.between(there, from).toDdl());
            DatabaseSchema back = SchemaReader.readInTransaction(connection);
            assertThat(SchemaDiff.between(back, from).toText())
                    .as("left to do back")
                    .isEmpty();
        } finally {
            rollBack(connection);
        }
    }

    /** PostgreSQL 15 names the table before each column of a view: there, the lines of definitions are not compared. */
    private static String told(String text, int version) {
        return version == 15 ? text.replaceAll("(?m)^    [-+] ( .*|SELECT .*)?\n", "") : text;
    }

    private static DatabaseSchema within(Connection connection, String... scripts) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute("BEGIN");
            for (String script : scripts) {
                statement.execute(script);
            }
            return SchemaReader.readInTransaction(connection);
        } finally {
            rollBack(connection);
        }
    }

    private static void rollBack(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("ROLLBACK");
        }
    }
}
