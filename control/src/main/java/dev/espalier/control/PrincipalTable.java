package dev.espalier.control;

import static dev.espalier.control.Columns.timestamp;

import dev.espalier.control.Directory.Entry;
import dev.espalier.control.Directory.Member;
import dev.espalier.control.Directory.NewPrincipal;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Rows of {@code control.principal}, {@code control.membership} and {@code control.client_secret}. */
final class PrincipalTable {

    private PrincipalTable() {}

    /** Answers the new row's id. */
    static long insert(Handle handle, String uid, NewPrincipal wanted) {
        return handle.select(
                        """
                        INSERT INTO control.principal (uid, kind, name, full_name, external_id, active)
                        VALUES (?, ?, ?, ?, ?, ?)
                        RETURNING id
                        """,
                        uid,
                        wanted.kind().name(),
                        wanted.name(),
                        wanted.fullName().orElse(null),
                        wanted.externalId().orElse(null),
                        wanted.active())
                .mapTo(Long.class)
                .one();
    }

    static void update(Handle handle, Entry entry) {
        handle.execute(
                "UPDATE control.principal SET name = ?, full_name = ?, external_id = ?, active = ? WHERE id = ?",
                entry.name(),
                entry.fullName().orElse(null),
                entry.externalId().orElse(null),
                entry.active(),
                entry.id());
    }

    static void delete(Handle handle, long id) {
        handle.execute("DELETE FROM control.principal WHERE id = ?", id);
    }

    static void join(Handle handle, long member, long group) {
        handle.execute("INSERT INTO control.membership VALUES (?, ?) ON CONFLICT DO NOTHING", member, group);
    }

    static void leave(Handle handle, long member, long group) {
        handle.execute("DELETE FROM control.membership WHERE member_id = ? AND group_id = ?", member, group);
    }

    /** Whether the group is the other one, or inside it through any number of groups. */
    static boolean isWithin(Handle handle, long group, long other) {
        return handle.select("""
                        WITH RECURSIVE above (id) AS (
                            SELECT ?
                            UNION
                            SELECT m.group_id
                            FROM above
                            JOIN control.membership m ON m.member_id = above.id
                        )
                        SELECT EXISTS (SELECT FROM above WHERE id = ?)
                        """, group, other).mapTo(Boolean.class).one();
    }

    /** Until the end of the transaction nobody else changes who is in which group. */
    static void lockMemberships(Handle handle) {
        handle.execute("LOCK TABLE control.membership IN SHARE ROW EXCLUSIVE MODE");
    }

    static long administrators(Handle handle) {
        return handle.select(
                        "SELECT id FROM control.principal WHERE kind = 'GROUP' AND name = ?", Principal.ADMINISTRATORS)
                .mapTo(Long.class)
                .one();
    }

    /**
     * Whether a service principal may do everything, and can sign in for as long as it likes: users depend on an issuer, which
     * may be down, and a secret with an end ends.
     */
    static boolean administratorExists(Handle handle) {
        return handle.select("""
                        WITH RECURSIVE inside (id) AS (
                            SELECT ?
                            UNION
                            SELECT m.member_id
                            FROM inside
                            JOIN control.membership m ON m.group_id = inside.id
                        )
                        SELECT EXISTS (SELECT
                                       FROM inside
                                       JOIN control.principal p USING (id)
                                       JOIN control.client_secret s ON s.principal_id = p.id
                                       WHERE p.kind = 'SERVICE_PRINCIPAL' AND p.active AND s.expire_time IS NULL)
                        """, administrators(handle)).mapTo(Boolean.class).one();
    }

    static Optional<Entry> find(Handle handle, long id) {
        List<Entry> found = handle.select("SELECT * FROM control.principal WHERE id = ?", id)
                .map((row, context) -> read(row))
                .list();
        return withMemberships(handle, found).stream().findFirst();
    }

    /** Whoever has this name, a user in capitals or not, or this client id. */
    static Optional<Member> named(Handle handle, String name) {
        return handle.createQuery("""
                        SELECT id, kind, name
                        FROM control.principal
                        WHERE name = :name OR uid = :name OR (kind = 'USER' AND name = :folded)
                        ORDER BY name = :name DESC
                        LIMIT 1
                        """)
                .bind("name", name)
                .bind("folded", Principal.folded(name))
                .map((row, context) -> member(row))
                .findFirst();
    }

    /** Whoever is named like a user but for capitals. */
    static Optional<Member> alike(Handle handle, String userName) {
        return handle.createQuery(
                        "SELECT id, kind, name FROM control.principal WHERE lower(name COLLATE \"C\") = :folded LIMIT 1")
                .bind("folded", Principal.folded(userName))
                .map((row, context) -> member(row))
                .findFirst();
    }

    private static Member member(ResultSet row) throws SQLException {
        return new Member(row.getLong("id"), PrincipalKind.valueOf(row.getString("kind")), row.getString("name"));
    }

    /** Fills in who is in which group, of all of them with one query. */
    static List<Entry> withMemberships(Handle handle, List<Entry> entries) {
        Map<Long, List<Member>> groups = new HashMap<>();
        Map<Long, List<Member>> members = new HashMap<>();
        Long[] ids = entries.stream().map(Entry::id).toArray(Long[]::new);
        handle.createQuery("""
                        SELECT m.member_id, p.kind AS member_kind, p.name AS member_name, m.group_id, g.name AS group_name
                        FROM control.membership m
                        JOIN control.principal p ON p.id = m.member_id
                        JOIN control.principal g ON g.id = m.group_id
                        WHERE m.member_id = ANY (:ids) OR m.group_id = ANY (:ids)
                        ORDER BY p.name, g.name
                        """)
                .bind("ids", ids)
                .map((row, context) -> {
                    Member member = new Member(
                            row.getLong("member_id"),
                            PrincipalKind.valueOf(row.getString("member_kind")),
                            row.getString("member_name"));
                    Member group =
                            new Member(row.getLong("group_id"), PrincipalKind.GROUP, row.getString("group_name"));
                    groups.computeIfAbsent(member.id(), _ -> new ArrayList<>()).add(group);
                    members.computeIfAbsent(group.id(), _ -> new ArrayList<>()).add(member);
                    return member;
                })
                .list();
        return entries.stream()
                .map(entry -> entry.with(
                        groups.getOrDefault(entry.id(), List.of()), members.getOrDefault(entry.id(), List.of())))
                .toList();
    }

    static Entry read(ResultSet row) throws SQLException {
        return new Entry(
                row.getLong("id"),
                PrincipalKind.valueOf(row.getString("kind")),
                row.getString("uid"),
                row.getString("name"),
                Columns.optionalText(row, "full_name"),
                Columns.optionalText(row, "external_id"),
                row.getBoolean("active"),
                List.of(),
                List.of());
    }

    /** Answers the new row's id. */
    static String addSecret(Handle handle, long principal, String kept, Optional<Instant> expires) {
        String uid = UUID.randomUUID().toString();
        handle.execute(
                "INSERT INTO control.client_secret (uid, principal_id, kept, create_time, expire_time) VALUES (?, ?, ?, "
                        + "clock_timestamp(), ?)",
                uid,
                principal,
                kept,
                timestamp(expires));
        return uid;
    }
}
