package dev.espalier.schema;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Statements that make, change and drop objects of all kinds under a handful of names, so that they get in each other's
 * way. Many fail, which is as it should be: whoever runs them goes on with the next.
 */
final class RandomStatements {

    private static final List<String> TYPES = List.of(
            "integer", "bigint", "text", "varchar(10)", "varchar(20)", "numeric(8,2)", "date", "boolean", "text[]");

    private final Random random;

    RandomStatements(long seed) {
        random = new Random(seed);
    }

    /** Statements to begin with, so that there is something for the others to work on. */
    List<String> first() {
        return List.of(
                "CREATE SCHEMA s0",
                "CREATE SCHEMA s1",
                "CREATE TYPE s0.u0 AS ENUM ('a', 'b')",
                "CREATE FUNCTION s0.f0(a integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN 1",
                "CREATE SEQUENCE s0.q0",
                "CREATE TABLE s0.t0 (c0 integer, c1 " + TYPES.get(random.nextInt(TYPES.size())) + ", c2 s0.u0)",
                "CREATE TABLE s0.t1 (c0 integer PRIMARY KEY, c1 integer, c3 text)",
                "CREATE TABLE s0.t2 (c0 integer NOT NULL, c1 text, c2 integer) PARTITION BY LIST (c0)",
                "CREATE VIEW s0.v0 AS SELECT * FROM s0." + pick("t0", "t1", "t2"));
    }

    /**
     * The next statement. Checks and dropped columns keep apart: PostgreSQL leaves a child's check marked as inherited when
     * the parent's goes with its column, and nothing can drop it then.
     */
    String next() {
        return switch (random.nextInt(46)) {
            case 0, 1, 2, 3, 4 ->
                "CREATE " + pick("", "", "UNLOGGED ") + "TABLE " + table() + " (" + columns() + ")" + tail();
            case 5 -> "CREATE TABLE " + table() + " (" + columns() + ") INHERITS (" + table() + ")";
            case 6 ->
                "CREATE TABLE " + table() + " (c0 integer NOT NULL, " + column(1) + ", " + column(2)
                        + ") PARTITION BY LIST (c0)";
            case 7, 8 ->
                "CREATE TABLE " + table() + " PARTITION OF " + table() + " FOR VALUES IN (" + random.nextInt(4) + ")";
            case 9 ->
                random.nextInt(3) == 0
                        ? "DROP TABLE " + table() + " CASCADE"
                        : "CREATE TABLE " + table() + " (c0 integer, c1 integer)";
            case 10, 11, 12 -> "ALTER TABLE " + table() + " ADD COLUMN " + column(random.nextInt(4));
            case 13 -> "ALTER TABLE " + table() + " DROP COLUMN " + pick("c2", "c3") + " CASCADE";
            case 14, 15 -> "ALTER TABLE " + table() + " ALTER COLUMN " + name() + " TYPE " + type() + " USING NULL";
            case 16, 17 ->
                "ALTER TABLE " + table() + " ALTER COLUMN " + name()
                        + pick(
                                " SET NOT NULL",
                                " DROP NOT NULL",
                                " DROP DEFAULT",
                                " SET DEFAULT NULL",
                                " SET STORAGE plain",
                                " SET STATISTICS 7",
                                " DROP IDENTITY");
            case 18, 19 ->
                "ALTER TABLE " + table() + " ADD CONSTRAINT k" + random.nextInt(3)
                        + pick(
                                        " PRIMARY KEY (%s)",
                                        " UNIQUE (%s)", " CHECK (%s IS NOT NULL)", " CHECK (%s IS NOT NULL) NOT VALID")
                                .formatted(name());
            case 20, 21 ->
                "ALTER TABLE " + table() + " ADD CONSTRAINT r" + random.nextInt(2) + " FOREIGN KEY (" + name()
                        + ") REFERENCES " + table() + pick("", " ON DELETE CASCADE", " NOT VALID");
            case 22 ->
                "ALTER TABLE " + table() + " DROP CONSTRAINT " + pick("k", "r") + random.nextInt(3)
                        + pick("", " CASCADE");
            case 23 -> "ALTER TABLE " + table() + pick(" INHERIT ", " NO INHERIT ") + table();
            case 24 -> "ALTER TABLE " + table() + " DETACH PARTITION " + table();
            case 25 ->
                "ALTER TABLE " + table() + " ATTACH PARTITION " + table() + " FOR VALUES IN (" + random.nextInt(4)
                        + ")";
            case 26 ->
                "CREATE " + pick("", "UNIQUE ") + "INDEX i" + random.nextInt(4) + " ON " + table() + " (" + name()
                        + pick(")", ") WHERE " + name() + " IS NOT NULL", ", (" + name() + " IS NULL))");
            case 27, 28, 29 -> "CREATE " + pick("", "OR REPLACE ") + "VIEW " + viewOn(table());
            case 30 -> "CREATE MATERIALIZED VIEW " + viewOn(table());
            case 31 -> "DROP VIEW " + view() + " CASCADE";
            case 32 ->
                "CREATE TYPE " + usertype()
                        + pick(
                                " AS ENUM ('a', 'b')",
                                " AS ENUM ('b', 'c', 'a')",
                                " AS (x integer, y text)",
                                " AS (x bigint)");
            case 33 ->
                "CREATE DOMAIN " + usertype() + " AS " + type() + pick("", " NOT NULL", " CHECK (VALUE IS NOT NULL)");
            case 34 ->
                pick(
                        "ALTER TYPE " + usertype() + " ADD VALUE 'z'",
                        "ALTER TYPE " + usertype() + " ADD ATTRIBUTE w " + type(),
                        "DROP TYPE " + usertype() + " CASCADE");
            case 35, 36 ->
                "CREATE " + pick("", "OR REPLACE ") + "FUNCTION " + function() + "(a " + type() + ") RETURNS " + type()
                        + " LANGUAGE sql IMMUTABLE "
                        + pick("AS 'SELECT NULL'", "RETURN NULL", "RETURN (SELECT max(c0)::text FROM " + table() + ")");
            case 37 -> "DROP FUNCTION " + function() + " CASCADE";
            case 38 ->
                "CREATE SEQUENCE " + sequence()
                        + pick("", " INCREMENT 5 CACHE 2", " AS smallint CYCLE", " OWNED BY " + table() + "." + name());
            case 39 ->
                "ALTER SEQUENCE " + sequence()
                        + pick(
                                " INCREMENT 3",
                                " AS integer",
                                " OWNED BY " + table() + "." + name(),
                                " OWNED BY NONE",
                                " MINVALUE -5 MAXVALUE 900",
                                " MINVALUE 20 START 30 RESTART");
            case 40 -> "CREATE POLICY " + pick("p0", "p1") + " ON " + table() + " USING (" + name() + " IS NOT NULL)";
            case 41 ->
                "ALTER TABLE " + table()
                        + pick(
                                " ENABLE ROW LEVEL SECURITY",
                                " SET UNLOGGED",
                                " SET LOGGED",
                                " SET (fillfactor = 50)",
                                " RESET (fillfactor)",
                                " REPLICA IDENTITY FULL");
            case 42 ->
                "CREATE TRIGGER " + pick("g0", "g1") + pick(" BEFORE", " AFTER")
                        + pick(" INSERT", " UPDATE OF " + name()) + " ON " + table()
                        + " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()";
            case 43 -> "ALTER TABLE " + table() + " OWNER TO " + role();
            case 44 ->
                pick("GRANT ", "REVOKE ") + pick("SELECT", "ALL", "UPDATE (" + name() + ")") + " ON " + table()
                        + pick(" TO ", " FROM ") + role();
            default ->
                "COMMENT ON " + pick("TABLE " + table(), "COLUMN " + table() + "." + name(), "VIEW " + view()) + " IS "
                        + pick("NULL", "'it''s'", "E'a\\nb'");
        };
    }

    /** A view reads a table or a view of a higher number, never itself. */
    private String viewOn(String table) {
        String body = " AS SELECT " + pick("*", name(), name() + ", " + name(), "count(*)") + " FROM ";
        return switch (random.nextInt(6)) {
            case 0 -> "s0.v0" + body + pick("s0.v1", "s0.v2", "s1.v3");
            case 1 -> "s0.v1" + body + pick("s0.v2", "s1.v3");
            case 2 -> "s0.t0" + body + "s1.t1";
            default -> view() + body + table;
        };
    }

    private String columns() {
        return IntStream.range(0, 1 + random.nextInt(4)).mapToObj(this::column).collect(Collectors.joining(", "));
    }

    private String column(int number) {
        return "c" + number + " " + type()
                + pick(
                        "",
                        "",
                        "",
                        " NOT NULL",
                        " DEFAULT NULL",
                        " DEFAULT " + function() + "(1)",
                        " PRIMARY KEY",
                        " UNIQUE",
                        " GENERATED BY DEFAULT AS IDENTITY",
                        " DEFAULT nextval('" + sequence() + "')",
                        " GENERATED ALWAYS AS (" + function() + "(" + name() + ")) STORED",
                        " GENERATED ALWAYS AS (" + name() + " IS NULL) STORED",
                        " REFERENCES " + table());
    }

    private String tail() {
        return pick("", "", "", " WITH (fillfactor = 60)");
    }

    private String type() {
        return switch (random.nextInt(5)) {
            case 0 -> usertype();
            case 1, 2 -> TYPES.get(random.nextInt(TYPES.size()));
            default -> "integer";
        };
    }

    private String table() {
        return pick("s0.", "s0.", "s0.", "s1.") + "t" + random.nextInt(3);
    }

    /** Some views have the names of tables. */
    private String view() {
        return pick("s0.v0", "s0.v1", "s0.v2", "s1.v3", "s0.t0");
    }

    private String name() {
        return pick("c0", "c0", "c1", "c1", "c2", "c3");
    }

    private String usertype() {
        return pick("s0.u0", "s0.u1", "s1.u0");
    }

    private String function() {
        return pick("s0.f0", "s0.f1");
    }

    private String sequence() {
        return pick("s0.q0", "s0.q1", "s1.q0");
    }

    private String role() {
        return pick("reader", "writer", "shop_owner");
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
