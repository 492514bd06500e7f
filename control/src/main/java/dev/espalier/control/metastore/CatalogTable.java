package dev.espalier.control.metastore;

import dev.espalier.identity.Principal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Rows of {@code control.catalog}, and the count of all changes. */
public final class CatalogTable {

    private static final String SELECT = """
            SELECT c.*, p.project_id, o.name AS owner
            FROM control.catalog c
            JOIN control.project p ON p.uid = c.project_uid
            LEFT JOIN control.principal o ON o.id = c.owner_id
            """;

    /**
     * SQL of what is to be said behind the name of something in the catalog {@code c}: nobody sees, or changes, what is in one whose project
     * is deleted. An empty text for the others.
     */
    static final String DELETED = """
            coalesce((SELECT ' (its project ' || deleted.project_id || ' is deleted: undelete or purge that)'
                      FROM control.project deleted
                      WHERE deleted.uid = c.project_uid AND deleted.delete_time IS NOT NULL), '')
            """;

    private CatalogTable() {}

    /** Makes a catalog for a database, if it has none. It takes the database's name, or one with the project's before it. */
    public static void appear(Handle handle, String projectUid, String database) {
        boolean there = handle.select(
                        "SELECT EXISTS (SELECT FROM control.catalog WHERE project_uid = ? AND database = ?)",
                        projectUid,
                        database)
                .mapTo(Boolean.class)
                .one();
        if (!there) {
            handle.createUpdate("""
                            INSERT INTO control.catalog (project_uid, database, name, owner_id, epoch)
                            SELECT p.uid, :database, free.name, o.id, m.epoch
                            FROM control.metastore m
                            CROSS JOIN control.project p
                            CROSS JOIN LATERAL (
                                SELECT n.name
                                FROM (VALUES (0, :database),
                                             (1, replace(p.project_id, '-', '_') || '_' || :database),
                                             (2, replace(p.project_id, '-', '_') || '_' || :database || '_' || p.uid)
                                     ) AS n (place, name)
                                WHERE NOT EXISTS (SELECT FROM control.catalog taken WHERE taken.name = n.name)
                                ORDER BY n.place
                                LIMIT 1
                            ) free
                            LEFT JOIN control.principal o ON o.name = p.owner
                            WHERE p.uid = :project
                            -- Somebody else has made it, or taken the name, just now: then it comes with the next sign-in.
                            ON CONFLICT DO NOTHING
                            """)
                    .bind("database", database)
                    .bind("project", projectUid)
                    .execute();
        }
    }

    /** Removes a database's catalog unless something would be lost that somebody has said of it, or of what lies in it. */
    public static void disappear(Handle handle, String projectUid, String database) {
        handle.execute("""
                        DELETE FROM control.catalog c
                        WHERE c.project_uid = ? AND c.database = ? AND NOT c.governed AND c.comment IS NULL
                          AND c.owner_id IS NOT DISTINCT FROM (
                              SELECT o.id FROM control.project p JOIN control.principal o ON o.name = p.owner
                              WHERE p.uid = c.project_uid)
                          AND NOT EXISTS (SELECT FROM control.tag_assignment t WHERE t.catalog_uid = c.uid)
                          AND NOT EXISTS (SELECT FROM control.dismissed_proposal d WHERE d.catalog_uid = c.uid)
                        """, projectUid, database);
    }

    /** The catalogs of a project whose databases are under rules, by name. */
    public static List<Catalog> governed(Handle handle, String projectUid) {
        return handle.select(SELECT + "WHERE c.project_uid = ? AND c.governed ORDER BY c.name", projectUid)
                .map((row, context) -> read(row))
                .list();
    }

    /** The catalogs of all projects whose databases are under rules. */
    static List<Catalog> governed(Handle handle) {
        return handle.select(SELECT + "WHERE c.governed ORDER BY c.name")
                .map((row, context) -> read(row))
                .list();
    }

    /** What {@link #DELETED} says of the catalog. */
    static String deleted(Handle handle, Catalog catalog) {
        return handle.select("SELECT " + DELETED + " FROM control.catalog c WHERE c.uid = ?", catalog.uid())
                .mapTo(String.class)
                .one();
    }

    static Optional<Catalog> byUid(Handle handle, String uid) {
        return handle.select(SELECT + "WHERE c.uid = ?", uid)
                .map((row, context) -> read(row))
                .findOne();
    }

    /** The catalogs of those projects that the principal may use, by name. */
    static List<Catalog> visible(Handle handle, Principal principal) {
        return handle.select(
                        SELECT + """
                        WHERE p.delete_time IS NULL
                          AND (? OR EXISTS (SELECT FROM control.project_access a
                                            WHERE a.project_uid = p.uid AND a.principal = ANY (?)))
                        ORDER BY c.name
                        """,
                        principal.administrator(),
                        principal.names().toArray(String[]::new))
                .map((row, context) -> read(row))
                .list();
    }

    /** The catalog of this name, if it is of a project that the principal may use. */
    static Optional<Catalog> visible(Handle handle, Principal principal, String name) {
        return handle.select(
                        SELECT + """
                        WHERE c.name = ? AND p.delete_time IS NULL
                          AND (? OR EXISTS (SELECT FROM control.project_access a
                                            WHERE a.project_uid = p.uid AND a.principal = ANY (?)))
                        """,
                        name,
                        principal.administrator(),
                        principal.names().toArray(String[]::new))
                .map((row, context) -> read(row))
                .findOne();
    }

    static void describe(
            Handle handle, String uid, Optional<Long> owner, Optional<String> comment, OffsetDateTime now) {
        handle.execute(
                "UPDATE control.catalog SET owner_id = ?, comment = ?, update_time = ? WHERE uid = ?",
                owner.orElse(null),
                comment.orElse(null),
                now,
                uid);
    }

    /** Uids of the projects that have a database under rules. */
    public static List<String> projectsUnderRules(Handle handle) {
        return handle.select("SELECT DISTINCT project_uid FROM control.catalog WHERE governed")
                .mapTo(String.class)
                .list();
    }

    static void comesUnderRules(Handle handle, String uid) {
        handle.execute("UPDATE control.catalog SET governed = true WHERE uid = ?", uid);
    }

    static void limitsBranches(Handle handle, String uid) {
        handle.execute("UPDATE control.catalog SET limits_branches = true WHERE uid = ?", uid);
    }

    /** Counts a change. Until the end of the transaction nobody else makes one. */
    static long nextEpoch(Handle handle) {
        return handle.select("UPDATE control.metastore SET epoch = epoch + 1 RETURNING epoch")
                .mapTo(Long.class)
                .one();
    }

    /** Marks the catalogs that the change concerns. */
    static void concerns(Handle handle, long epoch, Collection<String> uids) {
        handle.execute("UPDATE control.catalog SET epoch = ? WHERE uid = ANY (?)", epoch, uids.toArray(String[]::new));
    }

    private static Catalog read(ResultSet row) throws SQLException {
        return new Catalog(
                row.getString("uid"),
                row.getString("project_uid"),
                row.getString("project_id"),
                row.getString("database"),
                row.getString("name"),
                Optional.ofNullable(row.getString("owner")),
                Optional.ofNullable(row.getString("comment")),
                row.getLong("epoch"),
                row.getBoolean("governed"),
                row.getBoolean("limits_branches"),
                instant(row, "create_time"),
                instant(row, "update_time"));
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
