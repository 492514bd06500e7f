package dev.espalier.engine;

import dev.espalier.postgres.Lsn;
import dev.espalier.postgres.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * PostgreSQL's non-exclusive backup mode, held by one session: between start and stop the files may be copied in any order
 * and at any speed. The log that was written meanwhile makes the copy whole, so it must be copied after the stop.
 */
final class BackupMode implements AutoCloseable {

    private final Connection session;

    /** Position from which the copy must be replayed. */
    final Lsn start;

    private BackupMode(Connection session, Lsn start) {
        this.session = session;
        this.start = start;
    }

    static BackupMode start(PostgresServer server) throws SQLException {
        Connection session = server.connect("postgres");
        try (var statement = session.createStatement()) {
            // Without a slot, the checkpoints of a long copy would remove the log that the copy needs. It ends with the
            // session.
            statement.execute(
                    "SELECT pg_create_physical_replication_slot('espalier_' || pg_backend_pid(), true, true)");
            try (var rows = statement.executeQuery("SELECT pg_backup_start('espalier', true)::text")) {
                rows.next();
                return new BackupMode(session, Lsn.parse(rows.getString(1)));
            }
        } catch (SQLException e) {
            session.close();
            throw e;
        }
    }

    /** Ends the backup, writes its label into the copy and returns the position at which the copy is whole. */
    Lsn stop(Path copy, Layout layout) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT lsn::text, labelfile FROM pg_backup_stop(false)")) {
            rows.next();
            Path label = copy.resolve("backup_label");
            Files.deleteIfExists(label);
            Files.writeString(label, rows.getString(2), StandardOpenOption.CREATE_NEW);
            layout.user().own(label);
            return Lsn.parse(rows.getString(1));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the backup label into " + copy, e);
        }
    }

    /** Ends the session, and with it a backup that was not stopped. */
    @Override
    public void close() throws SQLException {
        session.close();
    }
}
