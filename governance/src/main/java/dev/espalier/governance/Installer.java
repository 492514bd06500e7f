package dev.espalier.governance;

import dev.espalier.postgres.Identifiers;
import dev.espalier.postgres.Polling;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Puts what governs a database into it. A branch from an earlier day may hold an earlier version, which is told by the hash of
 * the scripts and replaced. What things were called and the key of the tokens stay.
 */
final class Installer {

    /** In this order, because each may use what those before it define. */
    private static final List<String> SCRIPTS = Stream.of(
                    "mask_library",
                    "frame",
                    "loose",
                    "masked",
                    "reading",
                    "grants",
                    "rebound",
                    "views",
                    "writing",
                    "row_filters",
                    "guard",
                    "principals",
                    "apply",
                    "refusals",
                    "migrations",
                    "probe",
                    "last")
            .map(name -> Resource.text(name + ".sql"))
            .toList();

    private static final Duration POLL = Duration.ofMillis(20);

    private static final String VERSION = new Digest().add(SCRIPTS.toArray()).hex();

    private Installer() {}

    /** The version that is there, if any. Only a superuser can have put it there. */
    static Optional<String> installed(Connection session) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("""
                        SELECT coalesce(obj_description(n.oid, 'pg_namespace'), '')
                        FROM pg_catalog.pg_namespace n
                        JOIN pg_catalog.pg_roles o ON o.oid = n.nspowner AND o.rolsuper
                        WHERE n.nspname = 'espalier_governance'
                        """)) {
            return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
        }
    }

    /**
     * Who owns the database could have given a schema of his a name that is Espalier's, and what is in it would run as the superuser: it is
     * called something else before anything of it is read. Within the transaction that is open.
     *
     * @return what was renamed
     */
    static List<String> makeRoom(Connection session) throws SQLException {
        List<String> renamed = new ArrayList<>();
        for (String name : names(session, """
                SELECT n.nspname
                FROM pg_catalog.pg_namespace n
                JOIN pg_catalog.pg_roles o ON o.oid = n.nspowner AND NOT o.rolsuper
                WHERE n.nspname IN ('espalier_governance', 'espalier_secret', 'espalier_mask')
                ORDER BY 1
                """)) {
            String other = name + "_" + UUID.randomUUID().toString().substring(0, 8);
            try (var statement = session.createStatement()) {
                statement.execute(
                        "ALTER SCHEMA " + Identifiers.quoted(name) + " RENAME TO " + Identifiers.quoted(other));
            }
            renamed.add("The schema " + name + " is called " + other
                    + " now, because its owner is no superuser and its name is Espalier's. Give it a name of its own.");
        }
        return renamed;
    }

    static boolean isCurrent(Optional<String> installed) {
        return installed.filter(VERSION::equals).isPresent();
    }

    /**
     * Waits for the migrations that were open when the first installation was committed: no hook has seen what they have made, and it is seen
     * when they have ended.
     *
     * @param patience beyond which none is waited for that nobody ends
     * @return whether there was any
     */
    static boolean awaitMigrations(Connection session, Duration patience) throws SQLException {
        List<String> open = names(session, """
                SELECT DISTINCT l.virtualtransaction
                FROM pg_catalog.pg_locks l
                WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.granted
                  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
                  AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
                """);
        try (var left = session.prepareStatement(
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.virtualtransaction = ANY (?))")) {
            left.setArray(1, session.createArrayOf("text", open.toArray()));
            boolean _ = Polling.until(patience, POLL, () -> !holds(left));
        }
        return !open.isEmpty();
    }

    private static boolean holds(PreparedStatement query) throws SQLException {
        try (var rows = query.executeQuery()) {
            return rows.next() && rows.getBoolean(1);
        }
    }

    /** Within the transaction that is open. */
    static void install(Connection session, Optional<String> installed) throws SQLException {
        try (var statement = session.createStatement()) {
            List<String> retired = new ArrayList<>();
            if (installed.isPresent()) {
                retired.addAll(takeOut(session));
            }
            for (String script : SCRIPTS) {
                run(session, script);
            }
            statement.execute("COMMENT ON SCHEMA espalier_governance IS '" + VERSION + "'");
            if (installed.isPresent()) {
                bringBack(statement, "known_relation", "relid, schema, name");
                bringBack(statement, "known_column", "relid, attnum, name");
                bringBack(statement, "compiled_filter", "profile, relid, expression, definition");
                bringBack(statement, "shut_out", "principal, reason, could_sign_in");
                bringBack(statement, "known_whole", "relid, schema, name, apart");
                statement.execute("DROP TABLE known_relation, known_column, compiled_filter, shut_out, known_whole");
            }
            try (var insert =
                    session.prepareStatement("INSERT INTO espalier_governance.retired_schema (name) VALUES (?)")) {
                for (String name : retired) {
                    insert.setString(1, name);
                    insert.executeUpdate();
                }
            }
        }
    }

    /** From the temporary table of that name: the one of before could have had its columns in another order. */
    private static void bringBack(Statement statement, String table, String columns) throws SQLException {
        statement.execute(
                "INSERT INTO espalier_governance.%1$s (%2$s) SELECT %2$s FROM %1$s".formatted(table, columns));
    }

    /** As one statement to the driver, which would take some of the script's for the end of others. */
    static void run(Connection session, String script) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute("DO $espalier_do$ BEGIN EXECUTE $espalier_script$" + script
                    + "$espalier_script$; END $espalier_do$");
        }
    }

    /**
     * Takes the earlier version out, and all access with it: its views are given away to be dropped later, because somebody may
     * be reading them; filters stay, and are compared with what they should be.
     *
     * @return names of schemas to drop
     */
    private static List<String> takeOut(Connection session) throws SQLException {
        try (var statement = session.createStatement()) {
            for (String trigger : List.of("espalier_start", "espalier_end", "espalier_drop")) {
                statement.execute("DROP EVENT TRIGGER IF EXISTS " + trigger);
            }
            statement.execute("""
                    CREATE TEMPORARY TABLE known_relation ON COMMIT DROP AS
                    SELECT relid, schema, name FROM espalier_governance.known_relation
                    """);
            statement.execute("""
                    CREATE TEMPORARY TABLE known_column ON COMMIT DROP AS
                    SELECT relid, attnum, name FROM espalier_governance.known_column
                    """);
            // Filters that call functions of the library are made anew with these, though their text stays the same.
            statement.execute("""
                    CREATE TEMPORARY TABLE compiled_filter ON COMMIT DROP AS
                    SELECT k.profile, k.relid, k.expression, CASE
                               WHEN EXISTS (
                                   SELECT FROM pg_catalog.pg_policy p
                                   JOIN pg_catalog.pg_depend d
                                       ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND d.objid = p.oid
                                   JOIN pg_catalog.pg_proc f
                                       ON d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND f.oid = d.refobjid
                                   JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace AND n.nspname = 'espalier_mask'
                                   WHERE p.polrelid = k.relid AND p.polname = 'espalier_filter_' || k.profile)
                               THEN '' ELSE k.definition END AS definition
                    FROM espalier_governance.compiled_filter k
                    """);
            statement.execute("""
                    CREATE TEMPORARY TABLE shut_out (principal name, reason text, could_sign_in boolean) ON COMMIT DROP
                    """);
            statement.execute("""
                    CREATE TEMPORARY TABLE known_whole (relid oid, schema name, name name, apart boolean) ON COMMIT DROP
                    """);
            // The first versions had none.
            if (has(session, "shut_out")) {
                statement.execute("""
                        INSERT INTO shut_out (principal, reason, could_sign_in)
                        SELECT principal, reason, could_sign_in FROM espalier_governance.shut_out
                        """);
            }
            if (has(session, "known_whole")) {
                statement.execute("""
                        INSERT INTO known_whole (relid, schema, name, apart)
                        SELECT relid, schema, name, apart FROM espalier_governance.known_whole
                        """);
            }
            List<String> retired = new ArrayList<>();
            for (String name : names(session, """
                    SELECT n.nspname FROM espalier_governance.view_schema v
                    JOIN pg_catalog.pg_namespace n ON n.nspname = v.name
                    UNION ALL
                    SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = 'espalier_mask'
                    ORDER BY 1
                    """)) {
                String old = "espalier_old_" + UUID.randomUUID().toString().replace("-", "");
                statement.execute("ALTER SCHEMA " + Identifiers.quoted(name) + " RENAME TO " + Identifiers.quoted(old));
                retired.add(old);
            }
            for (String role : names(session, """
                    SELECT rolname FROM pg_catalog.pg_roles
                    WHERE rolname IN (SELECT 'espalier_profile_' || profile FROM espalier_governance.profile)
                    """)) {
                for (String schema : retired) {
                    statement.execute("REVOKE ALL ON ALL TABLES IN SCHEMA " + Identifiers.quoted(schema) + " FROM "
                            + Identifiers.quoted(role));
                    statement.execute(
                            "REVOKE ALL ON SCHEMA " + Identifiers.quoted(schema) + " FROM " + Identifiers.quoted(role));
                }
            }
            retired.addAll(names(session, "SELECT name FROM espalier_governance.retired_schema"));
            statement.execute("DROP SCHEMA espalier_governance CASCADE");
            return retired;
        }
    }

    private static boolean has(Connection session, String table) throws SQLException {
        return !names(session, "SELECT 1 WHERE to_regclass('espalier_governance." + table + "') IS NOT NULL")
                .isEmpty();
    }

    private static List<String> names(Connection session, String query) throws SQLException {
        List<String> names = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(query)) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }
}
