package dev.espalier.control;

import dev.espalier.control.BranchSpaceTable.Figure;
import dev.espalier.control.request.Tag;
import dev.espalier.journal.Resource;
import dev.espalier.journal.metering.Subject;
import dev.espalier.storage.VolumeName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** What there is to meter, read from the rows of projects, branches and endpoints in one go. */
final class MeteredTable {

    /** @param computeUnits that the endpoint holds while it runs */
    record MeteredEndpoint(Subject subject, double computeUnits) {}

    /** @param figure what the volume occupied when that was last measured; empty if it never was */
    record MeteredBranch(Subject subject, VolumeName volume, Optional<Figure> figure) {

        String uid() {
            return subject.branch().id();
        }
    }

    private MeteredTable() {}

    static Optional<MeteredEndpoint> endpoint(Handle handle, String uid) {
        return handle.select("""
                        SELECT p.uid AS project_uid, p.project_id, p.owner, p.custom_tags, b.uid AS branch_uid, b.branch_id,
                               b.created_by, e.uid AS endpoint_uid, e.endpoint_id, e.min_cu
                        FROM control.endpoint e
                        JOIN control.branch b ON b.uid = e.branch_uid
                        JOIN control.project p ON p.uid = b.project_uid
                        WHERE e.uid = ?
                        """, uid)
                .map((row, context) -> new MeteredEndpoint(
                        subject(
                                row,
                                new Resource(row.getString("endpoint_uid"), row.getString("endpoint_id")),
                                tags(row.getString("custom_tags"))),
                        row.getDouble("min_cu")))
                .findOne();
    }

    /** All branches that have a volume; also deleted ones, which can be brought back and hold their bytes until then. */
    static List<MeteredBranch> branches(Handle handle) {
        // Thousands of branches have the tags of a few projects.
        Map<String, Map<String, String>> tags = new HashMap<>();
        return handle.select("""
                        SELECT p.uid AS project_uid, p.project_id, p.owner, p.custom_tags, b.uid AS branch_uid, b.branch_id,
                               b.created_by, b.volume, s.exclusive_bytes, s.history_bytes, s.measured_time
                        FROM control.branch b
                        JOIN control.project p ON p.uid = b.project_uid
                        LEFT JOIN control.branch_space s ON s.branch_uid = b.uid AND s.volume = b.volume
                        WHERE b.state <> 'INIT'
                        """)
                .map((row, context) -> new MeteredBranch(
                        subject(
                                row,
                                new Resource("", ""),
                                tags.computeIfAbsent(row.getString("custom_tags"), MeteredTable::tags)),
                        new VolumeName(row.getString("volume")),
                        figure(row)))
                .list();
    }

    private static Optional<Figure> figure(ResultSet row) throws SQLException {
        long exclusive = row.getLong("exclusive_bytes");
        long history = row.getLong("history_bytes");
        return Columns.optionalInstant(row, "measured_time").map(measured -> new Figure(exclusive, history, measured));
    }

    private static Subject subject(ResultSet row, Resource endpoint, Map<String, String> tags) throws SQLException {
        return new Subject(
                new Resource(row.getString("project_uid"), row.getString("project_id")),
                new Resource(row.getString("branch_uid"), row.getString("branch_id")),
                endpoint,
                row.getString("owner"),
                Columns.optionalText(row, "created_by").orElse(""),
                tags);
    }

    private static Map<String, String> tags(String json) {
        return Json.tags(json).stream().collect(Collectors.toMap(Tag::key, Tag::value, (first, last) -> last));
    }
}
