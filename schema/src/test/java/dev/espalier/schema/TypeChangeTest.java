package dev.espalier.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;

import dev.espalier.schema.model.DatabaseSchema;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No value is lost by a new type of its column without a warning. */
@ExtendWith(Servers.class)
class TypeChangeTest {

    /** Values at the edges of each type. */
    private static final Map<String, List<String>> VALUES = values();

    private static Map<String, List<String>> values() {
        Map<String, List<String>> values = new LinkedHashMap<>();
        values.put("smallint", List.of("-32768", "32767"));
        values.put("integer", List.of("-2147483648", "2147483647", "16777217"));
        values.put("bigint", List.of("-9223372036854775808", "9007199254740993"));
        values.put("numeric", List.of("123456789012345678901234567890", "0.12345678901234567890", "NaN"));
        values.put("numeric(12,4)", List.of("12345678.1234", "-0.0001"));
        values.put("numeric(12,2)", List.of("1234567890.12", "-0.01"));
        values.put("numeric(10,0)", List.of("9999999999"));
        values.put("numeric(5,-2)", List.of("9999900"));
        values.put("real", List.of("0.1", "3.4028235e38", "1.17549435e-38"));
        values.put("double precision", List.of("0.1", "1.7976931348623157e308", "0.30000000000000004"));
        values.put("text", List.of("ü".repeat(100), "blank  "));
        values.put("character varying", List.of("ü".repeat(100), "blank  "));
        values.put("character varying(8)", List.of("12345678", "ab     "));
        values.put("character varying(5)", List.of("12345", "ab   "));
        values.put("character(8)", List.of("12345678", "ab"));
        values.put("character(5)", List.of("12345", "ab"));
        values.put("name", List.of("n".repeat(63)));
        values.put("boolean", List.of("true"));
        values.put("date", List.of("2024-02-29", "4713-01-01 BC"));
        values.put("timestamp without time zone", List.of("2024-02-29 23:59:59.999999"));
        values.put("timestamp(6) without time zone", List.of("2024-02-29 23:59:59.999999"));
        values.put("timestamp(3) without time zone", List.of("2024-02-29 23:59:59.999"));
        values.put("timestamp(0) without time zone", List.of("2024-02-29 23:59:59"));
        values.put("timestamp with time zone", List.of("2024-02-29 23:59:59.999999+00"));
        values.put("timestamp(3) with time zone", List.of("2024-02-29 23:59:59.999+00"));
        values.put("time without time zone", List.of("23:59:59.999999"));
        values.put("time(2) without time zone", List.of("23:59:59.99"));
        values.put("time(2) with time zone", List.of("23:59:59.99+03"));
        values.put("interval", List.of("1 year 2 days 03:04:05.678901"));
        values.put("interval(2)", List.of("1 year 2 days 03:04:05.67"));
        values.put("interval year to month", List.of("3 years 2 mons"));
        values.put("interval day to second(3)", List.of("2 days 03:04:05.678"));
        values.put("inet", List.of("10.1.2.3/8"));
        values.put("cidr", List.of("10.0.0.0/8"));
        values.put("json", List.of("{\"b\": 1,  \"a\": 2, \"a\": 3}"));
        values.put("jsonb", List.of("{\"b\": 1, \"a\": 2}"));
        values.put("bit(3)", List.of("101"));
        values.put("bit varying", List.of("1".repeat(40)));
        values.put("bit varying(8)", List.of("10101010"));
        values.put("bit varying(4)", List.of("1010"));
        values.put("numeric(12,4)[]", List.of("{1.2345,-0.0001}"));
        values.put("numeric(12,2)[]", List.of("{1.23}"));
        values.put("integer[]", List.of("{1,NULL,2147483647}"));
        values.put("bigint[]", List.of("{9007199254740993}"));
        values.put("text[]", List.of("{0123456789}"));
        values.put("character varying(5)[]", List.of("{12345}"));
        return values;
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void whatIsNotWarnedOfKeepsEveryValue(int version, Servers.Running servers) throws SQLException {
        Connection connection = servers.fixture(version);
        List<String> types = List.copyOf(VALUES.keySet());
        try (Scratch scratch = new Scratch(connection)) {
            List<String> changes = new ArrayList<>();
            for (int i = 0; i < types.size(); i++) {
                StringBuilder columns = new StringBuilder();
                StringBuilder changed = new StringBuilder();
                for (int j = 0; j < types.size(); j++) {
                    columns.append(", c").append(j).append(' ').append(types.get(i));
                    changed.append(", ALTER c")
                            .append(j)
                            .append(" TYPE ")
                            .append(types.get(j))
                            .append(" USING NULL");
                }
                scratch.execute("CREATE TABLE app.t" + i + " (" + columns.substring(2) + ")");
                changes.add("ALTER TABLE app.t" + i + changed.substring(1));
            }
            DatabaseSchema from = scratch.read();
            DatabaseSchema to = scratch.readAfter(changes.toArray(String[]::new));
            for (int i = 0; i < types.size(); i++) {
                for (String value : VALUES.getOrDefault(types.get(i), List.of())) {
                    scratch.execute("INSERT INTO app.t" + i + " VALUES ("
                            + ("'" + value + "', ").repeat(types.size() - 1) + "'" + value + "')");
                }
            }
            int kept = 0;
            for (Change change : SchemaDiff.between(from, to).changes()) {
                if (change.warnings().isEmpty()) {
                    String[] column = change.identity().split("\\.");
                    String source = types.get(Integer.parseInt(column[1].substring(1)));
                    String read =
                            "SELECT string_agg(" + column[2] + "::%s::" + source + "::text, ';') FROM app." + column[1];
                    String before = value(connection, read.formatted(source));
                    scratch.execute(change.ddl().toArray(String[]::new));
                    String target = types.get(Integer.parseInt(column[2].substring(1)));
                    assertThat(value(connection, read.formatted(target)))
                            .as("from %s to %s", source, target)
                            .isEqualTo(before);
                    kept++;
                }
            }
            assertThat(kept).isGreaterThan(100);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void whatRoundsOrCutsIsWarnedOf(int version, Servers.Running servers) throws SQLException {
        assertLost(servers, version, "numeric(12,4)", "numeric(12,2)", "1.2345", "1.23");
        assertLost(servers, version, "numeric", "integer", "1.5", "2");
        assertLost(servers, version, "double precision", "integer", "1.4", "1");
        assertLost(servers, version, "double precision", "real", "0.123456789012", "0.12345679");
        assertLost(servers, version, "double precision", "numeric", "0.30000000000000004", "0.3");
        assertLost(servers, version, "bigint", "double precision", "9007199254740993", "9.007199254740992e+15");
        assertLost(servers, version, "timestamp without time zone", "date", "2024-02-29 23:59:59", "2024-02-29");
        assertLost(
                servers,
                version,
                "timestamp without time zone",
                "timestamp(0) without time zone",
                "2024-02-29 23:59:59.6",
                "2024-03-01 00:00:00");
        assertLost(servers, version, "text", "name", "n".repeat(70), "n".repeat(63));
        assertLost(servers, version, "character(5)", "text", "ab   ", "ab");
        assertLost(servers, version, "numeric(12,4)[]", "numeric(12,2)[]", "{1.2345}", "{1.23}");
    }

    private static void assertLost(
            Servers.Running servers, int version, String source, String target, String value, String left)
            throws SQLException {
        Connection connection = servers.fixture(version);
        try (Scratch scratch = new Scratch(connection)) {
            scratch.execute("CREATE TABLE app.t (c " + source + ")");
            DatabaseSchema from = scratch.read();
            SchemaDiff diff = SchemaDiff.between(from, scratch.readAfter("ALTER TABLE app.t ALTER c TYPE " + target));
            scratch.execute("INSERT INTO app.t VALUES ('" + value + "')");
            scratch.apply(diff);
            assertThat(value(connection, "SELECT c::text FROM app.t")).isEqualTo(left);
            assertThat(diff.changes().getFirst().warnings())
                    .containsExactly(target + " may not hold every value of " + source
                            + ": one that does not fit is rounded or cut, or makes the statement fail");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void aDomainsValuesAreRoundedWithAWarningAndNeverCut(int version, Servers.Running servers) throws SQLException {
        try (Scratch scratch = new Scratch(servers.fixture(version))) {
            scratch.execute("""
                    CREATE DOMAIN app.amount AS numeric(12,4);
                    CREATE DOMAIN app.price AS app.amount;
                    CREATE DOMAIN app.code AS varchar(10);
                    CREATE TABLE app.t (price app.price, code app.code, plain app.price)""");
            DatabaseSchema from = scratch.read();
            SchemaDiff diff = SchemaDiff.between(from, scratch.readAfter("""
                    DROP TABLE app.t;
                    DROP DOMAIN app.price, app.code;
                    CREATE DOMAIN app.price AS numeric(12,2);
                    CREATE DOMAIN app.code AS varchar(5);
                    CREATE TABLE app.t (price app.price, code app.code, plain numeric(12,4))"""));
            String rounded =
                    "numeric(12,2) may not hold every value of numeric(12,4): one that does not fit is rounded or"
                            + " cut, or makes the statement fail";
            assertThat(diff.changes())
                    .extracting(Change::identity, Change::warnings)
                    .containsExactly(
                            tuple(
                                    "app.code",
                                    List.of(
                                            "values are converted through text",
                                            "character varying(5) may not hold every value of character varying(10):"
                                                    + " one that does not fit is rounded or cut, or makes the statement"
                                                    + " fail")),
                            tuple("app.price", List.of("values are converted through text", rounded)),
                            tuple("app.t.plain", List.of()));
            scratch.execute("INSERT INTO app.t (code) VALUES ('0123456789')");
            assertThat(catchThrowable(() -> scratch.apply(diff)))
                    .hasMessageContaining("value too long for type character varying(5)");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void valuesOfATypeThatMakesWayAreNotCut(int version, Servers.Running servers) throws SQLException {
        try (Scratch scratch = new Scratch(servers.fixture(version))) {
            scratch.execute(
                    "CREATE TYPE app.size AS ENUM ('small', 'large'); CREATE TABLE app.t (kept app.size, size app.size)");
            DatabaseSchema from = scratch.read();
            SchemaDiff diff = SchemaDiff.between(from, scratch.readAfter("""
                    DROP TABLE app.t;
                    DROP TYPE app.size;
                    CREATE TYPE app.size AS ENUM ('large', 'small');
                    CREATE TABLE app.t (kept app.size, size varchar(3))"""));
            scratch.execute("INSERT INTO app.t VALUES ('small', 'small')");
            assertThat(diff.toScript().lines())
                    .contains(
                            "-- ! column app.t.size: character varying(3) may not hold every value of app.size: one that"
                                    + " does not fit is rounded or cut, or makes the statement fail");
            assertThat(catchThrowable(() -> scratch.apply(diff)))
                    .hasMessageContaining("value too long for type character varying(3)");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void stringsInArraysAreNotCut(int version, Servers.Running servers) throws SQLException {
        try (Scratch scratch = new Scratch(servers.fixture(version))) {
            scratch.execute("CREATE TABLE app.t (c text[])");
            SchemaDiff diff = SchemaDiff.between(
                    scratch.read(), scratch.readAfter("ALTER TABLE app.t ALTER c TYPE varchar(3)[]"));
            scratch.execute("INSERT INTO app.t VALUES ('{0123456789}')");
            assertThat(diff.changes().getFirst().warnings()).hasSize(1);
            assertThat(catchThrowable(() -> scratch.apply(diff)))
                    .hasMessageContaining("value too long for type character varying(3)");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void theSessionsTimeZoneIsWarnedOf(int version, Servers.Running servers) throws SQLException {
        try (Scratch scratch = new Scratch(servers.fixture(version))) {
            scratch.execute("CREATE TABLE app.t (c timestamp)");
            SchemaDiff diff =
                    SchemaDiff.between(scratch.read(), scratch.readAfter("ALTER TABLE app.t ALTER c TYPE timestamptz"));
            assertThat(diff.changes().getFirst().warnings())
                    .contains("values are converted by the session's time zone: set the one they are meant in");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void anAttributeOfAColumnsTypeIsNotLostUntold(int version, Servers.Running servers) throws SQLException {
        try (Scratch scratch = new Scratch(servers.fixture(version))) {
            scratch.execute("CREATE TYPE app.pair AS (a numeric(12,4), b text); CREATE TABLE app.t (pair app.pair)");
            SchemaDiff diff = SchemaDiff.between(scratch.read(), scratch.readAfter("""
                    DROP TABLE app.t;
                    ALTER TYPE app.pair DROP ATTRIBUTE b, ALTER ATTRIBUTE a TYPE numeric(12,2);
                    CREATE TABLE app.t (pair app.pair)"""));
            assertThat(diff.toText().lines())
                    .contains(
                            "    ! numeric(12,2) may not hold every value of numeric(12,4): one that does not fit is"
                                    + " rounded or cut, or makes the statement fail",
                            "    ! the attribute's values are lost");
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
