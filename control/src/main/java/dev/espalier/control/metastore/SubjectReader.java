package dev.espalier.control.metastore;

import dev.espalier.identity.Principal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Finds out who may sign in to a project's branches, and by which names something is given to him. */
final class SubjectReader {

    private static final String MANAGE = "CAN_MANAGE";

    private SubjectReader() {}

    /** By name: the administrators, and those on the project's list, themselves or by a group. */
    static List<Subject> of(Handle handle, String projectUid) {
        Map<String, String> listed = new HashMap<>();
        handle.createQuery("SELECT principal, permission FROM control.project_access WHERE project_uid = :project")
                .bind("project", projectUid)
                .map((row, context) -> listed.put(row.getString("principal"), row.getString("permission")))
                .list();
        List<Subject> subjects = new ArrayList<>();
        handle.createQuery("""
                        WITH RECURSIVE above (member_id, group_id) AS (
                            SELECT m.member_id, m.group_id
                            FROM control.membership m
                            JOIN control.principal p ON p.id = m.member_id
                            WHERE p.kind <> 'GROUP'
                            UNION
                            SELECT a.member_id, m.group_id
                            FROM above a
                            JOIN control.membership m ON m.member_id = a.group_id
                        )
                        SELECT p.name, array_remove(array_agg(g.name), NULL) AS groups
                        FROM control.principal p
                        LEFT JOIN above a ON a.member_id = p.id
                        LEFT JOIN control.principal g ON g.id = a.group_id
                        WHERE p.kind <> 'GROUP'
                        GROUP BY p.name
                        ORDER BY p.name COLLATE "C"
                        """)
                .map((row, context) -> {
                    Set<String> names = new HashSet<>();
                    names.add(row.getString("name"));
                    names.addAll(Arrays.asList((String[]) row.getArray("groups").getArray()));
                    boolean administrator = names.contains(Principal.ADMINISTRATORS);
                    if (administrator || names.stream().anyMatch(listed::containsKey)) {
                        boolean manages =
                                administrator || names.stream().anyMatch(name -> MANAGE.equals(listed.get(name)));
                        subjects.add(new Subject(row.getString("name"), names, manages));
                    }
                    return names;
                })
                .list();
        return subjects;
    }
}
