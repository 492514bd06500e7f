package dev.espalier.control;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.espalier.journal.Migrations;
import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.PostgresInstallation;
import dev.espalier.postgres.PostgresServer;
import dev.espalier.postgres.RunDirectory;
import dev.espalier.postgres.RunningServers;
import dev.espalier.postgres.ServerLog;
import dev.espalier.postgres.UnixSockets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Jdbi;

/** Espalier's own PostgreSQL: one that it runs itself, or one that the operator names. */
public final class ControlDatabase implements AutoCloseable {

    /** SQLSTATE of a client that could not establish a connection. */
    private static final String CANNOT_CONNECT = "08001";

    /** Name of the database. */
    public static final String NAME = "system";

    private static final int SESSIONS = 16;

    /** Of those who read the system tables. */
    private static final int READERS = 100;

    /** Of those, the last are for these. */
    private static final int ADMINISTRATORS = 20;

    private final Optional<OwnServer> server;
    private final HikariDataSource pool;

    private ControlDatabase(Optional<OwnServer> server, HikariConfig config) {
        this.server = server;
        config.setMaximumPoolSize(SESSIONS);
        config.setMinimumIdle(2);
        config.setPoolName("control");
        try {
            this.pool = new HikariDataSource(config);
        } catch (RuntimeException e) {
            server.ifPresent(OwnServer::close);
            throw e;
        }
        // The sessions of the one that has ended are of no use.
        server.ifPresent(own -> own.onRestart(() -> pool.getHikariPoolMXBean().softEvictConnections()));
        try {
            requireUtf8(pool);
            migrate(pool);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Runs a PostgreSQL of its own.
     *
     * @param directory for its data, its socket and its log; made at the first start
     */
    public static ControlDatabase embedded(Path directory, PostgresInstallation installation, OsUser user) {
        Path data = directory.resolve("data");
        RunningServers.stopAll(directory);
        makeCluster(directory, data, installation, user);
        Map<String, String> settings = new HashMap<>(Map.of(
                "cluster_name", "espalier-system",
                "listen_addresses", "",
                "port", "5432",
                "max_connections", Integer.toString(SESSIONS + READERS),
                // Readers, however many, leave Espalier its own sessions.
                "superuser_reserved_connections", Integer.toString(SESSIONS),
                "shared_buffers", "32MB",
                "jit", "off",
                "huge_pages", "off",
                "logging_collector", "off",
                "log_destination", "stderr"));
        // Readers fail as often as they like, with texts as long as they like.
        settings.put("log_min_messages", "log");
        settings.put("log_min_error_statement", "panic");
        // No reader's sort takes more of the disk.
        settings.put("temp_file_limit", "1GB");
        if (installation.major() >= 18) {
            settings.put("io_method", "sync");
            // Some of what is left to readers stays for administrators.
            settings.put("reserved_connections", Integer.toString(ADMINISTRATORS));
            // Notifications that a reader does not fetch are no more than 8 MB.
            settings.put("max_notify_queue_pages", "1024");
        }
        OwnServer server = new OwnServer(new PostgresServer.Launch(
                installation,
                user,
                data,
                new RunDirectory(directory.resolve("run")),
                settings,
                Map.of(),
                RunDirectory.Door.OPEN,
                directory.resolve("log")));
        try {
            createDatabase(server.server());
        } catch (SQLException e) {
            server.close();
            throw new IllegalStateException("cannot make the database " + NAME, e);
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
        HikariConfig config = new HikariConfig();
        config.setDataSource(UnixSockets.dataSource(directory.resolve("run"), NAME, PostgresInstallation.SUPERUSER));
        // The limit is for readers: a replay's sort of the history, or a migration, may take more.
        config.setConnectionInitSql("SET temp_file_limit = -1");
        return new ControlDatabase(Optional.of(server), config);
    }

    /** Uses the database behind a JDBC URL, whose user must be allowed to create schemas in it, and tables in its schema public. */
    public static ControlDatabase external(String url, String user, String password) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        // A session whose network is lost must not keep what others wait for.
        config.setConnectionInitSql("SET lock_timeout = '30s'; SET idle_in_transaction_session_timeout = '5min'");
        config.addDataSourceProperty("tcpKeepAlive", "true");
        return new ControlDatabase(Optional.empty(), config);
    }

    /** A cluster is made under another name first, so that a start that was interrupted leaves no half-made one. */
    private static void makeCluster(Path directory, Path data, PostgresInstallation installation, OsUser user) {
        try {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            user.own(directory);
            if (Files.exists(data)) {
                return;
            }
            Path unfinished = directory.resolve("unfinished");
            remove(unfinished);
            Files.createDirectory(
                    unfinished, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            user.own(unfinished);
            installation.initialise(unfinished, user);
            Files.move(unfinished, data);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the control database in " + directory, e);
        }
    }

    private static void remove(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> all = Files.walk(directory)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private static void createDatabase(PostgresServer server) throws SQLException {
        try (var session = server.connect("postgres");
                var statement = session.createStatement()) {
            boolean there;
            try (var rows = statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + NAME + "'")) {
                there = rows.next();
            }
            if (!there) {
                statement.execute("CREATE DATABASE " + NAME);
            }
        }
    }

    /** What is recorded may have any character; one that the database cannot hold would stop the loader for good. */
    private static void requireUtf8(DataSource source) {
        String encoding = Jdbi.create(source)
                .withHandle(handle -> handle.select("SELECT current_setting('server_encoding')")
                        .mapTo(String.class)
                        .one());
        if (!encoding.equals("UTF8")) {
            throw new IllegalStateException("the control database has the encoding " + encoding
                    + ", which does not hold every character. Create it with ENCODING 'UTF8' (and TEMPLATE template0), and name "
                    + "that one in control.url.");
        }
    }

    private static void migrate(DataSource source) {
        Migrations.run(
                Flyway.configure()
                        .dataSource(source)
                        .locations("classpath:dev/espalier/control/migrations")
                        .schemas("control")
                        .createSchemas(false)
                        .defaultSchema("public")
                        .table("espalier_migrations"),
                "the tables of the control database");
    }

    /** Sessions on it, as the role that owns what is in it. */
    public Jdbi jdbi() {
        return Jdbi.create(this::session)
                .registerArrayType(String.class, "text")
                .registerArrayType(Long.class, "bigint");
    }

    /** Fails at once while the server has ended, where the pool would wait for it. */
    private Connection session() throws SQLException {
        Optional<SQLException> ended = ended();
        if (ended.isPresent()) {
            throw ended.get();
        }
        return pool.getConnection();
    }

    /** @throws ConnectionException while its server, where it is Espalier's own, has ended and is not started again yet */
    void requireServer() {
        ended().ifPresent(why -> {
            throw new ConnectionException(why);
        });
    }

    /** Whether its server is not known to have ended. */
    boolean runs() {
        return ended().isEmpty();
    }

    private Optional<SQLException> ended() {
        return server.filter(own -> !own.runs())
                .map(own -> new SQLTransientConnectionException(
                        "its server has ended and is being started again. Its log says why it has ended: "
                                + own.launch().log(),
                        CANNOT_CONNECT));
    }

    /** The same, for what speaks JDBC. */
    public DataSource dataSource() {
        return pool;
    }

    /** Directory of the socket, by which every role can sign in whom Espalier lets through; empty for one run elsewhere. */
    public Optional<Path> socketDirectory() {
        return server.map(s -> s.launch().run().path());
    }

    /** Keeps the server's log from growing without end; of one that runs elsewhere, its operator does. */
    void trimLog() {
        server.ifPresent(s -> ServerLog.trim(s.launch().log()));
    }

    @Override
    public void close() {
        pool.close();
        server.ifPresent(OwnServer::close);
    }
}
