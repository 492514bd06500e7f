package dev.espalier.control.metastore;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * What can be asked of privileges on governed tags. Administrators have all of them, and are not listed. To assign a tag takes
 * {@link TagPrivilege#ASSIGN} on it, and {@link Privilege#APPLY_TAG} on what it is assigned to: who owns a table cannot take away by
 * himself what policies find it by.
 */
public final class TagGrants {

    /** A privilege and whom to give it to: a name, a client id, or {@link Subject#EVERYONE}. */
    public record Wanted(TagPrivilege privilege, String principal) {}

    private final Jdbi jdbi;

    TagGrants(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Who has which privilege, by privilege and name.
     *
     * @throws ControlException if there is no such tag
     */
    public List<TagGrant> list(String key) {
        return jdbi.withHandle(handle -> {
            GovernedTags.find(handle, key);
            return of(handle, key);
        });
    }

    /** Gives a principal privileges on a tag. */
    public Changed<List<TagGrant>> give(Principal who, String key, Set<TagPrivilege> privileges, String principal) {
        return change(who, key, before -> {
            List<Wanted> wanted = new ArrayList<>(before);
            privileges.forEach(privilege -> wanted.add(new Wanted(privilege, principal)));
            return wanted;
        });
    }

    /** Takes privileges on a tag from a principal. */
    public Changed<List<TagGrant>> take(Principal who, String key, Set<TagPrivilege> privileges, String principal) {
        String name =
                jdbi.withHandle(handle -> PrincipalNames.find(handle, principal).name());
        return change(
                who,
                key,
                before -> before.stream()
                        .filter(given -> !privileges.contains(given.privilege())
                                || !given.principal().equals(name))
                        .toList());
    }

    /**
     * Gives these privileges on a tag, and takes all others.
     *
     * @param known whether what is there is what was there when they were chosen
     * @throws ControlException if something else is there by now
     */
    public Changed<List<TagGrant>> replace(
            Principal who, String key, Predicate<List<TagGrant>> known, List<Wanted> wanted) {
        return jdbi.inTransaction(handle -> {
            requireManage(handle, who, key);
            List<TagGrant> before = of(handle, key);
            if (!known.test(before)) {
                throw new ControlException(
                        Code.ABORTED,
                        "the privileges on the governed tag " + key
                                + " have been changed since they were read. Read them again, and change those.");
            }
            return put(handle, key, before, wanted);
        });
    }

    private Changed<List<TagGrant>> change(Principal who, String key, UnaryOperator<List<Wanted>> change) {
        return jdbi.inTransaction(handle -> {
            requireManage(handle, who, key);
            List<TagGrant> before = of(handle, key);
            return put(
                    handle,
                    key,
                    before,
                    change.apply(before.stream()
                            .map(grant -> new Wanted(grant.privilege(), grant.principal()))
                            .toList()));
        });
    }

    private static void requireManage(Handle handle, Principal who, String key) {
        CatalogTable.nextEpoch(handle);
        GovernedTags.find(handle, key);
        require(handle, who, TagPrivilege.MANAGE, key);
    }

    private static Changed<List<TagGrant>> put(Handle handle, String key, List<TagGrant> before, List<Wanted> wanted) {
        handle.execute("DELETE FROM control.tag_privilege WHERE key = ?", key);
        for (Wanted grant : wanted) {
            insert(handle, key, PrincipalNames.find(handle, grant.principal()).id(), grant.privilege());
        }
        return new Changed<>(Optional.of(before), Optional.of(of(handle, key)), List.of());
    }

    /** Whoever makes a tag manages it. */
    static void giveToMaker(Handle handle, Principal who, String key) {
        handle.execute(
                "INSERT INTO control.tag_privilege SELECT ?, id, ? FROM control.principal WHERE name = ?",
                key,
                TagPrivilege.MANAGE.name(),
                who.name());
    }

    private static void insert(Handle handle, String key, Optional<Long> principal, TagPrivilege privilege) {
        handle.execute(
                "INSERT INTO control.tag_privilege VALUES (?, ?::bigint, ?) ON CONFLICT DO NOTHING",
                key,
                principal.orElse(null),
                privilege.name());
    }

    private static List<TagGrant> of(Handle handle, String key) {
        return handle.select("""
                        SELECT g.privilege, coalesce(p.name, :everyone) AS principal, coalesce(p.kind, 'GROUP') AS kind,
                               coalesce(p.uid, :everyone) AS id
                        FROM control.tag_privilege g
                        LEFT JOIN control.principal p ON p.id = g.principal_id
                        WHERE g.key = :key
                        ORDER BY g.privilege, coalesce(p.name, :everyone) COLLATE "C"
                        """)
                .bind("everyone", Subject.EVERYONE)
                .bind("key", key)
                .map((row, context) -> new TagGrant(
                        TagPrivilege.valueOf(row.getString("privilege")),
                        row.getString("principal"),
                        PrincipalKind.valueOf(row.getString("kind")),
                        row.getString("id")))
                .list();
    }

    /** @throws ControlException if the principal has no such privilege on the tag */
    static void require(Handle handle, Principal who, TagPrivilege privilege, String key) {
        if (who.administrator()) {
            return;
        }
        Set<String> names = who.names();
        boolean has = of(handle, key).stream()
                .anyMatch(grant -> grant.privilege().includes(privilege)
                        && (names.contains(grant.principal())
                                || grant.principal().equals(Subject.EVERYONE)));
        if (!has) {
            throw new ControlException(
                    Code.PERMISSION_DENIED,
                    who.name() + " has no " + privilege + " on the governed tag " + key
                            + ". Who manages the tag, or an administrator, gives it: GRANT " + privilege
                            + " ON GOVERNED TAG " + Backticks.around(key) + " TO " + Backticks.around(who.name())
                            + " on the database system.");
        }
    }
}
