package dev.espalier.control.setting;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** When a branch deletes itself. */
public sealed interface Expiration {

    /** The furthest ahead that a branch may expire. */
    Duration LONGEST = Duration.ofDays(30);

    /** Not by itself. */
    record Never() implements Expiration {}

    /** At this time. */
    record At(Instant time) implements Expiration {}

    /** This long after it was made or changed. */
    record After(Duration ttl) implements Expiration {}

    /**
     * The time it stands for.
     *
     * @throws ControlException if it lies in the past or too far ahead
     */
    default Optional<Instant> time(Clock clock) {
        Instant now = clock.instant();
        Optional<Instant> time = switch (this) {
            case Never() -> Optional.empty();
            case At(Instant at) -> Optional.of(at);
            case After(Duration ttl) -> Optional.of(now.plus(ttl));
        };
        time.ifPresent(at -> {
            if (!at.isAfter(now) || at.isAfter(now.plus(LONGEST))) {
                throw new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "a branch cannot expire at " + at + ". Choose a time within the next " + LONGEST.toDays()
                                + " days, or no_expiry.");
            }
        });
        return time;
    }
}
