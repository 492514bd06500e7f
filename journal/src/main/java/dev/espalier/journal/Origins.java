package dev.espalier.journal;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The numbers of the origins that are in the table for certain. One that has been forgotten is written again under another number,
 * which costs a row and changes no answer.
 */
final class Origins {

    private static final int MOST = 10_000;

    private final Map<Origin, Long> numbers = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Origin, Long> eldest) {
            return size() > MOST;
        }
    };

    Optional<Long> number(Origin origin) {
        return Optional.ofNullable(numbers.get(origin));
    }

    /** To be called before rows are dropped. */
    void forget() {
        numbers.clear();
    }

    /** Their rows are committed. */
    void add(Map<Origin, Long> committed) {
        numbers.putAll(committed);
    }
}
