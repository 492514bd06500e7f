package dev.espalier.control;

import dev.espalier.control.admission.Sight;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The sessions that are open, with how their principals see: names and search paths were settled when they began, and rules may
 * change since. Thread-safe.
 */
final class OpenSessions {

    /** A database on a branch, with its replicas. */
    record BranchDatabase(String branchUid, String database) {}

    /** How a role sees a database now. */
    @FunctionalInterface
    interface Looks {
        Sight as(String role) throws SQLException;
    }

    /** @param principals uids of those without whom it ends: whose the role is, and the agent that acts for him */
    private record Open(String role, Set<String> principals, Consumer<Sight> changed, Runnable removed) {}

    private final Map<BranchDatabase, Set<Open>> open = new ConcurrentHashMap<>();
    private final Map<BranchDatabase, Long> looks = new ConcurrentHashMap<>();

    /** Uids of the principals that have been removed since the start. */
    private final Set<String> removed = ConcurrentHashMap.newKeySet();

    /** How often the database has been looked at; another number than before means that what was seen before may be old. */
    long looksAt(BranchDatabase database) {
        return looks.getOrDefault(database, 0L);
    }

    /**
     * A session begins.
     *
     * @param principals uids of whose the role is, and of the agent that acts for him
     * @param changed hears how its role sees, each time that the database is looked at
     * @param isRemoved runs when one of the principals is removed
     * @return ends it
     * @throws ControlException if one of the principals has been removed
     */
    Runnable enter(
            BranchDatabase database, String role, Set<String> principals, Consumer<Sight> changed, Runnable isRemoved) {
        Open session = new Open(role, principals, changed, isRemoved);
        open.compute(database, (_, there) -> {
            Set<Open> all = there == null ? ConcurrentHashMap.newKeySet() : there;
            all.add(session);
            return all;
        });
        Runnable leave = () -> open.computeIfPresent(database, (_, there) -> {
            there.remove(session);
            return there.isEmpty() ? null : there;
        });
        // Whoever is removed from now on hears of it.
        try {
            requireThere(principals);
        } catch (ControlException e) {
            leave.run();
            throw e;
        }
        return leave;
    }

    /** @throws ControlException if one of the principals has been removed: he may have been found before that */
    void requireThere(Set<String> principals) {
        if (principals.stream().anyMatch(removed::contains)) {
            throw new ControlException(
                    Code.PERMISSION_DENIED,
                    "the principal, or the agent that acts for it, has been removed during the sign-in, and nobody signs in"
                            + " by that name any more.");
        }
    }

    /**
     * The principal has been removed: his sessions, those of agents that act for him and those that he holds as an agent are told,
     * and no more begin.
     */
    void remove(String principalUid) {
        removed.add(principalUid);
        for (Set<Open> there : open.values()) {
            there.stream()
                    .filter(session -> session.principals().contains(principalUid))
                    .forEach(session -> session.removed().run());
        }
    }

    /** Uids of the principals of all the sessions that are open. */
    Set<String> principals() {
        return open.values().stream()
                .flatMap(Set::stream)
                .flatMap(session -> session.principals().stream())
                .collect(Collectors.toSet());
    }

    /** The database has come under other rules, or may have: each session there hears how its role sees now. */
    void look(BranchDatabase database, Looks now) throws SQLException {
        looks.merge(database, 1L, Long::sum);
        tell(database, now);
    }

    /** Each session there hears how its role sees now; whoever is just signing in is not kept from it. */
    void tell(BranchDatabase database, Looks now) throws SQLException {
        Map<String, Sight> seen = new HashMap<>();
        for (Open session : open.getOrDefault(database, Set.of())) {
            Sight sight = seen.get(session.role());
            if (sight == null) {
                sight = now.as(session.role());
                seen.put(session.role(), sight);
            }
            session.changed().accept(sight);
        }
    }
}
