package dev.espalier.postgres;

import java.nio.file.Path;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** JDBC over a server's Unix socket. */
public final class UnixSockets {

    private UnixSockets() {}

    /** A source of new sessions of the role, over the socket in the directory; nothing is pooled. */
    public static DataSource dataSource(Path directory, String database, String role) {
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
