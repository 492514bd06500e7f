package dev.espalier.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.schema.model.DatabaseSchema;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of composite types are the same, attribute by attribute, after their type was changed. */
@ExtendWith(Servers.class)
class CompositeValuesTest {

    private static final String HOLDERS = """
            CREATE TYPE app.frame AS (label text, pair app.pair, "Pairs" app.pair[]);
            CREATE TYPE app.turn AS (%3$s);
            CREATE DOMAIN app.sure AS app.pair CHECK ((VALUE).a > 0);
            CREATE TABLE app.holder (
                id integer,
                plain app.pair DEFAULT ROW(%1$s)::app.pair,
                many app.pair[],
                frame app.frame,
                frames app.frame[],
                sure app.sure,
                turn app.turn
            );
            CREATE INDEX holder_a ON app.holder (((plain).a));
            CREATE VIEW app.seen AS SELECT id, (plain).%2$s AS one FROM app.holder;
            CREATE MATERIALIZED VIEW app.kept AS SELECT plain FROM app.holder;
            CREATE FUNCTION app.first(app.pair) RETURNS bigint LANGUAGE sql IMMUTABLE RETURN ($1).a;
            """;

    private static final String GONE = """
            DROP FUNCTION app.first(app.pair);
            DROP TABLE app.holder CASCADE;
            DROP TYPE app.frame CASCADE;
            DROP TYPE app.pair, app.turn CASCADE;
            """;

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void stayAtTheirNamesWhenAttributesComeGoAndGetOtherTypes(int version, Servers.Running servers)
            throws SQLException {
        Connection connection = servers.fixture(version);
        try (Scratch scratch = new Scratch(connection)) {
            scratch.execute(
                    "CREATE TYPE app.kind AS ENUM ('x'); CREATE TYPE app.pair AS (a integer, b text, kind app.kind, c text)",
                    HOLDERS.formatted("1, 'b', NULL, 'c'", "b", "x integer, y text"));
            DatabaseSchema from = scratch.read();
            DatabaseSchema to = scratch.readAfter(
                    GONE,
                    "DROP TYPE app.kind; CREATE TYPE app.pair AS (a bigint, c text, d date)",
                    HOLDERS.formatted("1, 'c', NULL", "c", "y text, x bigint"));
            scratch.execute("""
                    INSERT INTO app.holder
                        SELECT 1, p, ARRAY[[p, NULL], [NULL, p]], f, ARRAY[f, NULL], p, ROW(1, '2')::app.turn
                        FROM (SELECT ROW(7, 'b,"(', 'x', 'c)\\ ''')::app.pair AS p) AS p
                        CROSS JOIN LATERAL (SELECT ROW('l', p, ARRAY[p, NULL])::app.frame AS f) AS f;
                    INSERT INTO app.holder
                        SELECT 2, NULL, NULL, NULL, NULL, ROW(1, NULL, NULL, '')::app.pair;
                    INSERT INTO app.holder SELECT 3, ROW(NULL, NULL, NULL, NULL)::app.pair, NULL, ROW(NULL, NULL, NULL)::app.frame
                    """);
            String seen = """
                    SELECT string_agg(to_json(s)::text, ';' ORDER BY id) FROM (
                        SELECT id, (plain).a AS a, (plain).c AS c, plain IS DISTINCT FROM NULL AS there, array_dims(many) AS dims,
                            (many[2][2]).a AS ma, (many[2][2]).c AS mc, many[1][2] IS DISTINCT FROM NULL AS mthere,
                            (frame).label AS l, ((frame).pair).a AS fa, ((frame).pair).c AS fc,
                            (((frame)."Pairs")[1]).c AS fpc, ((((frames)[1])."Pairs")[1]).a AS ffa, array_length(frames, 1) AS fs,
                            (sure).a AS sa, (sure).c AS sc, (turn).x, (turn).y
                        FROM app.holder
                    ) AS s
                    """;
            String before = value(connection, seen);
            assertThat(before).contains("\"c\":\"c)\\\\ '\"", "\"ffa\":7");

            SchemaDiff diff = SchemaDiff.between(from, to);
            assertThat(diff.toText().lines().filter(line -> line.endsWith("the attribute's values are lost")))
                    .hasSize(2);
            scratch.apply(diff);
            assertThat(value(connection, seen)).isEqualTo(before);
            assertThat(value(connection, "SELECT count(*) FROM app.holder WHERE (plain).d IS NULL"))
                    .isEqualTo("3");
            assertThat(value(connection, "INSERT INTO app.holder DEFAULT VALUES RETURNING (plain).a || (plain).c"))
                    .isEqualTo("1c");
            assertThat(SchemaDiff.between(scratch.read(), to).toText()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TYPE app.frame AS (n integer, pair app.pair); CREATE TABLE app.far (c app.frame)",
                "CREATE TYPE app.frame AS (n integer, pairs app.pair[]); CREATE TABLE app.far (c app.frame[])",
                "CREATE DOMAIN app.sure AS app.pair; CREATE TABLE app.far (c app.sure[])",
                "CREATE FUNCTION app.made() RETURNS app.pair LANGUAGE sql AS $$SELECT ROW(1, 'b')::app.pair$$;"
                        + " CREATE MATERIALIZED VIEW app.far AS SELECT app.made() AS c"
            })
    void areFoundBehindOtherTypesAndInMaterializedViews(String holder, Servers.Running servers) throws SQLException {
        for (int version : new int[] {18, 15}) {
            try (Scratch scratch = new Scratch(servers.fixture(version))) {
                scratch.execute("CREATE TYPE app.pair AS (a integer, b text)", holder);
                DatabaseSchema from = scratch.read();
                DatabaseSchema to = scratch.readAfter(
                        "DROP TYPE app.pair CASCADE; DROP TYPE IF EXISTS app.frame CASCADE; DROP TABLE IF EXISTS app.far",
                        "CREATE TYPE app.pair AS (a bigint)",
                        holder.replace("ROW(1, 'b')", "ROW(1)"));
                SchemaDiff diff = SchemaDiff.between(from, to);
                scratch.apply(diff);
                assertThat(SchemaDiff.between(scratch.read(), to).toText()).isEmpty();
                if (holder.contains("TABLE")) {
                    assertThat(diff.toText().lines()).contains("    ! the attribute's values are lost");
                }
            }
        }
    }

    private static String value(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }
}
