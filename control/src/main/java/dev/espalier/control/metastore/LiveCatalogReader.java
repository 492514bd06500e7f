package dev.espalier.control.metastore;

import dev.espalier.control.metastore.LiveCatalog.Column;
import dev.espalier.control.metastore.LiveCatalog.ColumnRef;
import dev.espalier.control.metastore.LiveCatalog.Function;
import dev.espalier.control.metastore.LiveCatalog.Kind;
import dev.espalier.control.metastore.LiveCatalog.Parameter;
import dev.espalier.control.metastore.LiveCatalog.Renamed;
import dev.espalier.control.metastore.LiveCatalog.Routine;
import dev.espalier.control.metastore.LiveCatalog.Schema;
import dev.espalier.control.metastore.LiveCatalog.Table;
import dev.espalier.control.metastore.NameHolders.Holder;
import dev.espalier.control.metastore.NameHolders.Name;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what users have made in a database, with a few queries. */
public final class LiveCatalogReader {

    /** Schemas of users; those that Espalier makes belong to its superuser or to roles of its own. */
    private static final String USERS_SCHEMA = """
            n.nspname !~ '^(pg_|information_schema$|espalier)'
            AND pg_catalog.pg_get_userbyid(n.nspowner) !~ '^espalier($|_view_|_profile_)'
            """;

    /** What belongs to whoever owns the database is his. */
    private static final String OWNER = """
            (SELECT pg_catalog.pg_get_userbyid(CASE WHEN o.rolname = 'pg_database_owner' THEN d.datdba ELSE o.oid END)
             FROM pg_catalog.pg_roles o, pg_catalog.pg_database d
             WHERE o.oid = %s AND d.datname = pg_catalog.current_database())
            """;

    private static final String SCHEMAS = """
            SELECT n.nspname, %s AS owner, pg_catalog.left(pg_catalog.obj_description(n.oid, 'pg_namespace'), 65536) AS comment
            FROM pg_catalog.pg_namespace n
            WHERE %s
            ORDER BY n.nspname COLLATE "C"
            """.formatted(OWNER.formatted("n.nspowner"), USERS_SCHEMA);

    /** With joins: there may be thousands of columns, and a question for each takes longer than all of it. */
    private static final String TABLES = """
            SELECT n.nspname, c.relname, c.relkind,
                   pg_catalog.pg_get_userbyid(CASE WHEN o.rolname = 'pg_database_owner' THEN d.datdba ELSE o.oid END) AS owner,
                   pg_catalog.left(t.description, 65536) AS comment, a.attname, a.attnum, NOT a.attnotnull AS nullable,
                   pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, pg_catalog.left(s.description, 65536) AS column_comment
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
            LEFT JOIN pg_catalog.pg_roles o ON o.oid = c.relowner
            LEFT JOIN pg_catalog.pg_description t
                ON t.classoid = 'pg_catalog.pg_class'::regclass AND t.objoid = c.oid AND t.objsubid = 0
            LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            LEFT JOIN pg_catalog.pg_description s
                ON s.classoid = 'pg_catalog.pg_class'::regclass AND s.objoid = c.oid AND s.objsubid = a.attnum
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND %s
            ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", a.attnum
            """.formatted(USERS_SCHEMA);

    private static final String FUNCTIONS = """
            WITH RECURSIVE raising (function) AS (
                SELECT p.oid
                FROM pg_catalog.pg_proc p
                JOIN pg_catalog.pg_language l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
                -- Not in comments, strings and names in quotes; where it is not plain where these end, they count, and so does all of a long text.
                WHERE CASE
                    WHEN octet_length(p.prosrc) > 1048576 THEN true
                    ELSE p.prosrc ~* '\\m(raise|assert)\\M'
                      AND (p.prosrc ~ '\\$\\w*\\$|\\\\''|/\\*([^*]|\\*+[^*/])*/\\*'
                           OR regexp_replace(p.prosrc, '--[^\\n\\r]*|/\\*([^*]|\\*+[^*/])*\\*+/|"[^"]*"|''[^'']*''', ' ', 'g')
                              ~* '\\m(raise|assert)\\M')
                END
                UNION
                SELECT d.objid
                FROM raising r
                JOIN pg_catalog.pg_depend d
                    ON d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.refobjid = r.function
                    AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
            )
            SELECT n.nspname, p.proname, %s AS owner, pg_catalog.left(pg_catalog.obj_description(p.oid, 'pg_proc'), 65536) AS comment,
                   p.pronargdefaults, pg_catalog.format_type(p.prorettype, NULL) AS returns, l.lanname, p.prosecdef,
                   CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END AS volatility,
                   p.prosqlbody IS NOT NULL
                   -- Where pg_temp is not named, PostgreSQL looks there first.
                   OR (EXISTS (SELECT FROM unnest(p.proconfig) AS s
                               WHERE s ~ '^search_path=\\s*(("([^"]|"")*"|[^",\\s]+)\\s*,\\s*)+("pg_temp"|pg_temp)\\s*$'
                                 AND s !~ 'pg_temp.*pg_temp')
                       -- Whoever calls it says by this setting whether a backslash in a string is one.
                       AND (position(chr(92) IN p.prosrc) = 0 OR 'standard_conforming_strings=on' = ANY (p.proconfig))) AS bound,
                   EXISTS (SELECT FROM pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) x
                           WHERE x.grantee = 0) AS open,
                   p.oid IN (SELECT r.function FROM raising r) AS raises,
                   -- PostgreSQL takes texts of up to 1 GB. How long one is it tells without reading it.
                   CASE
                       WHEN greatest(octet_length(p.prosrc), octet_length(p.prosqlbody::text)) > 1048576 THEN ''
                       ELSE coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc)
                   END AS body,
                   ARRAY(SELECT pg_catalog.format_type(t, NULL)
                         FROM unnest(p.proargtypes) WITH ORDINALITY AS u (t, place)
                         ORDER BY place) AS types,
                   p.proargnames AS names
            FROM pg_catalog.pg_proc p
            JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
            JOIN pg_catalog.pg_language l ON l.oid = p.prolang
            WHERE p.prokind = 'f' AND %s
              -- What an extension brings is not the users'.
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                              WHERE e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND e.objid = p.oid
                                AND e.deptype = 'e')
            ORDER BY n.nspname COLLATE "C", p.proname COLLATE "C", p.oid
            """.formatted(OWNER.formatted("p.proowner"), USERS_SCHEMA);

    private static final String ROUTINES = """
            SELECT DISTINCT n.nspname, p.proname, %s AS owner,
                   EXISTS (SELECT FROM pg_catalog.pg_depend e
                           WHERE e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND e.objid = p.oid
                             AND e.deptype = 'e') AS of_extension
            FROM pg_catalog.pg_proc p
            JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
            WHERE %s
            ORDER BY 1, 2, 3, 4
            """.formatted(OWNER.formatted("p.proowner"), USERS_SCHEMA);

    /** Whether the database is under rules. Only a superuser can have made that; tables of anybody else's are not read. */
    private static final String IS_GOVERNED = """
            SELECT count(*) = 2
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_roles o ON o.oid = n.nspowner AND o.rolsuper
            WHERE n.nspname = 'espalier_governance' AND c.relname IN ('known_relation', 'known_column') AND c.relkind = 'r'
            """;

    private static final String RENAMED = """
            SELECT t.schema, t.name, k.name, n.nspname, c.relname, a.attname
            FROM espalier_governance.known_column k
            JOIN espalier_governance.known_relation t ON t.relid = k.relid
            JOIN pg_catalog.pg_class c ON c.oid = k.relid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_attribute a ON a.attrelid = k.relid AND a.attnum = k.attnum AND NOT a.attisdropped
            WHERE (t.schema, t.name, k.name) <> (n.nspname, c.relname, a.attname)
            """;

    private static final String HOLDERS = """
            SELECT n.nspname, '', n.oid::bigint FROM pg_catalog.pg_namespace n WHERE %s
            UNION ALL
            SELECT n.nspname, c.relname, c.oid::bigint
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND %s
            """.formatted(USERS_SCHEMA, USERS_SCHEMA);

    private static final String FIRST_HOLDERS = """
            SELECT k.schema, k.name, k.relid::bigint
            FROM espalier_governance.known_relation k
            JOIN pg_catalog.pg_class c ON c.oid = k.relid
            """;

    private LiveCatalogReader() {}

    /** @param session in the database, of the superuser */
    public static LiveCatalog read(Connection session) throws SQLException {
        boolean governed = isGoverned(session);
        return new LiveCatalog(
                schemas(session),
                tables(session),
                functions(session),
                routines(session),
                governed ? renamed(session) : List.of(),
                NameHolders.of(holders(session, HOLDERS)).and(governed ? holders(session, FIRST_HOLDERS) : List.of()));
    }

    /** Columns with another name, or of tables with another name, than when the rules saw them first. */
    public static List<Renamed> readRenamed(Connection session) throws SQLException {
        return isGoverned(session) ? renamed(session) : List.of();
    }

    private static List<Schema> schemas(Connection session) throws SQLException {
        List<Schema> schemas = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(SCHEMAS)) {
            while (rows.next()) {
                schemas.add(new Schema(rows.getString("nspname"), rows.getString("owner"), text(rows, "comment")));
            }
        }
        return schemas;
    }

    private static List<Table> tables(Connection session) throws SQLException {
        Map<List<String>, Table> tables = new LinkedHashMap<>();
        Map<List<String>, List<Column>> columns = new LinkedHashMap<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(TABLES)) {
            while (rows.next()) {
                List<String> name = List.of(rows.getString("nspname"), rows.getString("relname"));
                if (!tables.containsKey(name)) {
                    tables.put(name, table(rows));
                    columns.put(name, new ArrayList<>());
                }
                if (rows.getString("attname") != null) {
                    columns.getOrDefault(name, new ArrayList<>())
                            .add(new Column(
                                    rows.getString("attname"),
                                    rows.getInt("attnum"),
                                    rows.getString("type"),
                                    rows.getBoolean("nullable"),
                                    text(rows, "column_comment")));
                }
            }
        }
        List<Table> all = new ArrayList<>();
        tables.forEach((name, table) -> all.add(new Table(
                table.schema(),
                table.name(),
                table.kind(),
                table.owner(),
                table.comment(),
                columns.getOrDefault(name, List.of()))));
        return all;
    }

    private static Table table(ResultSet row) throws SQLException {
        Kind kind = switch (row.getString("relkind")) {
            case "v" -> Kind.VIEW;
            case "m" -> Kind.MATERIALIZED_VIEW;
            case "f" -> Kind.FOREIGN_TABLE;
            default -> Kind.TABLE;
        };
        return new Table(
                row.getString("nspname"),
                row.getString("relname"),
                kind,
                row.getString("owner"),
                text(row, "comment"),
                List.of());
    }

    private static List<Function> functions(Connection session) throws SQLException {
        List<Function> functions = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(FUNCTIONS)) {
            while (rows.next()) {
                functions.add(new Function(
                        rows.getString("nspname"),
                        rows.getString("proname"),
                        rows.getString("owner"),
                        text(rows, "comment"),
                        parameters(texts(rows.getArray("types")), texts(rows.getArray("names"))),
                        rows.getInt("pronargdefaults"),
                        rows.getString("returns"),
                        rows.getString("lanname"),
                        rows.getString("volatility"),
                        rows.getBoolean("prosecdef"),
                        rows.getBoolean("bound"),
                        rows.getBoolean("open"),
                        rows.getBoolean("raises"),
                        rows.getString("body")));
            }
        }
        return functions;
    }

    private static List<Routine> routines(Connection session) throws SQLException {
        List<Routine> routines = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(ROUTINES)) {
            while (rows.next()) {
                routines.add(new Routine(
                        rows.getString("nspname"),
                        rows.getString("proname"),
                        rows.getString("owner"),
                        rows.getBoolean("of_extension")));
            }
        }
        return routines;
    }

    private static List<Renamed> renamed(Connection session) throws SQLException {
        List<Renamed> renamed = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(RENAMED)) {
            while (rows.next()) {
                renamed.add(new Renamed(
                        new ColumnRef(rows.getString(1), rows.getString(2), rows.getString(3)),
                        new ColumnRef(rows.getString(4), rows.getString(5), rows.getString(6))));
            }
        }
        return renamed;
    }

    private static boolean isGoverned(Connection session) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(IS_GOVERNED)) {
            return rows.next() && rows.getBoolean(1);
        }
    }

    private static List<Holder> holders(Connection session, String query) throws SQLException {
        List<Holder> holders = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(query)) {
            while (rows.next()) {
                holders.add(new Holder(new Name(rows.getString(1), rows.getString(2)), rows.getLong(3)));
            }
        }
        return holders;
    }

    /** @param names of the arguments that go in come first; none at all, or empty ones, where they have none */
    private static List<Parameter> parameters(List<String> types, List<String> names) {
        List<Parameter> parameters = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            Optional<String> name =
                    i < names.size() && !names.get(i).isEmpty() ? Optional.of(names.get(i)) : Optional.empty();
            parameters.add(new Parameter(name, types.get(i)));
        }
        return parameters;
    }

    private static List<String> texts(@Nullable Array array) throws SQLException {
        List<String> texts = new ArrayList<>();
        if (array != null) {
            for (Object text : (Object[]) array.getArray()) {
                texts.add(String.valueOf(text));
            }
        }
        return texts;
    }

    private static Optional<String> text(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getString(column));
    }
}
