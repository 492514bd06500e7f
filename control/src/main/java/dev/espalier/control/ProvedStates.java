package dev.espalier.control;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * States of databases that were proved, and under which rules: a copy that has come to no other state needs no proof of its own. Of this
 * process alone, whose checks they have passed.
 */
final class ProvedStates {

    /** Some hundred bytes each. */
    private static final int MOST = 1_000;

    /** @param under which rules */
    private record Place(Stamp stamp, String under) {}

    private final Map<Place, Proof> proofs = new LinkedHashMap<>(16, 0.75f, true);

    /** Uids of branches of which no state is known. */
    private final Set<String> unknown = new LinkedHashSet<>();

    /** Whether any state is known that was proved under these. */
    synchronized boolean knows(String under) {
        return proofs.keySet().stream().anyMatch(place -> place.under().equals(under));
    }

    synchronized Optional<Proof> find(Stamp stamp, String under) {
        return Optional.ofNullable(proofs.get(new Place(stamp, under)));
    }

    synchronized void add(Stamp stamp, String under, Proof proof) {
        proofs.put(new Place(stamp, under), proof);
        if (proofs.size() > MOST) {
            proofs.remove(proofs.keySet().iterator().next());
        }
    }

    /** A branch was proved in full, or one that was made of it. */
    synchronized void unknown(String branchUid) {
        unknown.add(branchUid);
    }

    /** The branches of which no state is known; they are not told again before they are unknown again. */
    synchronized Set<String> takeUnknown() {
        Set<String> taken = Set.copyOf(unknown);
        unknown.clear();
        return taken;
    }
}
