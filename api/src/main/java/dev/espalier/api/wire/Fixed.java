package dev.espalier.api.wire;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.Optional;

/** Fields that are given once and stay: a client that sends the whole resource back may repeat them, not change them. */
public final class Fixed {

    private Fixed() {}

    /** @throws ControlException if the field is given and has another value than now */
    public static <T> void check(String path, Optional<T> given, Optional<T> now) {
        if (given.isPresent() && !given.equals(now)) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    path + " cannot be changed"
                            + now.map(value -> ": it is " + value + " for good").orElse("") + ". Leave it out.");
        }
    }
}
