package dev.espalier.control;

import dev.espalier.control.ControlException.Code;
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
    record Place(String branchUid, String database) {}

    /** How a role sees a database now. */
    @FunctionalInterface
    interface Looks {
        Sight as(String role) throws SQLException;
    }

    /** One session. */
    private record Open(String role, RoleOwner owner, Consumer<Sight> changed, Runnable removed) {}

    private final Map<Place, Set<Open>> open = new ConcurrentHashMap<>();
    private final Map<Place, Long> looks = new ConcurrentHashMap<>();

    /** Uids of the principals that have been removed since the start. */
    private final Set<String> removed = ConcurrentHashMap.newKeySet();

    /** How often the place has been looked at; another number than before means that what was seen before may be old. */
    long looksAt(Place place) {
        return looks.getOrDefault(place, 0L);
    }

    /**
     * A session begins.
     *
     * @param owner whose the role is
     * @param changed hears how its role sees, each time that the place is looked at
     * @param isRemoved runs when its principal is removed
     * @return ends it
     * @throws ControlException if its principal has been removed
     */
    Runnable enter(Place place, String role, RoleOwner owner, Consumer<Sight> changed, Runnable isRemoved) {
        Open session = new Open(role, owner, changed, isRemoved);
        open.compute(place, (_, there) -> {
            Set<Open> all = there == null ? ConcurrentHashMap.newKeySet() : there;
            all.add(session);
            return all;
        });
        Runnable leave = () -> open.computeIfPresent(place, (_, there) -> {
            there.remove(session);
            return there.isEmpty() ? null : there;
        });
        // Whoever is removed from now on hears of it.
        try {
            requireThere(owner);
        } catch (ControlException e) {
            leave.run();
            throw e;
        }
        return leave;
    }

    /** @throws ControlException if the principal has been removed: he may have been found before that */
    void requireThere(RoleOwner owner) {
        if (removed.contains(owner.principal())) {
            throw new ControlException(
                    Code.PERMISSION_DENIED,
                    "the principal has been removed during the sign-in, and nobody signs in in his name any more.");
        }
    }

    /** The principal has been removed: his sessions, also those of agents that act for him, are told, and no more begin. */
    void remove(String principalUid) {
        removed.add(principalUid);
        for (Set<Open> there : open.values()) {
            there.stream()
                    .filter(session -> session.owner().principal().equals(principalUid))
                    .forEach(session -> session.removed().run());
        }
    }

    /** Uids of the principals of all the sessions that are open. */
    Set<String> principals() {
        return open.values().stream()
                .flatMap(Set::stream)
                .map(session -> session.owner().principal())
                .collect(Collectors.toSet());
    }

    /** The place has come under other rules, or may have: each session there hears how its role sees now. */
    void look(Place place, Looks now) throws SQLException {
        looks.merge(place, 1L, Long::sum);
        Map<String, Sight> seen = new HashMap<>();
        for (Open session : open.getOrDefault(place, Set.of())) {
            Sight sight = seen.get(session.role());
            if (sight == null) {
                sight = now.as(session.role());
                seen.put(session.role(), sight);
            }
            session.changed().accept(sight);
        }
    }
}
