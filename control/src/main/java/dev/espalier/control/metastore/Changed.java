package dev.espalier.control.metastore;

import java.util.List;
import java.util.Optional;

/**
 * What a change has done.
 *
 * @param before empty for what was made
 * @param after empty for what is gone
 * @param warnings what is worth knowing: a policy that matches nothing, a branch that could not be brought under the rules
 */
public record Changed<T>(Optional<T> before, Optional<T> after, List<String> warnings) {

    public Changed {
        warnings = List.copyOf(warnings);
    }
}
