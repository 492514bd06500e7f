package dev.espalier.governance;

import dev.espalier.governance.Frame.Absent;
import dev.espalier.governance.Frame.Filter;
import dev.espalier.governance.Frame.Mask;
import dev.espalier.governance.Frame.Member;
import dev.espalier.governance.Frame.Profile;
import dev.espalier.governance.Frame.RelationAccess;
import dev.espalier.governance.Frame.SchemaAccess;
import dev.espalier.governance.Snapshot.Column;
import dev.espalier.governance.Snapshot.Relation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Puts a frame into a database, as far as it differs from the one that is there. Within the transaction that is open. */
final class Applier {

    /**
     * What the database holds.
     *
     * @param catalog the one whose rules it is under; empty where it is under none yet
     * @param profiles by their names
     * @param members names of profiles by principals; without those that have none
     */
    record Held(
            String catalog, long epoch, String frame, Map<String, HeldProfile> profiles, Map<String, String> members) {
        Held {
            profiles = Map.copyOf(profiles);
            members = Map.copyOf(members);
        }
    }

    /** A {@link Profile} that is held. */
    record HeldProfile(boolean bound, String hash) {}

    private static final String CHANGED_FILTERS = """
            WITH changed AS (
                SELECT profile, relid FROM espalier_governance.changed_filters(?::text[], ?::bigint[]::oid[], ?::text[])
            )
            """;

    private final Connection session;

    Applier(Connection session) {
        this.session = session;
    }

    /**
     * Has the rules to itself until the transaction ends: what is committed is seen from here on, and what commits later has to keep to what
     * becomes of them.
     */
    void begin() throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute("SELECT FROM espalier_governance.change FOR UPDATE");
        }
    }

    Held held() throws SQLException {
        Map<String, HeldProfile> profiles = new HashMap<>();
        Map<String, String> members = new HashMap<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("""
                        SELECT p.profile, p.bound, p.hash, s.principal
                        FROM espalier_governance.profile p LEFT JOIN espalier_governance.subject s USING (profile)
                        """)) {
            while (rows.next()) {
                profiles.put(rows.getString(1), new HeldProfile(rows.getBoolean(2), rows.getString(3)));
                if (rows.getString(4) != null) {
                    members.put(rows.getString(4), rows.getString(1));
                }
            }
        }
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT catalog, epoch, frame FROM espalier_governance.state")) {
            rows.next();
            return new Held(rows.getString(1), rows.getLong(2), rows.getString(3), profiles, members);
        }
    }

    void apply(Frame frame, Snapshot snapshot, Held held) throws SQLException {
        List<Profile> changed = frame.profiles().stream()
                .filter(profile -> !new HeldProfile(profile.bound(), profile.hash())
                        .equals(held.profiles().get(profile.id())))
                .toList();
        List<String> gone = held.profiles().keySet().stream()
                .filter(id -> frame.profiles().stream()
                        .noneMatch(profile -> profile.id().equals(id)))
                .sorted()
                .toList();
        Set<ProfileRelation> places = changedPlaces(changed);
        remove(changed, gone, places);
        loadProfiles(changed);
        for (Profile profile : changed) {
            load(profile, places);
        }
        // What is masked because nobody knew it.
        List<Long> unseen = snapshot.relations().stream()
                .filter(relation -> !relation.seen())
                .map(Snapshot.Relation::id)
                .toList();
        for (Profile profile : frame.profiles()) {
            unseen.forEach(relation -> places.add(new ProfileRelation(profile.id(), relation)));
        }
        boolean anyone = loadMembers(frame)
                || !gone.isEmpty()
                || !held.profiles()
                        .keySet()
                        .containsAll(changed.stream().map(Profile::id).toList())
                || !unseen.isEmpty();
        learn(snapshot.relations().stream().filter(relation -> !relation.seen()).toList());
        try (var call = session.prepareStatement("SELECT espalier_governance.apply(?, ?, ?, ?::bigint[]::oid[], ?)")) {
            call.setArray(1, texts(changed, Profile::id));
            call.setArray(2, texts(gone, name -> name));
            call.setArray(3, texts(places, ProfileRelation::profile));
            call.setArray(4, array("bigint", places, ProfileRelation::relation));
            call.setBoolean(5, anyone);
            call.execute();
        }
        try (var update =
                session.prepareStatement("UPDATE espalier_governance.state SET catalog = ?, epoch = ?, frame = ?")) {
            update.setString(1, frame.catalog());
            update.setLong(2, frame.epoch());
            update.setString(3, frame.hash());
            update.executeUpdate();
        }
        try (var statement = session.createStatement()) {
            statement.execute("UPDATE espalier_governance.change SET number = number + 1");
            statement.execute("SELECT espalier_governance.keep_rows()");
        }
    }

    private void learn(List<Relation> unseen) throws SQLException {
        List<Relation> owners = new ArrayList<>();
        List<Column> columns = new ArrayList<>();
        for (Relation relation : unseen) {
            for (Column column : relation.columns()) {
                owners.add(relation);
                columns.add(column);
            }
        }
        try (var call = session.prepareStatement(
                "SELECT espalier_governance.learn(?::bigint[]::oid[], ?::bigint[]::oid[], ?::smallint[])")) {
            call.setArray(1, array("bigint", unseen, Relation::id));
            call.setArray(2, array("bigint", owners, Relation::id));
            call.setArray(3, array("integer", columns, Column::number));
            call.execute();
        }
    }

    /** A relation as a profile sees it. */
    private record ProfileRelation(String profile, long relation) {}

    /** Where the frame says something else than the database holds. */
    private Set<ProfileRelation> changedPlaces(List<Profile> changed) throws SQLException {
        Map<ProfileRelation, String> hashes = hashes(changed);
        Set<ProfileRelation> places = new HashSet<>();
        for (Profile profile : changed) {
            for (RelationAccess access : profile.relations()) {
                ProfileRelation place = new ProfileRelation(profile.id(), access.relation());
                if (!access.hash().equals(hashes.remove(place))) {
                    places.add(place);
                }
            }
        }
        // Of these the frame says nothing any more.
        places.addAll(hashes.keySet());
        return places;
    }

    private Map<ProfileRelation, String> hashes(List<Profile> profiles) throws SQLException {
        Map<ProfileRelation, String> hashes = new HashMap<>();
        try (var query = session.prepareStatement(
                "SELECT profile, relid, hash FROM espalier_governance.relation_access WHERE profile = ANY (?)")) {
            query.setArray(1, texts(profiles, Profile::id));
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    hashes.put(new ProfileRelation(rows.getString(1), rows.getLong(2)), rows.getString(3));
                }
            }
        }
        return hashes;
    }

    /** The frame is the same; the rules have been changed elsewhere. */
    void setEpoch(long epoch) throws SQLException {
        try (var update = session.prepareStatement("UPDATE espalier_governance.state SET epoch = ?")) {
            update.setLong(1, epoch);
            update.executeUpdate();
        }
    }

    /** Closes the tables whose filters the frame changes. */
    void closeFiltered(Frame frame) throws SQLException {
        try (var call = session.prepareStatement(CHANGED_FILTERS + """
                SELECT espalier_governance.close_filtered(
                    ARRAY(SELECT profile FROM changed ORDER BY profile, relid),
                    ARRAY(SELECT relid FROM changed ORDER BY profile, relid))
                """)) {
            setFilters(call, frame);
            call.execute();
        }
    }

    private void setFilters(PreparedStatement call, Frame frame) throws SQLException {
        List<Filter> wanted = new ArrayList<>();
        List<String> owners = new ArrayList<>();
        for (Profile profile : frame.profiles()) {
            for (Filter filter : profile.filters()) {
                wanted.add(filter);
                owners.add(profile.id());
            }
        }
        call.setArray(1, texts(owners, name -> name));
        call.setArray(2, array("bigint", wanted, Filter::relation));
        call.setArray(3, texts(wanted, Filter::expression));
    }

    private void remove(List<Profile> changed, List<String> gone, Set<ProfileRelation> places) throws SQLException {
        for (String table : List.of("relation_access", "mask", "filter")) {
            try (var delete = session.prepareStatement("DELETE FROM espalier_governance." + table
                    + " t USING unnest(?::text[], ?::bigint[]) u (profile, relid)"
                    + " WHERE t.profile = u.profile AND t.relid = u.relid::oid")) {
                delete.setArray(1, texts(places, ProfileRelation::profile));
                delete.setArray(2, array("bigint", places, ProfileRelation::relation));
                delete.executeUpdate();
            }
            removeProfiles(table, gone);
        }
        List<String> rewritten = new ArrayList<>(gone);
        changed.forEach(profile -> rewritten.add(profile.id()));
        for (String table : List.of("schema_access", "function_access", "absent", "profile")) {
            removeProfiles(table, rewritten);
        }
    }

    private void removeProfiles(String table, List<String> profiles) throws SQLException {
        try (var delete =
                session.prepareStatement("DELETE FROM espalier_governance." + table + " WHERE profile = ANY (?)")) {
            delete.setArray(1, texts(profiles, name -> name));
            delete.executeUpdate();
        }
    }

    private void loadProfiles(List<Profile> changed) throws SQLException {
        try (var insert = session.prepareStatement("INSERT INTO espalier_governance.profile (profile, bound, hash)"
                + " SELECT * FROM unnest(?::text[], ?::boolean[], ?::text[])")) {
            insert.setArray(1, texts(changed, Profile::id));
            insert.setArray(2, array("boolean", changed, Profile::bound));
            insert.setArray(3, texts(changed, Profile::hash));
            insert.executeUpdate();
        }
    }

    /** @return whether anyone has come or gone, or is alike to others than before */
    private boolean loadMembers(Frame frame) throws SQLException {
        try (var merge = session.prepareStatement("""
                WITH wanted AS (
                    SELECT u.principal, nullif(u.profile, '') AS profile FROM unnest(?::name[], ?::text[]) u (principal, profile)
                ), gone AS (
                    DELETE FROM espalier_governance.subject s
                    WHERE NOT EXISTS (SELECT FROM wanted w WHERE w.principal = s.principal)
                    RETURNING 1
                ), come AS (
                    INSERT INTO espalier_governance.subject AS s (principal, profile) SELECT w.principal, w.profile FROM wanted w
                    ON CONFLICT (principal) DO UPDATE SET profile = excluded.profile
                    WHERE s.profile IS DISTINCT FROM excluded.profile
                    RETURNING 1
                )
                SELECT EXISTS (SELECT FROM gone) OR EXISTS (SELECT FROM come)
                """)) {
            merge.setArray(1, array("text", frame.members(), Member::principal));
            merge.setArray(2, texts(frame.members(), member -> member.profile().orElse("")));
            try (var rows = merge.executeQuery()) {
                rows.next();
                return rows.getBoolean(1);
            }
        }
    }

    /** @param places the ones of which rows are loaded */
    private void load(Profile profile, Set<ProfileRelation> places) throws SQLException {
        try (var insert = session.prepareStatement("""
                INSERT INTO espalier_governance.schema_access
                    (profile, schema, uses, creates, reads, writes, masks_unknown, closes_unknown)
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
                    (profile, relid, reads, writes, closed, masks_unknown, provisional, hash)
                SELECT ?, u.relation::oid, u.reads, u.writes, nullif(u.closed, ''), u.unknown, false, u.hash
                FROM unnest(?::bigint[], ?::boolean[], ?::boolean[], ?::text[], ?::smallint[], ?::text[])
                    u (relation, reads, writes, closed, unknown, hash)
                """)) {
            List<RelationAccess> rows = profile.relations().stream()
                    .filter(row -> places.contains(new ProfileRelation(profile.id(), row.relation())))
                    .toList();
            insert.setString(1, profile.id());
            insert.setArray(2, array("bigint", rows, RelationAccess::relation));
            insert.setArray(3, array("boolean", rows, RelationAccess::reads));
            insert.setArray(4, array("boolean", rows, RelationAccess::writes));
            insert.setArray(5, texts(rows, row -> row.closed().orElse("")));
            insert.setArray(6, array("smallint", rows, row -> row.unknown().code()));
            insert.setArray(7, texts(rows, RelationAccess::hash));
            insert.executeUpdate();
        }
        try (var insert = session.prepareStatement("""
                INSERT INTO espalier_governance.mask (profile, relid, attnum, expression)
                SELECT ?, u.relation::oid, u.number, u.expression
                FROM unnest(?::bigint[], ?::smallint[], ?::text[]) u (relation, number, expression)
                """)) {
            List<Mask> rows = profile.masks().stream()
                    .filter(row -> places.contains(new ProfileRelation(profile.id(), row.relation())))
                    .toList();
            insert.setString(1, profile.id());
            insert.setArray(2, array("bigint", rows, Mask::relation));
            insert.setArray(3, array("smallint", rows, Mask::column));
            insert.setArray(4, texts(rows, Mask::expression));
            insert.executeUpdate();
        }
        try (var insert = session.prepareStatement("""
                INSERT INTO espalier_governance.filter (profile, relid, expression)
                SELECT ?, u.relation::oid, u.expression FROM unnest(?::bigint[], ?::text[]) u (relation, expression)
                """)) {
            List<Filter> rows = profile.filters().stream()
                    .filter(row -> places.contains(new ProfileRelation(profile.id(), row.relation())))
                    .toList();
            insert.setString(1, profile.id());
            insert.setArray(2, array("bigint", rows, Filter::relation));
            insert.setArray(3, texts(rows, Filter::expression));
            insert.executeUpdate();
        }
        try (var insert =
                session.prepareStatement("INSERT INTO espalier_governance.absent (profile, schema, name, column_name)"
                        + " SELECT ?, * FROM unnest(?::name[], ?::name[], ?::name[])")) {
            insert.setString(1, profile.id());
            insert.setArray(2, texts(profile.absent(), Absent::schema));
            insert.setArray(3, texts(profile.absent(), Absent::relation));
            insert.setArray(4, texts(profile.absent(), Absent::column));
            insert.executeUpdate();
        }
        try (var insert = session.prepareStatement("INSERT INTO espalier_governance.function_access (profile, function)"
                + " SELECT ?, u::oid FROM unnest(?::bigint[]) u")) {
            insert.setString(1, profile.id());
            insert.setArray(2, array("bigint", profile.functions(), id -> id));
            insert.executeUpdate();
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
