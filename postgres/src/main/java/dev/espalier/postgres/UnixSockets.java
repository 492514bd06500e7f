package dev.espalier.postgres;

import java.nio.file.Path;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** JDBC over a server's Unix socket. */
public final class UnixSockets {

    private UnixSockets() {}

    /**
     * What must not hold for Espalier's own sessions, whatever users have set for the server or the database. Users can lock
     * what these sessions need; nothing waits for that without end.
     */
    private static final String OWN_OPTIONS = "-c search_path=pg_catalog -c statement_timeout=0 -c lock_timeout=15s"
            + " -c idle_session_timeout=0 -c idle_in_transaction_session_timeout=0 -c default_transaction_read_only=off"
            + " -c default_transaction_isolation=read\\ committed -c standard_conforming_strings=on -c datestyle=ISO"
            + " -c intervalstyle=postgres -c extra_float_digits=1 -c array_nulls=on -c synchronous_commit=local"
            + " -c row_security=off -c jit=off -c role=none -c local_preload_libraries= -c transform_null_equals=off";

    /** The first version that ends a transaction which takes too long. */
    public static final int TRANSACTION_TIMEOUT = 17;

    private static final int OWN_LOGIN_SECONDS = 30;

    /** A source of new sessions as Espalier's own superuser. */
    static DataSource ownDataSource(Path directory, int major, String database) {
        PGSimpleDataSource source = source(directory, database, PostgresInstallation.SUPERUSER);
        source.setOptions(OWN_OPTIONS + (major >= TRANSACTION_TIMEOUT ? " -c transaction_timeout=0" : ""));
        // A new session reads catalogs before any setting holds.
        source.setLoginTimeout(OWN_LOGIN_SECONDS);
        return source;
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
