package dev.espalier.governance;

import dev.espalier.control.admission.Masking;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.governance.Frame.Profile;
import dev.espalier.postgres.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Masks rows on their way into a database, by triggers that replication fires too. What the compiler says for views is what the
 * triggers do; which that was is kept beside them ({@link Blueprint}).
 */
public final class MirrorMasks implements Masking {

    private static final String SCRIPT = Resource.text("mirror.sql");

    @Override
    public List<Taken> prepare(Connection source, Connection mirror, Rules rules, Subject subject) throws SQLException {
        return Transactions.committed(mirror, () -> {
            execute(mirror, "SET LOCAL search_path = pg_catalog, pg_temp");
            Installer.install(mirror, Installer.installed(mirror));
            execute(mirror, "SELECT espalier_governance.begin_work()");
            Installer.run(mirror, SCRIPT);
            copyNames(source, mirror);
            Snapshot snapshot = SnapshotReader.read(mirror, rules);
            Optional<Profile> profile = Compiler.profile(rules, subject, snapshot);
            Blueprint.of(snapshot, profile).write(mirror);
            refuseUnfit(mirror);
            try (var call = mirror.prepareStatement("SELECT espalier_mirror.put_masks(?)")) {
                call.setArray(
                        1,
                        mirror.createArrayOf(
                                "oid",
                                profile.map(Profile::functions)
                                        .orElse(List.of())
                                        .toArray()));
                call.execute();
            }
            execute(mirror, "SELECT espalier_governance.end_work()");
            return taken(mirror);
        });
    }

    @Override
    public void release(Connection session) throws SQLException {
        if (Blueprint.read(session).isPresent()) {
            execute(session, "SELECT espalier_mirror.release()");
        }
    }

    /** What things were called when they were first seen at the source: the rules may know them by that name only. */
    private static void copyNames(Connection source, Connection mirror) throws SQLException {
        copy(source, """
                SELECT k.schema, k.name, n.nspname, c.relname
                FROM espalier_governance.known_relation k
                JOIN pg_catalog.pg_class c ON c.oid = k.relid
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                """, mirror, """
                INSERT INTO espalier_governance.known_relation (relid, schema, name)
                SELECT c.oid, ?, ?
                FROM pg_catalog.pg_class c
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = ? AND c.relname = ?
                """);
        copy(source, """
                SELECT k.name, n.nspname, c.relname, a.attname
                FROM espalier_governance.known_column k
                JOIN pg_catalog.pg_class c ON c.oid = k.relid
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_catalog.pg_attribute a ON a.attrelid = k.relid AND a.attnum = k.attnum AND NOT a.attisdropped
                """, mirror, """
                INSERT INTO espalier_governance.known_column (relid, attnum, name)
                SELECT a.attrelid, a.attnum, ?
                FROM pg_catalog.pg_attribute a
                JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = ? AND c.relname = ? AND a.attname = ?
                """);
        copy(source, """
                SELECT k.schema, k.name, n.nspname, c.relname
                FROM espalier_governance.known_whole k
                JOIN pg_catalog.pg_class c ON c.oid = k.relid
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE k.apart
                """, mirror, """
                INSERT INTO espalier_governance.known_whole (relid, schema, name, apart)
                SELECT c.oid, ?, ?, true
                FROM pg_catalog.pg_class c
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = ? AND c.relname = ?
                """);
    }

    /** Inserts once for each row; its columns, which are four, are the parameters in their order. */
    private static void copy(Connection source, String select, Connection mirror, String insert) throws SQLException {
        try (var statement = source.createStatement();
                var rows = statement.executeQuery(select);
                var inserting = mirror.prepareStatement(insert)) {
            while (rows.next()) {
                for (int column = 1; column <= 4; column++) {
                    inserting.setString(column, rows.getString(column));
                }
                inserting.addBatch();
            }
            inserting.executeBatch();
        }
    }

    private static void refuseUnfit(Connection mirror) throws SQLException {
        List<String> reasons = new ArrayList<>();
        try (var statement = mirror.createStatement();
                var rows = statement.executeQuery("SELECT message FROM espalier_mirror.unfit()")) {
            while (rows.next()) {
                reasons.add(rows.getString(1));
            }
        }
        if (!reasons.isEmpty()) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    "tables cannot be masked on their way: " + String.join("; ", reasons)
                            + ". Put that right at the source, or take from whom the mirror is for the privilege to read them.");
        }
    }

    private static List<Taken> taken(Connection mirror) throws SQLException {
        List<Taken> taken = new ArrayList<>();
        try (var statement = mirror.createStatement();
                var rows = statement.executeQuery("""
                        SELECT n.nspname, c.relname,
                               ARRAY(SELECT a.attname::text
                                     FROM pg_catalog.pg_attribute a
                                     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                                     ORDER BY a.attnum)
                        FROM espalier_mirror.mirrored_relation r
                        JOIN pg_catalog.pg_class c ON c.oid = r.relid
                        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                        WHERE r.taken
                        ORDER BY n.nspname, c.relname
                        """)) {
            while (rows.next()) {
                Object[] columns = (Object[]) rows.getArray(3).getArray();
                taken.add(new Taken(
                        rows.getString(1),
                        rows.getString(2),
                        List.of(columns).stream().map(String::valueOf).toList()));
            }
        }
        return taken;
    }

    private static void execute(Connection session, String sql) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }
}
