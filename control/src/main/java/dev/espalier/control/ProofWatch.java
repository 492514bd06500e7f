package dev.espalier.control;

import dev.espalier.control.request.ControlException;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Proves branches in which something has changed once more while they are open, so that their copies, and they after a sleep, open at once. */
final class ProofWatch {

    private static final Logger LOG = LoggerFactory.getLogger(ProofWatch.class);

    private final Jdbi jdbi;
    private final EndpointTable endpoints;
    private final EndpointRunner runner;
    private final ProvedStates proved;

    ProofWatch(Jdbi jdbi, EndpointTable endpoints, EndpointRunner runner, ProvedStates proved) {
        this.jdbi = jdbi;
        this.endpoints = endpoints;
        this.runner = runner;
        this.proved = proved;
    }

    void look() {
        for (String uid : proved.takeUnknown()) {
            try {
                Optional<Branch> branch = jdbi.withHandle(handle -> BranchTable.byUid(handle, uid))
                        .filter(there -> there.deleteTime().isEmpty());
                if (branch.isPresent()) {
                    look(branch.get());
                }
            } catch (JdbiException e) {
                proved.unknown(uid);
            } catch (RuntimeException e) {
                LOG.warn("the branch {} could not be proved while it is open: {}", uid, e.getMessage(), e);
            }
        }
    }

    private void look(Branch branch) {
        String primary = jdbi.withHandle(handle -> endpoints.primary(handle, branch.uid()))
                .uid();
        try {
            if (branch.state() != Branch.State.READY || !runner.remember(branch, primary)) {
                proved.unknown(branch.uid());
            }
        } catch (ControlException e) {
            if (e.code() == ControlException.Code.TEMPORARILY_UNAVAILABLE) {
                LOG.info("{} is not proved while it is open: {}", branch.name(), e.getMessage());
                return;
            }
            LOG.warn(
                    "{} is open, and: {} espalier branches verify {} brings it under the rules again.",
                    branch.name(),
                    e.getMessage(),
                    branch.branchId());
        }
    }
}
