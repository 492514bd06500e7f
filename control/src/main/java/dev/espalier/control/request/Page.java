package dev.espalier.control.request;

import java.util.List;
import java.util.Optional;

/**
 * A part of a longer list.
 *
 * @param nextToken what to ask with for the next part; empty at the end
 */
public record Page<T>(List<T> items, Optional<String> nextToken) {

    /** Most items in one part. */
    public static final int LARGEST = 100;
}
