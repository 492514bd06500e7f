package dev.espalier.control;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

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
    private record Open(String role, Consumer<Sight> changed) {}

    private final Map<Place, Set<Open>> open = new ConcurrentHashMap<>();
    private final Map<Place, Long> looks = new ConcurrentHashMap<>();

    /** How often the place has been looked at; another number than before means that what was seen before may be old. */
    long looksAt(Place place) {
        return looks.getOrDefault(place, 0L);
    }

    /**
     * A session begins.
     *
     * @param changed hears how its role sees, each time that the place is looked at
     * @return ends it
     */
    Runnable enter(Place place, String role, Consumer<Sight> changed) {
        Open session = new Open(role, changed);
        open.compute(place, (_, there) -> {
            Set<Open> all = there == null ? ConcurrentHashMap.newKeySet() : there;
            all.add(session);
            return all;
        });
        return () -> open.computeIfPresent(place, (_, there) -> {
            there.remove(session);
            return there.isEmpty() ? null : there;
        });
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
