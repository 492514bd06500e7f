package dev.espalier.control;

import dev.espalier.storage.VolumeName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Rows of {@code control.mirror} and {@code control.mirror_feed}. */
final class MirrorTable {

    /**
     * What a source holds for a database of a mirror.
     *
     * @param name of publication, the role that reads it, replication slot and subscription
     * @param systemIdentifier of the mirror's cluster
     * @param schemaHash of the source's schema that the mirror was made with
     * @param tables those that are published; none before they are
     */
    record Feed(
            String name,
            String sourceUid,
            String mirrorUid,
            VolumeName mirrorVolume,
            String systemIdentifier,
            String database,
            String schemaHash,
            List<Published> tables) {

        Feed {
            tables = List.copyOf(tables);
        }
    }

    /**
     * A table as a source publishes it.
     *
     * @param table its name, with its schema
     * @param state which table it is, and what of it makes a difference to what is sent; without spaces
     */
    record Published(String table, String state) {

        private String text() {
            return state + " " + table;
        }

        private static Published parse(String text) {
            int end = text.indexOf(' ');
            return new Published(text.substring(end + 1), text.substring(0, Math.max(end, 0)));
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(MirrorTable.class);

    private MirrorTable() {}

    static void insert(Handle handle, String branchUid, Mirror mirror) {
        handle.execute(
                "INSERT INTO control.mirror (branch_uid, state) VALUES (?, ?)",
                branchUid,
                mirror.state().name());
    }

    /** Nothing happens where the branch is no mirror. */
    static void change(Handle handle, String branchUid, Mirror mirror) {
        Optional<String> before = handle.select(
                        "SELECT state FROM control.mirror WHERE branch_uid = ? FOR UPDATE", branchUid)
                .mapTo(String.class)
                .findOne();
        if (before.filter(state -> !state.equals(mirror.state().name())).isPresent()) {
            LOG.info(
                    "{} is {} {}",
                    BranchTable.byUid(handle, branchUid).map(Branch::name).orElseThrow(),
                    mirror.state(),
                    mirror.reason().orElse(""));
        }
        handle.createUpdate("""
                        UPDATE control.mirror SET state = :state, reason = :reason, lag_bytes = :lag
                        WHERE branch_uid = :uid
                        """)
                .bind("state", mirror.state().name())
                .bind("reason", mirror.reason().orElse(null))
                .bind(
                        "lag",
                        mirror.lagBytes().isPresent() ? (Long) mirror.lagBytes().getAsLong() : null)
                .bind("uid", branchUid)
                .execute();
    }

    /** From a row that may have none. */
    static Optional<Mirror> read(ResultSet row) throws SQLException {
        Optional<String> state = Columns.optionalText(row, "mirror_state");
        long lag = row.getLong("mirror_lag_bytes");
        OptionalLong lagBytes = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(lag);
        Optional<String> reason = Columns.optionalText(row, "mirror_reason");
        return state.map(name -> new Mirror(Mirror.State.valueOf(name), reason, lagBytes));
    }

    static void insert(Handle handle, Feed feed) {
        handle.execute(
                "INSERT INTO control.mirror_feed VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                feed.name(),
                feed.sourceUid(),
                feed.mirrorUid(),
                feed.mirrorVolume().value(),
                feed.systemIdentifier(),
                feed.database(),
                feed.schemaHash(),
                texts(feed.tables()));
    }

    static void published(Handle handle, Feed feed, List<Published> tables) {
        handle.execute("UPDATE control.mirror_feed SET tables = ? WHERE name = ?", texts(tables), feed.name());
    }

    private static String[] texts(List<Published> tables) {
        return tables.stream().map(Published::text).toArray(String[]::new);
    }

    static void delete(Handle handle, Feed feed) {
        handle.execute("DELETE FROM control.mirror_feed WHERE name = ?", feed.name());
    }

    /** Those of the mirror as it is now, by database. */
    static List<Feed> of(Handle handle, Branch mirror) {
        return feeds(
                handle,
                "WHERE mirror_uid = ? AND mirror_volume = ? ORDER BY database",
                mirror.uid(),
                mirror.volume().value());
    }

    /** Those that no mirror takes any more: it is gone, has been built anew, or can never go on. */
    static List<Feed> leftOver(Handle handle) {
        return feeds(handle, """
                WHERE NOT EXISTS (
                    SELECT FROM control.branch b
                    JOIN control.mirror m ON m.branch_uid = b.uid
                    WHERE b.uid = f.mirror_uid AND b.volume = f.mirror_volume AND b.state <> 'DELETED'
                      AND m.state <> 'OUT_OF_DATE')
                ORDER BY name
                """);
    }

    /** Ids of the mirrors, deleted ones too, for which the source holds something. */
    static List<String> followers(Handle handle, String sourceUid) {
        return handle.select("""
                        SELECT DISTINCT coalesce(b.branch_id, f.mirror_uid)
                        FROM control.mirror_feed f
                        LEFT JOIN control.branch b ON b.uid = f.mirror_uid
                        WHERE f.source_uid = ?
                        ORDER BY 1
                        """, sourceUid).mapTo(String.class).list();
    }

    private static List<Feed> feeds(Handle handle, String condition, Object... arguments) {
        return handle.select("SELECT * FROM control.mirror_feed f " + condition, arguments)
                .map((row, context) -> new Feed(
                        row.getString("name"),
                        row.getString("source_uid"),
                        row.getString("mirror_uid"),
                        new VolumeName(row.getString("mirror_volume")),
                        row.getString("system_identifier"),
                        row.getString("database"),
                        row.getString("schema_hash"),
                        Arrays.stream((String[]) row.getArray("tables").getArray())
                                .map(Published::parse)
                                .toList()))
                .list();
    }
}
