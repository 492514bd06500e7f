package dev.espalier.control.metastore;

import dev.espalier.identity.Principal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Finds out who may sign in to a project's branches, and by which names something is given to him. */
final class SubjectReader {

    private static final String MANAGE = "CAN_MANAGE";

    private final Map<Long, Subject> principals = new LinkedHashMap<>();
    private final Set<Long> users = new HashSet<>();
    private final List<Subject> delegates = new ArrayList<>();

    private SubjectReader(Handle handle, String projectUid) {
        readPrincipals(handle, listed(handle, projectUid));
        readDelegations(handle, projectUid);
    }

    /** By name: the administrators, and those on the project's list, themselves or by a group; then the agents of these. */
    static List<Subject> of(Handle handle, String projectUid) {
        SubjectReader read = new SubjectReader(handle, projectUid);
        List<Subject> subjects = new ArrayList<>();
        read.principals.forEach((id, subject) -> {
            if (read.users.contains(id)) {
                subjects.add(subject);
            }
        });
        subjects.addAll(read.delegates);
        return subjects;
    }

    /** What is on the project's list: a permission by each name. */
    private static Map<String, String> listed(Handle handle, String projectUid) {
        Map<String, String> listed = new HashMap<>();
        handle.createQuery("SELECT principal, permission FROM control.project_access WHERE project_uid = :project")
                .bind("project", projectUid)
                .map((row, context) -> listed.put(row.getString("principal"), row.getString("permission")))
                .list();
        return listed;
    }

    /** Users, service principals, and the group of all agents. */
    private void readPrincipals(Handle handle, Map<String, String> listed) {
        handle.createQuery("""
                        WITH RECURSIVE above (member_id, group_id) AS (
                            SELECT m.member_id, m.group_id
                            FROM control.membership m
                            JOIN control.principal p ON p.id = m.member_id
                            WHERE p.kind <> 'GROUP' OR p.name = :agents
                            UNION
                            SELECT a.member_id, m.group_id
                            FROM above a
                            JOIN control.membership m ON m.member_id = a.group_id
                        )
                        SELECT p.id, p.kind <> 'GROUP' AS signs_in, p.name, array_remove(array_agg(g.name), NULL) AS groups
                        FROM control.principal p
                        LEFT JOIN above a ON a.member_id = p.id
                        LEFT JOIN control.principal g ON g.id = a.group_id
                        WHERE p.kind <> 'GROUP' OR p.name = :agents
                        GROUP BY p.id, p.kind, p.name
                        ORDER BY p.name COLLATE "C"
                        """)
                .bind("agents", Subject.AGENTS)
                .map((row, context) -> {
                    Set<String> names = new HashSet<>();
                    names.add(row.getString("name"));
                    names.addAll(Arrays.asList((String[]) row.getArray("groups").getArray()));
                    if (row.getBoolean("signs_in")
                            && (names.contains(Principal.ADMINISTRATORS)
                                    || names.stream().anyMatch(listed::containsKey))) {
                        users.add(row.getLong("id"));
                    }
                    return principals.put(
                            row.getLong("id"), new Subject(row.getString("name"), names, manages(names, listed)));
                })
                .list();
    }

    private void readDelegations(Handle handle, String projectUid) {
        Set<String> ofAllAgents = new HashSet<>();
        principals.values().stream()
                .filter(subject -> subject.name().equals(Subject.AGENTS))
                .forEach(group -> ofAllAgents.addAll(group.names()));
        handle.select("SELECT principal_id, agent_id FROM control.delegation WHERE project_uid = ?", projectUid)
                .map((row, context) -> {
                    Subject principal = principals.get(row.getLong("principal_id"));
                    Subject agent = principals.get(row.getLong("agent_id"));
                    if (principal != null && agent != null && users.contains(row.getLong("principal_id"))) {
                        Set<String> names = new HashSet<>(agent.names());
                        names.addAll(ofAllAgents);
                        delegates.add(new Subject(
                                Delegations.role(principal.name(), agent.name()),
                                principal.names(),
                                principal.manages(),
                                Optional.of(new Subject(agent.name(), names, agent.manages()))));
                    }
                    return delegates;
                })
                .list();
        delegates.sort(Comparator.comparing(Subject::name));
    }

    /** Whoever goes by the name: a user, a service principal, whoever is in the group and in no other, or everybody. */
    static Optional<Subject> named(Handle handle, String projectUid, String name) {
        Map<String, String> listed = listed(handle, projectUid);
        Set<String> names = new HashSet<>(
                handle.createQuery("""
                        WITH RECURSIVE known (id, name) AS (
                            SELECT p.id, p.name FROM control.principal p WHERE p.name = :name
                            UNION
                            SELECT g.id, g.name
                            FROM known k
                            JOIN control.membership m ON m.member_id = k.id
                            JOIN control.principal g ON g.id = m.group_id
                        )
                        SELECT name FROM known
                        """).bind("name", name).mapTo(String.class).list());
        return names.isEmpty() && !name.equals(Subject.EVERYONE)
                ? Optional.empty()
                : Optional.of(new Subject(name, names, manages(names, listed)));
    }

    private static boolean manages(Set<String> names, Map<String, String> listed) {
        return names.contains(Principal.ADMINISTRATORS)
                || names.stream().anyMatch(name -> MANAGE.equals(listed.get(name)));
    }
}
