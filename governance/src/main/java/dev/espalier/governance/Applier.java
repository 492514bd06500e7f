package dev.espalier.governance;

import dev.espalier.governance.Frame.Filter;
import dev.espalier.governance.Frame.Mask;
import dev.espalier.governance.Frame.Member;
import dev.espalier.governance.Frame.Profile;
import dev.espalier.governance.Frame.RelationAccess;
import dev.espalier.governance.Frame.SchemaAccess;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Puts a frame into a database, as far as it differs from the one that is there. Within the transaction that is open. */
final class Applier {

    /** What the database holds. */
    record Held(long epoch, String frame, Map<String, String> profiles) {
        Held {
            profiles = Map.copyOf(profiles);
        }
    }

    private final Connection session;

    Applier(Connection session) {
        this.session = session;
    }

    Held held() throws SQLException {
        Map<String, String> profiles = new HashMap<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT profile, hash FROM espalier_governance.profile")) {
            while (rows.next()) {
                profiles.put(rows.getString(1), rows.getString(2));
            }
        }
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT epoch, frame FROM espalier_governance.state")) {
            rows.next();
            return new Held(rows.getLong(1), rows.getString(2), profiles);
        }
    }

    /** @param anew whether also profiles that are as they should be are compiled */
    void apply(Frame frame, Snapshot snapshot, Held held, boolean anew) throws SQLException {
        List<Profile> changed = frame.profiles().stream()
                .filter(profile ->
                        anew || !profile.hash().equals(held.profiles().get(profile.id())))
                .toList();
        List<String> gone = held.profiles().keySet().stream()
                .filter(id -> frame.profiles().stream()
                        .noneMatch(profile -> profile.id().equals(id)))
                .sorted()
                .toList();
        List<String> rewritten = new ArrayList<>(gone);
        changed.forEach(profile -> rewritten.add(profile.id()));
        remove(rewritten);
        loadProfiles(frame, changed);
        loadKnown(snapshot);
        try (var call = session.prepareStatement("SELECT espalier_governance.apply(?, ?)")) {
            call.setArray(1, texts(changed, Profile::id));
            call.setArray(2, texts(gone, name -> name));
            call.execute();
        }
        try (var update =
                session.prepareStatement("UPDATE espalier_governance.state SET catalog = ?, epoch = ?, frame = ?")) {
            update.setString(1, frame.catalog());
            update.setLong(2, frame.epoch());
            update.setString(3, frame.hash());
            update.executeUpdate();
        }
    }

    /** The frame is the same; the rules have been changed elsewhere. */
    void note(long epoch) throws SQLException {
        try (var update = session.prepareStatement("UPDATE espalier_governance.state SET epoch = ?")) {
            update.setLong(1, epoch);
            update.executeUpdate();
        }
    }

    /** Closes the tables whose filters the frame changes. */
    void closeFiltered(Frame frame) throws SQLException {
        List<Filter> wanted = new ArrayList<>();
        List<String> owners = new ArrayList<>();
        for (Profile profile : frame.profiles()) {
            for (Filter filter : profile.filters()) {
                wanted.add(filter);
                owners.add(profile.id());
            }
        }
        try (var call = session.prepareStatement("""
                WITH wanted AS (
                    SELECT * FROM unnest(?::text[], ?::bigint[], ?::text[]) w (profile, relid, expression)
                ),
                changed AS (
                    SELECT coalesce(w.profile, f.profile) AS profile, coalesce(w.relid::oid, f.relid) AS relid
                    FROM wanted w
                    FULL JOIN espalier_governance.filter f ON f.profile = w.profile AND f.relid = w.relid::oid
                    WHERE f.expression IS DISTINCT FROM w.expression
                )
                SELECT espalier_governance.close_filtered(
                    ARRAY(SELECT profile FROM changed ORDER BY profile, relid),
                    ARRAY(SELECT relid FROM changed ORDER BY profile, relid))
                """)) {
            call.setArray(1, texts(owners, name -> name));
            call.setArray(2, array("bigint", wanted, Filter::relation));
            call.setArray(3, texts(wanted, Filter::expression));
            call.execute();
        }
    }

    private void remove(List<String> profiles) throws SQLException {
        for (String table :
                List.of("schema_access", "relation_access", "mask", "filter", "function_access", "profile")) {
            try (var delete =
                    session.prepareStatement("DELETE FROM espalier_governance." + table + " WHERE profile = ANY (?)")) {
                delete.setArray(1, texts(profiles, name -> name));
                delete.executeUpdate();
            }
        }
    }

    private void loadProfiles(Frame frame, List<Profile> changed) throws SQLException {
        try (var insert = session.prepareStatement(
                "INSERT INTO espalier_governance.profile SELECT * FROM unnest(?::text[], ?::boolean[], ?::text[])")) {
            insert.setArray(1, texts(changed, Profile::id));
            insert.setArray(2, array("boolean", changed, Profile::bound));
            insert.setArray(3, texts(changed, Profile::hash));
            insert.executeUpdate();
        }
        execute("DELETE FROM espalier_governance.subject");
        try (var insert = session.prepareStatement(
                "INSERT INTO espalier_governance.subject SELECT p, nullif(f, '') FROM unnest(?::name[], ?::text[]) u (p, f)")) {
            insert.setArray(1, array("text", frame.members(), Member::principal));
            insert.setArray(2, texts(frame.members(), member -> member.profile().orElse("")));
            insert.executeUpdate();
        }
        for (Profile profile : changed) {
            load(profile);
        }
    }

    private void load(Profile profile) throws SQLException {
        try (var insert = session.prepareStatement("""
                INSERT INTO espalier_governance.schema_access
                SELECT ?, * FROM unnest(?::name[], ?::boolean[], ?::boolean[], ?::boolean[], ?::boolean[], ?::smallint[], ?::boolean[])
                """)) {
            List<SchemaAccess> rows = profile.schemas();
            insert.setString(1, profile.id());
            insert.setArray(2, texts(rows, SchemaAccess::schema));
            insert.setArray(3, array("boolean", rows, SchemaAccess::uses));
            insert.setArray(4, array("boolean", rows, SchemaAccess::creates));
            insert.setArray(5, array("boolean", rows, SchemaAccess::reads));
            insert.setArray(6, array("boolean", rows, SchemaAccess::writes));
            insert.setArray(7, array("smallint", rows, row -> row.unknown().code()));
            insert.setArray(8, array("boolean", rows, SchemaAccess::closesUnknown));
            insert.executeUpdate();
        }
        try (var insert = session.prepareStatement("""
                INSERT INTO espalier_governance.relation_access
                SELECT ?, u.relation::oid, u.reads, u.writes, nullif(u.closed, ''), u.unknown, false
                FROM unnest(?::bigint[], ?::boolean[], ?::boolean[], ?::text[], ?::smallint[]) u (relation, reads, writes, closed, unknown)
                """)) {
            List<RelationAccess> rows = profile.relations();
            insert.setString(1, profile.id());
            insert.setArray(2, array("bigint", rows, RelationAccess::relation));
            insert.setArray(3, array("boolean", rows, RelationAccess::reads));
            insert.setArray(4, array("boolean", rows, RelationAccess::writes));
            insert.setArray(5, texts(rows, row -> row.closed().orElse("")));
            insert.setArray(6, array("smallint", rows, row -> row.unknown().code()));
            insert.executeUpdate();
        }
        try (var insert = session.prepareStatement("""
                INSERT INTO espalier_governance.mask
                SELECT ?, u.relation::oid, u.number, u.expression
                FROM unnest(?::bigint[], ?::smallint[], ?::text[]) u (relation, number, expression)
                """)) {
            List<Mask> rows = profile.masks();
            insert.setString(1, profile.id());
            insert.setArray(2, array("bigint", rows, Mask::relation));
            insert.setArray(3, array("smallint", rows, Mask::column));
            insert.setArray(4, texts(rows, Mask::expression));
            insert.executeUpdate();
        }
        try (var insert = session.prepareStatement("""
                INSERT INTO espalier_governance.filter
                SELECT ?, u.relation::oid, u.expression FROM unnest(?::bigint[], ?::text[]) u (relation, expression)
                """)) {
            List<Filter> rows = profile.filters();
            insert.setString(1, profile.id());
            insert.setArray(2, array("bigint", rows, Filter::relation));
            insert.setArray(3, texts(rows, Filter::expression));
            insert.executeUpdate();
        }
        try (var insert = session.prepareStatement(
                "INSERT INTO espalier_governance.function_access SELECT ?, u::oid FROM unnest(?::bigint[]) u")) {
            insert.setString(1, profile.id());
            insert.setArray(2, array("bigint", profile.functions(), id -> id));
            insert.executeUpdate();
        }
    }

    /** Keeps what things are called that have not been seen before, and forgets what is no more. */
    private void loadKnown(Snapshot snapshot) throws SQLException {
        try (PreparedStatement insert = session.prepareStatement("""
                INSERT INTO espalier_governance.known_relation
                SELECT u.relation::oid, u.schema, u.name
                FROM unnest(?::bigint[], ?::name[], ?::name[]) u (relation, schema, name)
                ON CONFLICT DO NOTHING
                """)) {
            insert.setArray(1, array("bigint", snapshot.relations(), Snapshot.Relation::id));
            insert.setArray(2, texts(snapshot.relations(), Snapshot.Relation::schema));
            insert.setArray(3, texts(snapshot.relations(), Snapshot.Relation::name));
            insert.executeUpdate();
        }
        List<Long> relations = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (Snapshot.Relation relation : snapshot.relations()) {
            for (Snapshot.Column column : relation.columns()) {
                relations.add(relation.id());
                numbers.add(column.number());
                names.add(column.name());
            }
        }
        try (PreparedStatement insert = session.prepareStatement("""
                INSERT INTO espalier_governance.known_column
                SELECT u.relation::oid, u.number, u.name
                FROM unnest(?::bigint[], ?::smallint[], ?::name[]) u (relation, number, name)
                ON CONFLICT DO NOTHING
                """)) {
            insert.setArray(1, array("bigint", relations, id -> id));
            insert.setArray(2, array("smallint", numbers, number -> number));
            insert.setArray(3, texts(names, name -> name));
            insert.executeUpdate();
        }
        for (String table : List.of("known_relation", "known_column")) {
            execute("DELETE FROM espalier_governance." + table
                    + " k WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = k.relid)");
        }
    }

    private void execute(String sql) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    private <T> java.sql.Array texts(Collection<T> rows, Function<T, String> value) throws SQLException {
        return array("text", rows, value);
    }

    private <T> java.sql.Array array(String type, Collection<T> rows, Function<T, ? extends Object> value)
            throws SQLException {
        return session.createArrayOf(type, rows.stream().map(value).toArray());
    }
}
