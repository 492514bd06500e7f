package dev.espalier.control;

import dev.espalier.control.admission.Proof;
import dev.espalier.control.admission.ProvedState;
import dev.espalier.control.admission.Stamp;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * States of databases that were proved, and under which rules: a copy that has come to no other state needs no proof of its own. Of this
 * process alone, whose checks they have passed.
 */
final class ProvedStates {

    /** Less than a kilobyte each. */
    private static final int MOST = 1_000;

    /** Changes of the rules come in rows. */
    private static final long QUIET_NANOS = Duration.ofSeconds(2).toNanos();

    private record StateUnderRules(Stamp stamp, RulesVersion rules) {}

    private final Map<StateUnderRules, Proof> proofs = new LinkedHashMap<>(16, 0.75f, true);

    /** Since when of which branch no state is known, in nanoseconds of the system's clock. */
    private final Map<String, Long> unknown = new LinkedHashMap<>();

    /** Uids of branches that copies have been made of. */
    private final Set<String> sources = new HashSet<>();

    /** Whether any state is known that was proved under these. */
    synchronized boolean knows(RulesVersion rules) {
        return proofs.keySet().stream().anyMatch(each -> each.rules().equals(rules));
    }

    synchronized Optional<Proof> find(Stamp stamp, RulesVersion rules) {
        return Optional.ofNullable(proofs.get(new StateUnderRules(stamp, rules)));
    }

    /** Those under other rules of the catalog are forgotten: they do not come back. */
    synchronized void add(ProvedState state, RulesVersion rules) {
        proofs.keySet()
                .removeIf(each -> each.rules().catalogUid().equals(rules.catalogUid())
                        && !each.rules().equals(rules));
        Proof proof = state.proof();
        proofs.put(
                new StateUnderRules(state.stamp(), rules),
                new Proof(proof.governed(), proof.epoch(), proof.frame(), proof.checks(), List.of(), List.of()));
        if (proofs.size() > MOST) {
            proofs.remove(proofs.keySet().iterator().next());
        }
    }

    /** A branch was proved before it was opened: neither of it nor of what it was made of a state is known. */
    synchronized void opened(Branch branch) {
        unknown(branch.uid());
        branch.sourceUid().ifPresent(source -> {
            sources.add(source);
            unknown(source);
        });
    }

    /** A branch was proved while it is open. Where nothing has been made of it yet, its state is not needed. */
    synchronized void changed(String branchUid) {
        if (sources.contains(branchUid)) {
            unknown(branchUid);
        }
    }

    synchronized void unknown(String branchUid) {
        unknown.putIfAbsent(branchUid, System.nanoTime());
    }

    /** The branches of which no state has been known for some seconds. They are not told again before they are unknown again. */
    synchronized Set<String> takeUnknown() {
        long now = System.nanoTime();
        Set<String> taken = new HashSet<>();
        unknown.forEach((branch, since) -> {
            if (now - since >= QUIET_NANOS) {
                taken.add(branch);
            }
        });
        unknown.keySet().removeAll(taken);
        return taken;
    }
}
