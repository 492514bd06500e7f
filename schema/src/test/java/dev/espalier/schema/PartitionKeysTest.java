package dev.espalier.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.schema.model.DatabaseSchema;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot change because tables are partitioned by it is told with the reason, and all else is done. */
@ExtendWith(Servers.class)
class PartitionKeysTest {

    private static final String ELSE = "CREATE TABLE app.other (a integer)";

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void keepColumnsTheirTypes(int version, Servers.Running servers) throws SQLException {
        String table = "CREATE TABLE app.p (x %s, y integer, z %s) PARTITION BY RANGE ((x + y))";
        String low = "CREATE TABLE app.low PARTITION OF app.p FOR VALUES FROM (1) TO (3) PARTITION BY HASH (z)";
        String high = "CREATE TABLE app.high PARTITION OF app.p FOR VALUES FROM (3) TO (5)";
        try (Scratch scratch = new Scratch(servers.fixture(version))) {
            scratch.execute(table.formatted("integer", "text"), low);
            DatabaseSchema to =
                    scratch.readAfter("DROP TABLE app.p", table.formatted("bigint", "date"), low, high, ELSE);
            onlyTheRestIsDone(
                    scratch,
                    to,
                    List.of(
                            "table app.high",
                            "inheritance of app.low from app.p",
                            "column app.low.x",
                            "column app.low.z",
                            "column app.p.x",
                            "column app.p.z"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void keepTypesTheirLabels(int version, Servers.Running servers) throws SQLException {
        String type = "CREATE TYPE app.size AS ENUM (%s); CREATE DOMAIN app.fit AS app.size";
        String table = "CREATE TABLE app.p (x app.fit) PARTITION BY LIST (x); CREATE TABLE app.t (x app.size)";
        try (Scratch scratch = new Scratch(servers.fixture(version))) {
            scratch.execute(type.formatted("'s', 'm'"), table);
            String drop = "DROP TABLE app.p, app.t; DROP TYPE app.size CASCADE";
            DatabaseSchema to = scratch.readAfter(drop, type.formatted("'s'"), table, ELSE);
            onlyTheRestIsDone(scratch, to, List.of("enum app.size"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void keepWhatTheyAre(int version, Servers.Running servers) throws SQLException {
        try (Scratch scratch = new Scratch(servers.fixture(version))) {
            scratch.execute(
                    "CREATE TABLE app.p (x integer, y integer) PARTITION BY RANGE (x)",
                    "CREATE TABLE app.low PARTITION OF app.p FOR VALUES FROM (1) TO (3)");
            DatabaseSchema to = scratch.readAfter(
                    "DROP TABLE app.p",
                    "CREATE TABLE app.p (y integer, z integer) PARTITION BY LIST (y)",
                    "CREATE TABLE app.low PARTITION OF app.p FOR VALUES IN (1)",
                    ELSE);
            onlyTheRestIsDone(
                    scratch,
                    to,
                    List.of("inheritance of app.low from app.p", "column app.low.x", "table app.p", "column app.p.x"));
        }
    }

    private static void onlyTheRestIsDone(Scratch scratch, DatabaseSchema to, List<String> left) throws SQLException {
        scratch.apply(SchemaDiff.between(scratch.read(), to));
        SchemaDiff rest = SchemaDiff.between(scratch.read(), to);
        assertThat(rest.toDdl()).isEmpty();
        assertThat(rest.changes())
                .filteredOn(change ->
                        !change.object().name().equals("high") || change.kind().equals("table"))
                .allSatisfy(change ->
                        assertThat(change.warnings()).singleElement().asString().startsWith("not "))
                .extracting(change -> change.kind() + " " + change.identity())
                .containsExactlyInAnyOrderElementsOf(left);
    }
}
