package dev.espalier.postgres;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** JDBC over a server's Unix socket. */
public final class UnixSockets {

    private UnixSockets() {}

    /**
     * What must not hold for Espalier's own sessions, whatever users have set for the server or the database: settings by which a statement would be
     * read, answered, refused or ended in another way. Users can lock what these sessions need; nothing waits for that without end.
     */
    private static final String OWN_OPTIONS = "-c search_path=pg_catalog -c statement_timeout=0 -c lock_timeout=15s"
            + " -c idle_session_timeout=0 -c idle_in_transaction_session_timeout=0 -c default_transaction_read_only=off"
            + " -c default_transaction_isolation=read\\ committed -c standard_conforming_strings=on -c datestyle=ISO"
            + " -c intervalstyle=postgres -c extra_float_digits=1 -c array_nulls=on -c synchronous_commit=local"
            + " -c row_security=off -c jit=off -c role=none -c local_preload_libraries= -c transform_null_equals=off"
            + " -c quote_all_identifiers=off -c backslash_quote=safe_encoding -c check_function_bodies=on"
            + " -c plpgsql.extra_errors=none -c plpgsql.extra_warnings=none -c client_min_messages=warning"
            + " -c exit_on_error=off -c default_transaction_deferrable=off -c bytea_output=hex -c xmloption=content"
            + " -c default_tablespace= -c temp_tablespaces= -c default_table_access_method=heap"
            + " -c default_toast_compression=pglz -c gin_fuzzy_search_limit=0";

    /** The first minor versions, where it is not the first of all, in which a setting keeps sessions from reading views. */
    private static final Map<Integer, Integer> VIEWS_CAN_BE_RESTRICTED = Map.of(15, 8, 16, 4);

    /** The first version that ends a transaction which takes too long. */
    public static final int TRANSACTION_TIMEOUT = 17;

    private static final int OWN_LOGIN_SECONDS = 30;

    /** A source of new sessions as Espalier's own superuser. */
    static DataSource ownDataSource(Path directory, PostgresInstallation installation, String database) {
        PGSimpleDataSource source = source(directory, database, PostgresInstallation.SUPERUSER);
        source.setOptions(ownOptions(installation.version()));
        // A new session reads catalogs before any setting holds.
        source.setLoginTimeout(OWN_LOGIN_SECONDS);
        return source;
    }

    /**
     * Start-up options of Espalier's own sessions.
     *
     * @param version of the server, for instance {@code 18.6}
     */
    public static String ownOptions(String version) {
        String[] numbers = version.split("\\.");
        int major = Integer.parseInt(numbers[0]);
        int minor = numbers.length > 1 ? Integer.parseInt(numbers[1]) : 0;
        return OWN_OPTIONS
                + (major >= TRANSACTION_TIMEOUT ? " -c transaction_timeout=0" : "")
                + (minor >= VIEWS_CAN_BE_RESTRICTED.getOrDefault(major, 0)
                        ? " -c restrict_nonsystem_relation_kind="
                        : "");
    }

    /**
     * Takes back what else users have set for the database or the role, whatever it is: most of it, such as which plans PostgreSQL may choose, makes
     * Espalier's statements slow alone, so slow that they come to no end.
     */
    public static void takeBackSettings(Connection session) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute("""
                    SELECT pg_catalog.set_config(s.name, s.boot_val, false)
                    FROM pg_catalog.pg_settings s
                    WHERE EXISTS (
                            SELECT FROM pg_catalog.pg_db_role_setting d
                            LEFT JOIN pg_catalog.pg_roles r ON r.oid = d.setrole
                            WHERE d.setrole = 0 OR r.rolname = session_user)
                      AND s.source IN ('database', 'user', 'database user') AND s.context IN ('user', 'superuser')
                    """);
        }
    }

    /** A source of new sessions of the role, over the socket in the directory; nothing is pooled. */
    public static DataSource dataSource(Path directory, String database, String role) {
        return source(directory, database, role);
    }

    private static PGSimpleDataSource source(Path directory, String database, String role) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"localhost"});
        source.setDatabaseName(database);
        source.setUser(role);
        source.setSocketFactory("org.newsclub.net.unix.AFUNIXSocketFactory$FactoryArg");
        source.setSocketFactoryArg(directory.resolve(".s.PGSQL.5432").toString());
        source.setSslMode("disable");
        source.setApplicationName("espalier");
        source.setAssumeMinServerVersion("15");
        try {
            source.setProperty("gssEncMode", "disable");
        } catch (SQLException e) {
            throw new IllegalStateException("pgjdbc does not know gssEncMode", e);
        }
        return source;
    }
}
