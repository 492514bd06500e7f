package dev.espalier.control;

import dev.espalier.control.metastore.RunningBranches;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings branches that run under rules that have changed. Those that sleep come under them when they wake. */
final class RulesInForce implements RunningBranches {

    private static final Logger LOG = LoggerFactory.getLogger(RulesInForce.class);

    private final Jdbi jdbi;
    private final EndpointTable endpoints;
    private final EndpointRunner runner;
    private final Locks locks;

    RulesInForce(Jdbi jdbi, EndpointTable endpoints, EndpointRunner runner, Locks locks) {
        this.jdbi = jdbi;
        this.endpoints = endpoints;
        this.runner = runner;
        this.locks = locks;
    }

    @Override
    public List<String> obey(String projectUid) {
        List<String> failures = new ArrayList<>();
        for (Branch branch : jdbi.withHandle(handle -> BranchTable.ofProject(handle, projectUid))) {
            Optional<String> primary = branch.deleteTime().isPresent()
                    ? Optional.empty()
                    : jdbi.withHandle(handle -> endpoints.ofBranch(handle, branch.uid())).stream()
                            .filter(endpoint -> endpoint.type() == Endpoint.Type.READ_WRITE)
                            .map(Endpoint::uid)
                            .findFirst();
            if (primary.isPresent()) {
                obey(branch, primary.get()).ifPresent(failures::add);
            }
        }
        return failures;
    }

    /** What failed. */
    private Optional<String> obey(Branch branch, String primaryUid) {
        try {
            // Waits for a branch that is being made or woken, which may have read the rules before they changed.
            runner.admitAgain(branch, primaryUid);
            return Optional.empty();
        } catch (RuntimeException first) {
            LOG.warn("{} is suspended: {}", branch.name(), first.getMessage(), first);
            try (var _ = locks.alone(branch.uid())) {
                runner.suspendAll(branch.uid());
            }
            return Optional.of(
                    branch.name() + " is suspended, and does not open before this is mended: " + first.getMessage());
        }
    }
}
