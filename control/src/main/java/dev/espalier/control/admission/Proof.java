package dev.espalier.control.admission;

import java.util.List;

/**
 * What a probe of a database has shown.
 *
 * @param governed whether any rules are compiled into the database
 * @param epoch of the rules that it is under
 * @param frame SHA-256 in hexadecimal over all that is compiled into it
 * @param checks what was looked for, in order; of each nothing was found. None where it is not governed
 * @param warnings what is allowed and worth knowing: policies that match nothing, columns nobody has looked at
 * @param events those of the warnings that tell what was done just now, and that no later proof tells again
 */
public record Proof(
        boolean governed, long epoch, String frame, List<String> checks, List<String> warnings, List<String> events) {

    public Proof {
        checks = List.copyOf(checks);
        warnings = List.copyOf(warnings);
        events = List.copyOf(events);
    }
}
