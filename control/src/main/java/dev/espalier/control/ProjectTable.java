package dev.espalier.control;

import static dev.espalier.control.Columns.timestamp;

import dev.espalier.control.metastore.CatalogTable;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.setting.EndpointSettings;
import dev.espalier.control.setting.PgSettings;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Rows of {@code control.project}. */
final class ProjectTable {

    private ProjectTable() {}

    static ControlException alreadyExists(String projectId) {
        return new ControlException(
                Code.ALREADY_EXISTS, "projects/" + projectId + " already exists. Choose another project_id.");
    }

    static void insert(Handle handle, Project project) {
        handle.createUpdate("""
                INSERT INTO control.project (
                    uid, project_id, display_name, pg_version, history_retention, default_branch_uid, default_min_cu,
                    default_max_cu, default_suspend_after, default_pg_settings, native_login, budget_policy_id, custom_tags,
                    extensions_allowed, owner, create_time, update_time)
                VALUES (
                    :uid, :projectId, :displayName, :pgVersion, :historyRetention, :defaultBranchUid, :minCu,
                    :maxCu, :suspendAfter, :pgSettings, :nativeLogin, :budgetPolicyId, :customTags,
                    :extensionsAllowed, :owner, :createTime, :createTime)
                """)
                .bind("uid", project.uid())
                .bind("projectId", project.projectId())
                .bind("displayName", project.displayName())
                .bind("pgVersion", project.pgVersion())
                .bind("historyRetention", project.historyRetention().toSeconds())
                .bind("defaultBranchUid", project.defaultBranchUid().orElse(null))
                .bind("minCu", project.endpointDefaults().minCu())
                .bind("maxCu", project.endpointDefaults().maxCu())
                .bind("suspendAfter", Columns.seconds(project.endpointDefaults().suspendAfter()))
                .bind("pgSettings", Json.write(project.endpointDefaults().pgSettings()))
                .bind("nativeLogin", project.nativeLogin())
                .bind("budgetPolicyId", project.budgetPolicyId().orElse(null))
                .bind("customTags", Json.write(project.customTags()))
                .bind(
                        "extensionsAllowed",
                        project.extensionsAllowed().map(Json::write).orElse(null))
                .bind("owner", project.owner())
                .bind("createTime", timestamp(project.createTime()))
                .execute();
    }

    static void update(Handle handle, Project project) {
        handle.createUpdate("""
                        UPDATE control.project
                        SET display_name = :displayName, history_retention = :historyRetention,
                            default_branch_uid = :defaultBranchUid, default_min_cu = :minCu, default_max_cu = :maxCu,
                            default_suspend_after = :suspendAfter, default_pg_settings = :pgSettings,
                            native_login = :nativeLogin, budget_policy_id = :budgetPolicyId, custom_tags = :customTags,
                            extensions_allowed = :extensionsAllowed,
                            update_time = :updateTime, delete_time = :deleteTime, purge_time = :purgeTime
                        WHERE uid = :uid
                        """)
                .bind("uid", project.uid())
                .bind("displayName", project.displayName())
                .bind("historyRetention", project.historyRetention().toSeconds())
                .bind("defaultBranchUid", project.defaultBranchUid().orElse(null))
                .bind("minCu", project.endpointDefaults().minCu())
                .bind("maxCu", project.endpointDefaults().maxCu())
                .bind("suspendAfter", Columns.seconds(project.endpointDefaults().suspendAfter()))
                .bind("pgSettings", Json.write(project.endpointDefaults().pgSettings()))
                .bind("nativeLogin", project.nativeLogin())
                .bind("budgetPolicyId", project.budgetPolicyId().orElse(null))
                .bind("customTags", Json.write(project.customTags()))
                .bind(
                        "extensionsAllowed",
                        project.extensionsAllowed().map(Json::write).orElse(null))
                .bind("updateTime", timestamp(project.updateTime()))
                .bind("deleteTime", timestamp(project.deleteTime()))
                .bind("purgeTime", timestamp(project.purgeTime()))
                .execute();
    }

    /**
     * Remembers that a database of this name is on a branch of the project, so that the name finds the project, and that it has
     * a catalog.
     */
    static void hasDatabase(Handle handle, String uid, String database) {
        handle.execute("INSERT INTO control.known_database VALUES (?, ?) ON CONFLICT DO NOTHING", uid, database);
        CatalogTable.appear(handle, uid, database);
    }

    /**
     * Forgets that a database of this name is on a branch of the project.
     *
     * @return whether it was remembered
     */
    static boolean lacksDatabase(Handle handle, String uid, String database) {
        return handle.execute("DELETE FROM control.known_database WHERE project_uid = ? AND name = ?", uid, database)
                > 0;
    }

    /** Uids of the projects of which it is remembered that a database of this name is on a branch. */
    static Set<String> withDatabase(Handle handle, String database) {
        return handle.select("SELECT project_uid FROM control.known_database WHERE name = ?", database)
                .mapTo(String.class)
                .set();
    }

    static void delete(Handle handle, String uid) {
        handle.execute("DELETE FROM control.project WHERE uid = ?", uid);
    }

    static Optional<Project> live(Handle handle, String projectId) {
        return handle.select("SELECT * FROM control.project WHERE project_id = ? AND delete_time IS NULL", projectId)
                .map((row, context) -> read(row))
                .findOne();
    }

    static Optional<Project> newestDeleted(Handle handle, String projectId) {
        return handle.select("""
                        SELECT * FROM control.project
                        WHERE project_id = ? AND delete_time IS NOT NULL
                        ORDER BY delete_time DESC
                        LIMIT 1
                        """, projectId).map((row, context) -> read(row)).findOne();
    }

    /**
     * As {@link #byUid}; nobody else changes it until the transaction ends. Rows that only name it can come meanwhile: who waits for the
     * name of one would otherwise be waited for by it.
     */
    static Optional<Project> lock(Handle handle, String uid) {
        return handle.select("SELECT * FROM control.project WHERE uid = ? FOR NO KEY UPDATE", uid)
                .map((row, context) -> read(row))
                .findOne();
    }

    static Optional<Project> byUid(Handle handle, String uid) {
        return handle.select("SELECT * FROM control.project WHERE uid = ?", uid)
                .map((row, context) -> read(row))
                .findOne();
    }

    /**
     * At most {@code limit} projects after the one with this time and uid.
     *
     * @param usableBy only those on whose access list one of these names is
     */
    static List<Project> page(
            Handle handle,
            Optional<Set<String>> usableBy,
            Instant after,
            String afterUid,
            int limit,
            boolean withDeleted) {
        return handle.select(
                        """
                        SELECT * FROM control.project
                        WHERE (create_time, uid) > (?, ?) AND (? OR delete_time IS NULL)
                          AND (? OR uid IN (SELECT project_uid FROM control.project_access WHERE principal = ANY (?)))
                        ORDER BY create_time, uid
                        LIMIT ?
                        """,
                        timestamp(after),
                        afterUid,
                        withDeleted,
                        usableBy.isEmpty(),
                        usableBy.orElse(Set.of()).toArray(String[]::new),
                        limit)
                .map((row, context) -> read(row))
                .list();
    }

    static List<Project> toPurge(Handle handle, Instant now) {
        return handle.select("SELECT * FROM control.project WHERE purge_time <= ?", timestamp(now))
                .map((row, context) -> read(row))
                .list();
    }

    static Project read(ResultSet row) throws SQLException {
        return new Project(
                row.getString("uid"),
                row.getString("project_id"),
                row.getString("display_name"),
                row.getInt("pg_version"),
                Duration.ofSeconds(row.getLong("history_retention")),
                Columns.optionalText(row, "default_branch_uid"),
                new EndpointSettings(
                        row.getDouble("default_min_cu"),
                        row.getDouble("default_max_cu"),
                        Columns.optionalSeconds(row, "default_suspend_after"),
                        PgSettings.stored(Json.settings(row.getString("default_pg_settings")))),
                row.getBoolean("native_login"),
                Columns.optionalText(row, "budget_policy_id"),
                Json.tags(row.getString("custom_tags")),
                Columns.optionalText(row, "extensions_allowed").map(Json::texts),
                row.getString("owner"),
                Columns.instant(row, "create_time"),
                Columns.instant(row, "update_time"),
                Columns.optionalInstant(row, "delete_time"),
                Columns.optionalInstant(row, "purge_time"));
    }
}
