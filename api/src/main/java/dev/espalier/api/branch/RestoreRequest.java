package dev.espalier.api.branch;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.request.Moment;
import java.time.Instant;
import java.util.Optional;

/** Which moment of its own a branch is taken back to. */
public record RestoreRequest(
        @JsonPropertyDescription("As it was at this time. Give this or restore_lsn.")
        Optional<Instant> restoreTime,

        @JsonPropertyDescription("As it was at this position of its write-ahead log.")
        Optional<String> restoreLsn,

        @JsonPropertyDescription("Id of the new branch that keeps the state before; made up where not given.")
        Optional<String> preserveUnder) {

    Moment moment() {
        return Moment.of(restoreTime.map(Instant::toString), restoreLsn);
    }
}
