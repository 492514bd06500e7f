package dev.espalier.control;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.ResourceId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The ids of a branch's roles and databases. They are recorded inside the branch, so that they go with the data wherever
 * these are copied or rewound. What was made with SQL alone gets an id made from its name when it is first shown, and keeps
 * that, too: what SQL makes or drops later leads nobody who has the id to something else.
 */
final class ResourceIds {

    private final Map<String, String> byName;

    private ResourceIds(Map<String, String> byName) {
        this.byName = byName;
    }

    /**
     * Reads the ids of all the names there are of a kind, and records those of names that have none yet, each of them the id
     * that is nearest to it and nobody's. An id whose name SQL has dropped goes to no other name.
     */
    static ResourceIds read(Connection session, String kind, List<String> names) throws SQLException {
        Map<String, String> ids = recorded(session, kind);
        // Others may record at the same time: what they were first with is theirs.
        for (Map<String, String> made = make(names, ids); !made.isEmpty(); made = make(names, ids)) {
            recordNew(session, kind, made);
            ids = recorded(session, kind);
        }
        return new ResourceIds(ids);
    }

    private static Map<String, String> recorded(Connection session, String kind) throws SQLException {
        Map<String, String> recorded = new HashMap<>();
        try (var query = session.prepareStatement("SELECT name, id FROM espalier.resource WHERE kind = ?")) {
            query.setString(1, kind);
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    recorded.put(rows.getString(1), rows.getString(2));
                }
            }
        }
        return recorded;
    }

    /** Ids for those of the names that have none, in the names' order. */
    private static Map<String, String> make(List<String> names, Map<String, String> recorded) {
        Map<String, String> made = new LinkedHashMap<>();
        Set<String> taken = new HashSet<>(recorded.values());
        for (String name : names) {
            if (!recorded.containsKey(name)) {
                String id = ResourceId.from(name);
                for (int number = 2; !taken.add(id); number++) {
                    id = ResourceId.from(name) + "-" + number;
                }
                made.put(name, id);
            }
        }
        return made;
    }

    private static void recordNew(Connection session, String kind, Map<String, String> idsByName) throws SQLException {
        try (var insert = session.prepareStatement("""
                INSERT INTO espalier.resource (kind, id, name)
                SELECT ?, made.id, made.name FROM unnest(?::text[], ?::text[]) AS made (id, name)
                ON CONFLICT DO NOTHING
                """)) {
            insert.setString(1, kind);
            insert.setArray(2, session.createArrayOf("text", idsByName.values().toArray()));
            insert.setArray(3, session.createArrayOf("text", idsByName.keySet().toArray()));
            insert.executeUpdate();
        }
    }

    /** Reads the ids of all roles but PostgreSQL's and Espalier's own, unless these own a database. */
    static ResourceIds ofRoles(Connection session) throws SQLException {
        List<String> names = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("""
                        SELECT rolname
                        FROM pg_roles
                        WHERE rolname !~ '^(pg|espalier)_' OR oid IN (SELECT datdba FROM pg_database)
                        ORDER BY rolname COLLATE "C"
                        """)) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return read(session, "role", names);
    }

    /** Id of one of the names that were read. */
    String id(String name) {
        return Objects.requireNonNull(byName.get(name), name);
    }

    /** Whether the name is recorded under the id. */
    static boolean isRecorded(Connection session, String kind, String id, String name) throws SQLException {
        try (var query =
                session.prepareStatement("SELECT FROM espalier.resource WHERE kind = ? AND id = ? AND name = ?")) {
            query.setString(1, kind);
            query.setString(2, id);
            query.setString(3, name);
            try (var rows = query.executeQuery()) {
                return rows.next();
            }
        }
    }

    /**
     * Records a name under an id. What had the name or the id and was dropped by SQL is forgotten.
     *
     * @throws ControlException if the id is that of something else, which is still there
     */
    static void record(Connection session, String kind, String id, String name) throws SQLException {
        try (var delete =
                session.prepareStatement("DELETE FROM espalier.resource WHERE kind = ? AND name = ? AND id <> ?")) {
            delete.setString(1, kind);
            delete.setString(2, name);
            delete.setString(3, id);
            delete.executeUpdate();
        }
        try (var insert = session.prepareStatement("""
                INSERT INTO espalier.resource (kind, id, name) VALUES (?, ?, ?)
                ON CONFLICT (kind, id) DO UPDATE SET name = EXCLUDED.name
                WHERE resource.name = EXCLUDED.name
                   OR NOT EXISTS (SELECT FROM pg_roles WHERE resource.kind = 'role' AND rolname = resource.name
                                  UNION ALL
                                  SELECT FROM pg_database WHERE resource.kind = 'database' AND datname = resource.name)
                """)) {
            insert.setString(1, kind);
            insert.setString(2, id);
            insert.setString(3, name);
            if (insert.executeUpdate() == 0) {
                throw new ControlException(
                        Code.BAD_REQUEST,
                        "there is another " + kind + " of the id " + id + ". Choose another " + kind + "_id.",
                        "RESOURCE_ALREADY_EXISTS",
                        Map.of());
            }
        }
    }

    /** What had the name has another one now, which nothing else has: its id goes with it. */
    static void rename(Connection session, String kind, String name, String newName) throws SQLException {
        forget(session, kind, newName);
        try (var update =
                session.prepareStatement("UPDATE espalier.resource SET name = ? WHERE kind = ? AND name = ?")) {
            update.setString(1, newName);
            update.setString(2, kind);
            update.setString(3, name);
            update.executeUpdate();
        }
    }

    static void forget(Connection session, String kind, String name) throws SQLException {
        try (var delete = session.prepareStatement("DELETE FROM espalier.resource WHERE kind = ? AND name = ?")) {
            delete.setString(1, kind);
            delete.setString(2, name);
            delete.executeUpdate();
        }
    }
}
