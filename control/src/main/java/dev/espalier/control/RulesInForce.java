package dev.espalier.control;

import dev.espalier.control.metastore.RunningBranches;
import dev.espalier.postgres.SessionThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings branches that run under rules that have changed. Those that sleep, replicas included, come under them when they wake. */
final class RulesInForce implements RunningBranches {

    private static final Logger LOG = LoggerFactory.getLogger(RulesInForce.class);

    /** Each needs a session of the control database now and then. */
    private static final int AT_ONCE = 6;

    private final Jdbi jdbi;
    private final EndpointRunner runner;
    private final Locks locks;

    /** Branches that were suspended because of their rules, until they run again when rules change. */
    private final Set<String> suspended = ConcurrentHashMap.newKeySet();

    RulesInForce(Jdbi jdbi, EndpointRunner runner, Locks locks) {
        this.jdbi = jdbi;
        this.runner = runner;
        this.locks = locks;
    }

    @Override
    public List<String> obey(String projectUid) {
        Map<String, String> primaries = jdbi.withHandle(handle -> EndpointTable.primaries(handle, projectUid));
        List<Branch> branches = jdbi.withHandle(handle -> BranchTable.ofProject(handle, projectUid)).stream()
                .filter(branch -> primaries.containsKey(branch.uid()))
                .toList();
        List<Future<Optional<String>>> begun = new ArrayList<>();
        try (ExecutorService workers = SessionThreads.atMost(AT_ONCE, "rules")) {
            branches.forEach(branch ->
                    begun.add(workers.submit(() -> obey(branch, primaries.getOrDefault(branch.uid(), "")))));
        }
        return begun.stream().flatMap(failure -> failure.resultNow().stream()).toList();
    }

    /** What failed. */
    private Optional<String> obey(Branch branch, String primaryUid) {
        try {
            // Waits for a branch that is being made or woken, which may have read the rules before they changed.
            boolean runs = runner.admitAgain(branch, primaryUid).isPresent();
            if (runs) {
                suspended.remove(branch.uid());
            } else if (suspended.contains(branch.uid())) {
                // The rules may have been mended by now; if not, the next change may.
                try (var _ = locks.shared(branch.uid())) {
                    runner.wakeWhatNeverSleeps(branch.uid());
                }
            }
            return Optional.empty();
        } catch (RuntimeException e) {
            LOG.warn("{} is suspended: {}", branch.name(), e.getMessage(), e);
            suspended.add(branch.uid());
            try (var _ = locks.alone(branch.uid())) {
                runner.suspendAll(branch.uid());
            }
            return Optional.of(
                    branch.name() + " is suspended, and does not open before this is mended: " + e.getMessage());
        }
    }
}
