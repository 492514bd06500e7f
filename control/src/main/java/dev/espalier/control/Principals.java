package dev.espalier.control;

import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import dev.espalier.identity.PrincipalStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Those who can sign in, with all groups that they belong to, from the control database; one query each. */
public final class Principals implements PrincipalStore {

    private final Jdbi jdbi;

    Principals(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    @Override
    public Optional<Principal> find(String id) {
        return one("uid = :text", id);
    }

    @Override
    public Optional<Principal> named(String name) {
        return jdbi.withHandle(handle -> named(handle, name));
    }

    /** As the transaction sees him. */
    static Optional<Principal> named(Handle handle, String name) {
        return one(handle, "name = :text OR uid = :text OR (kind = 'USER' AND name = :folded)", name);
    }

    @Override
    public Optional<Principal> user(String name) {
        return one("kind = 'USER' AND name = :folded", name);
    }

    @Override
    public Optional<Principal> external(String externalId) {
        return one("external_id = :text", externalId);
    }

    /** @param condition on a principal, about :text or :folded; where two fulfil it, the one of this very name is meant */
    private Optional<Principal> one(String condition, String text) {
        return jdbi.withHandle(handle -> one(handle, condition, text));
    }

    private static Optional<Principal> one(Handle handle, String condition, String text) {
        return handle.createQuery("""
                        WITH RECURSIVE who AS (
                            SELECT id, uid, kind, name, active
                            FROM control.principal
                            WHERE kind <> 'GROUP' AND (%s)
                            ORDER BY name = :text DESC
                            LIMIT 1
                        ),
                        above (id) AS (
                            SELECT m.group_id
                            FROM who
                            JOIN control.membership m ON m.member_id = who.id
                            UNION
                            SELECT m.group_id
                            FROM above
                            JOIN control.membership m ON m.member_id = above.id
                        )
                        SELECT who.*, ARRAY(SELECT g.name FROM above JOIN control.principal g USING (id)) AS groups
                        FROM who
                        """.formatted(condition))
                .bind("text", text)
                .bind("folded", Principal.folded(text))
                .map((row, context) -> read(row))
                .findOne();
    }

    private static Principal read(ResultSet row) throws SQLException {
        Set<String> groups = Arrays.stream((Object[]) row.getArray("groups").getArray())
                .map(String::valueOf)
                .collect(Collectors.toSet());
        return new Principal(
                row.getString("uid"),
                PrincipalKind.valueOf(row.getString("kind")),
                row.getString("name"),
                row.getBoolean("active"),
                groups);
    }

    @Override
    public List<String> secrets(Principal principal) {
        return jdbi.withHandle(
                handle -> handle.select("""
                        SELECT s.kept
                        FROM control.client_secret s
                        JOIN control.principal p ON p.id = s.principal_id
                        WHERE p.uid = ? AND (s.expire_time IS NULL OR s.expire_time > now())
                        ORDER BY s.create_time DESC, s.uid
                        """, principal.id()).mapTo(String.class).list());
    }

    @Override
    public void addAdministrator(String id, String name, String keptSecret) {
        jdbi.useTransaction(handle -> {
            long number = PrincipalTable.insert(
                    handle,
                    id,
                    new Directory.NewPrincipal(
                            PrincipalKind.SERVICE_PRINCIPAL, name, Optional.empty(), Optional.empty(), true, Set.of()));
            PrincipalTable.addSecret(handle, number, keptSecret, Optional.empty());
            PrincipalTable.join(handle, number, PrincipalTable.administrators(handle));
        });
    }

    @Override
    public boolean administratorExists() {
        return jdbi.withHandle(PrincipalTable::administratorExists);
    }
}
