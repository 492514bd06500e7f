package dev.espalier.control;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The ids of a branch's roles and databases. They are recorded inside the branch, so that they go with the data wherever
 * these are copied or rewound; what was made with SQL alone has an id made from its name.
 */
final class ResourceIds {

    private final Map<String, String> byName;

    private ResourceIds(Map<String, String> byName) {
        this.byName = byName;
    }

    /** Reads the ids of all the names there are of a kind, in an order that is always the same. */
    static ResourceIds read(Connection session, String kind, List<String> names) throws SQLException {
        Map<String, String> recorded = new HashMap<>();
        try (var query = session.prepareStatement("SELECT name, id FROM espalier.resource WHERE kind = ?")) {
            query.setString(1, kind);
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    recorded.put(rows.getString(1), rows.getString(2));
                }
            }
        }
        Map<String, String> ids = new HashMap<>(recorded);
        ids.keySet().retainAll(names);
        // Whatever SQL calls what it makes, what has an id keeps it.
        Set<String> taken = new HashSet<>(ids.values());
        for (String name : names) {
            if (!ids.containsKey(name)) {
                String id = ResourceId.from(name);
                for (int number = 2; !taken.add(id); number++) {
                    id = ResourceId.from(name) + "-" + number;
                }
                ids.put(name, id);
            }
        }
        return new ResourceIds(ids);
    }

    /** Reads the ids of all roles. */
    static ResourceIds ofRoles(Connection session) throws SQLException {
        List<String> names = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT rolname FROM pg_roles ORDER BY rolname COLLATE \"C\"")) {
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

    /** Records a name under an id. What had the name and was dropped by SQL is forgotten. */
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
                """)) {
            insert.setString(1, kind);
            insert.setString(2, id);
            insert.setString(3, name);
            insert.executeUpdate();
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
