package dev.espalier.control.admission;

import java.util.List;
import java.util.stream.Stream;

/**
 * What a probe of a database has shown.
 *
 * @param governed whether any rules are compiled into the database
 * @param epoch of the rules that it is under
 * @param frame SHA-256 in hexadecimal over all that is compiled into it
 * @param checks what was looked for, in order; of each nothing was found. None where it is not governed
 * @param warnings what is allowed and worth knowing: policies that match nothing, columns nobody has looked at
 * @param events what was done just now, which no later proof tells again; none of it is among the warnings
 */
public record Proof(
        boolean governed, long epoch, String frame, List<String> checks, List<String> warnings, List<String> events) {

    public Proof {
        checks = List.copyOf(checks);
        warnings = List.copyOf(warnings);
        events = List.copyOf(events);
    }

    /** All that is to be told: what was done, then what is worth knowing. */
    public List<String> remarks() {
        return Stream.concat(events.stream(), warnings.stream()).toList();
    }
}
