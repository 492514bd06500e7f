package dev.espalier.control;

import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Proves branches in which something has changed once more while they are open, so that their copies, and they after a sleep, open at once. */
final class ProofWatch {

    private static final Logger LOG = LoggerFactory.getLogger(ProofWatch.class);

    private final Jdbi jdbi;
    private final EndpointTable endpoints;
    private final EndpointRunner runner;
    private final Admissions admissions;

    ProofWatch(Jdbi jdbi, EndpointTable endpoints, EndpointRunner runner, Admissions admissions) {
        this.jdbi = jdbi;
        this.endpoints = endpoints;
        this.runner = runner;
        this.admissions = admissions;
    }

    void look() {
        for (String uid : admissions.takeUnknown()) {
            Optional<Branch> branch = jdbi.withHandle(handle -> BranchTable.byUid(handle, uid))
                    .filter(there -> there.state() == Branch.State.READY);
            try {
                branch.ifPresent(there -> runner.remember(
                        there,
                        jdbi.withHandle(handle -> endpoints.primary(handle, uid))
                                .uid()));
            } catch (RuntimeException e) {
                // Whoever opens it next, or changes its rules, finds the same, and says so.
                LOG.warn("a branch could not be proved while it is open: {}", e.getMessage(), e);
            }
        }
    }
}
