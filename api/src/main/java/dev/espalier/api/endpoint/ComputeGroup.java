package dev.espalier.api.endpoint;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.Optional;

/** A request for several computes behind one endpoint, which Databricks has and Espalier has not. */
public record ComputeGroup(Optional<Long> min, Optional<Long> max, Optional<Boolean> enableReadableSecondaries) {

    /** @throws ControlException if it asks for more than one compute */
    public void check() {
        if (min.orElse(1L) != 1 || max.orElse(1L) != 1 || enableReadableSecondaries.orElse(false)) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "an endpoint has one compute. Leave group out, and make read-only endpoints for more.");
        }
    }
}
