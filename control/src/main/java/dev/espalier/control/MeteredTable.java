package dev.espalier.control;

import dev.espalier.journal.Resource;
import dev.espalier.journal.metering.Subject;
import dev.espalier.storage.VolumeName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** What there is to meter, read from the rows of projects, branches and endpoints in one go. */
final class MeteredTable {

    /**
     * An endpoint or a branch.
     *
     * @param computeUnits that the endpoint holds while it runs; 0 for a branch
     * @param volume of the branch
     */
    record Row(Subject subject, double computeUnits, VolumeName volume) {}

    private MeteredTable() {}

    static Optional<Row> endpoint(Handle handle, String uid) {
        return handle.select("""
                        SELECT p.uid AS project_uid, p.project_id, p.owner, p.custom_tags, b.uid AS branch_uid, b.branch_id,
                               b.created_by, b.volume, e.uid AS endpoint_uid, e.endpoint_id, e.min_cu
                        FROM control.endpoint e
                        JOIN control.branch b ON b.uid = e.branch_uid
                        JOIN control.project p ON p.uid = b.project_uid
                        WHERE e.uid = ?
                        """, uid).map((row, context) -> read(row)).findOne();
    }

    /** All branches that have a volume; also deleted ones, which can be brought back and hold their bytes until then. */
    static List<Row> branches(Handle handle) {
        return handle.select("""
                        SELECT p.uid AS project_uid, p.project_id, p.owner, p.custom_tags, b.uid AS branch_uid, b.branch_id,
                               b.created_by, b.volume, '' AS endpoint_uid, '' AS endpoint_id, 0 AS min_cu
                        FROM control.branch b
                        JOIN control.project p ON p.uid = b.project_uid
                        WHERE b.state <> 'INIT'
                        """).map((row, context) -> read(row)).list();
    }

    private static Row read(ResultSet row) throws SQLException {
        Map<String, String> tags = Json.tags(row.getString("custom_tags")).stream()
                .collect(Collectors.toMap(Tag::key, Tag::value, (first, last) -> last));
        return new Row(
                new Subject(
                        new Resource(row.getString("project_uid"), row.getString("project_id")),
                        new Resource(row.getString("branch_uid"), row.getString("branch_id")),
                        new Resource(row.getString("endpoint_uid"), row.getString("endpoint_id")),
                        row.getString("owner"),
                        Columns.optionalText(row, "created_by").orElse(""),
                        tags),
                row.getDouble("min_cu"),
                new VolumeName(row.getString("volume")));
    }
}
