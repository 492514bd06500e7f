package dev.espalier.governance;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.governance.Snapshot.QualifiedName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The refusal where others have been in the way for too long, with who that may be. */
final class WaitedTooLong {

    private static final int MOST_SHOWN = 10;

    private WaitedTooLong() {}

    /**
     * @param what is not possible
     * @param waitedFor what the last attempt has failed for, if its error was about a relation
     */
    static ControlException refusal(Connection session, String what, Optional<QualifiedName> waitedFor, SQLException e)
            throws SQLException {
        String kept = waitedFor.map(name -> name.schema() + "." + name.name()).orElse("what they are about");
        String cause =
                UpdateErrors.isMigrating(e) ? "a migration of " + kept + " has not ended" : "others keep " + kept;
        List<String> suspects = new ArrayList<>();
        try (var query = session.prepareStatement("""
                SELECT format('a session of %s, process %s', a.usename, a.pid)
                FROM pg_catalog.pg_stat_activity a
                WHERE a.datname = current_database() AND a.pid <> pg_catalog.pg_backend_pid() AND EXISTS (
                    SELECT FROM pg_catalog.pg_locks l
                    LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
                    LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                    WHERE l.pid = a.pid AND l.granted AND l.locktype = 'relation'
                      AND (l.mode = 'AccessExclusiveLock'
                          OR (n.nspname, c.relname) IN (('espalier_governance', 'relation_lock'), (?, ?))))
                UNION ALL
                SELECT format('the prepared transaction %s of %s', x.gid, x.owner)
                FROM pg_catalog.pg_prepared_xacts x
                WHERE x.database = current_database()
                """)) {
            query.setString(1, waitedFor.map(QualifiedName::schema).orElse(""));
            query.setString(2, waitedFor.map(QualifiedName::name).orElse(""));
            try (var rows = query.executeQuery()) {
                while (rows.next() && suspects.size() < MOST_SHOWN) {
                    suspects.add(rows.getString(1));
                }
            }
        }
        return new ControlException(
                Code.TEMPORARILY_UNAVAILABLE,
                what + ", because " + cause
                        + (suspects.isEmpty() ? "" : ". In the way may be: " + String.join("; ", suspects))
                        + ". Try again when that has ended.",
                e);
    }
}
