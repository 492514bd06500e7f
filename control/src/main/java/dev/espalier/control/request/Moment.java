package dev.espalier.control.request;

import dev.espalier.control.request.ControlException.Code;
import dev.espalier.postgres.Lsn;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Which state of a branch is meant. */
public sealed interface Moment {

    /** As it is. */
    record Now() implements Moment {}

    /** After everything that had been committed by then; as exact as PostgreSQL's own times, which are in microseconds. */
    record At(Instant time) implements Moment {
        public At {
            time = time.truncatedTo(ChronoUnit.MICROS);
        }
    }

    /** Before the first record that starts at or after the position. */
    record Position(Lsn lsn) implements Moment {}

    /**
     * Reads a moment from what a user wrote.
     *
     * @param time RFC 3339 time stamp with its zone
     * @param lsn position as PostgreSQL writes it
     * @throws ControlException if both are given or one cannot be read
     */
    static Moment of(Optional<String> time, Optional<String> lsn) {
        if (time.isPresent() && lsn.isPresent()) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE, "a time and a log sequence number are both given. Give one of them.");
        }
        try {
            if (time.isPresent()) {
                return new At(OffsetDateTime.parse(time.get()).toInstant());
            }
            return lsn.<Moment>map(text -> new Position(Lsn.parse(text))).orElseGet(Now::new);
        } catch (DateTimeParseException e) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "\"" + time.get()
                            + "\" is not a time. Write it as RFC 3339 says, for instance 2026-11-25T09:30:00Z.",
                    e);
        } catch (IllegalArgumentException e) {
            throw ControlException.because(Code.INVALID_PARAMETER_VALUE, e);
        }
    }
}
