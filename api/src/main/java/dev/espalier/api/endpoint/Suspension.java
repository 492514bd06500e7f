package dev.espalier.api.endpoint;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.time.Duration;
import java.util.Optional;

/**
 * When an endpoint stops by itself.
 *
 * @param after idle time; empty for never
 */
record Suspension(Optional<Duration> after) {

    /**
     * Reads it from the two fields that say it.
     *
     * @return empty if neither is given
     * @throws ControlException if both are, or {@code no_suspension} is false
     */
    static Optional<Suspension> of(Optional<Boolean> noSuspension, Optional<Duration> timeout) {
        if (noSuspension.isPresent() && (timeout.isPresent() || !noSuspension.get())) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "give either no_suspension: true or suspend_timeout_duration. no_suspension: false says nothing.");
        }
        return noSuspension.isPresent()
                ? Optional.of(new Suspension(timeout))
                : timeout.map(Optional::of).map(Suspension::new);
    }
}
