package dev.espalier.control;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Jdbi;

/**
 * Sees to it that roles on a branch are those of the principals who have their names now, before it is asked there whose something
 * is. A sign-in does that for one role; over the API somebody comes to branches that he has not signed in to.
 */
final class RoleNames {

    private final Jdbi jdbi;
    private final BranchSessions sessions;

    /** The newest principal when the roles in a volume were looked at: only a newer one can have got another's name since. */
    private final Map<String, Long> looked = new ConcurrentHashMap<>();

    RoleNames(Jdbi jdbi, BranchSessions sessions) {
        this.jdbi = jdbi;
        this.sessions = sessions;
    }

    /** Sets aside the roles on the branch whose names somebody else has got. A branch that sleeps is woken for it. */
    void settle(Branch branch) {
        long newest = jdbi.withHandle(handle -> handle.select("SELECT coalesce(max(id), 0) FROM control.principal")
                .mapTo(Long.class)
                .one());
        String volume = branch.volume().value();
        if (looked.getOrDefault(volume, -1L) == newest) {
            return;
        }
        boolean _ = sessions.with(branch, BranchSessions.HOME, session -> {
            for (var owner : owners(RoleOwners.recorded(session)).entrySet()) {
                RoleOwners.claim(session, owner.getKey(), owner.getValue());
            }
            return true;
        });
        looked.values().removeIf(before -> before != newest);
        looked.put(volume, newest);
    }

    /** Who has the names now; without those that nobody has. */
    private Map<String, RoleOwner> owners(Set<String> names) {
        return jdbi.withHandle(handle -> handle.select(
                        "SELECT uid, name FROM control.principal WHERE kind <> 'GROUP' AND name = ANY (?)",
                        (Object) names.toArray(String[]::new))
                .reduceRows(new HashMap<>(), (owners, row) -> {
                    owners.put(
                            row.getColumn("name", String.class),
                            new RoleOwner(row.getColumn("uid", String.class), Optional.empty()));
                    return owners;
                }));
    }
}
