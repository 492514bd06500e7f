package dev.espalier.control;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.postgres.Identifiers;
import dev.espalier.postgres.Transactions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The list of extensions that may be made in a project's databases. Without one PostgreSQL's own rule holds: who is no superuser,
 * as nobody is, makes those that it marks as trusted. A list narrows that; an event trigger in each database holds to it.
 */
final class Extensions {

    /** On a list: any that PostgreSQL lets somebody make. */
    static final String ANY = "*";

    /** These reach files, programs, other servers, or what lies below the tables; PostgreSQL gives them to superusers alone. */
    private static final Set<String> NEVER = Set.of(
            "adminpack",
            "amcheck",
            "dblink",
            "file_fdw",
            "jsonb_plpython3u",
            "hstore_plpython3u",
            "ltree_plpython3u",
            "pageinspect",
            "pg_buffercache",
            "pg_surgery",
            "pg_visibility",
            "pg_walinspect",
            "plperlu",
            "plpython3u",
            "pltclu",
            "postgres_fdw");

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,63}");
    private static final String SCRIPT = script();

    private Extensions() {}

    /**
     * The list as it is kept: without repetitions, in order.
     *
     * @throws ControlException if a name cannot be an extension's, or is one that nobody may make
     */
    static List<String> check(List<String> names) {
        for (String name : names) {
            if (NEVER.contains(name)) {
                throw new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "extensions_allowed may not hold \"" + name
                                + "\": it reaches files, programs, other servers or raw pages, and is for nobody who signs in."
                                + " Leave it out.");
            }
            if (!name.equals(ANY) && !NAME.matcher(name).matches()) {
                throw new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "extensions_allowed holds \"" + name
                                + "\", which is no extension's name. Use names as CREATE EXTENSION takes them, or \""
                                + ANY
                                + "\" for any that PostgreSQL lets users make.");
            }
        }
        return List.copyOf(new TreeSet<>(names));
    }

    /** Puts the project's list into the database, if it has another one. */
    static void hold(Connection session, Project project, List<String> allowed) throws SQLException {
        String version = Identifiers.literal(
                String.join(",", allowed) + " " + project.projectId() + " " + Integer.toHexString(SCRIPT.hashCode()));
        if (isThere(session, version)) {
            return;
        }
        String list = allowed.stream().map(Identifiers::literal).collect(Collectors.joining(", ", "ARRAY[", "]"));
        Transactions.commit(session, () -> putIn(session, project, list, version));
    }

    private static void putIn(Connection session, Project project, String list, String version) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute("SELECT pg_advisory_xact_lock(" + SCRIPT.hashCode() + ")");
            statement.execute("DROP EVENT TRIGGER IF EXISTS espalier_extensions");
            statement.execute("CREATE SCHEMA IF NOT EXISTS espalier");
            // Whoever has made it before could drop it with what is in it.
            statement.execute("ALTER SCHEMA espalier OWNER TO CURRENT_USER");
            statement.execute("DROP FUNCTION IF EXISTS espalier.check_extensions()");
            statement.execute(
                    SCRIPT.replace("{allowed}", list).replace("{project}", Identifiers.literal(project.projectId())));
            statement.execute("CREATE EVENT TRIGGER espalier_extensions ON ddl_command_end"
                    + " WHEN TAG IN ('CREATE EXTENSION', 'ALTER EXTENSION')"
                    + " EXECUTE FUNCTION espalier.check_extensions()");
            statement.execute("ALTER EVENT TRIGGER espalier_extensions ENABLE ALWAYS");
            statement.execute("COMMENT ON EVENT TRIGGER espalier_extensions IS " + version);
        }
    }

    private static boolean isThere(Connection session, String version) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT obj_description(oid, 'pg_event_trigger') = " + version
                        + " FROM pg_event_trigger WHERE evtname = 'espalier_extensions' AND evtenabled = 'A'")) {
            return rows.next() && rows.getBoolean(1);
        }
    }

    private static String script() {
        try (InputStream in = Extensions.class.getResourceAsStream("extension_list.sql")) {
            if (in == null) {
                throw new IllegalStateException("extension_list.sql is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
