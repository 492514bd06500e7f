package dev.espalier.benchmarks.conformance;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What became of each test of a suite. */
record Results(SortedMap<String, Outcome> tests) {

    /** In the order of their weight: of a test that ran several times, the heaviest counts. */
    enum Outcome {
        SKIPPED,
        OK,
        FAILED
    }

    Results() {
        this(new TreeMap<>());
    }

    void add(String test, Outcome outcome) {
        tests.merge(test, outcome, (one, other) -> one.compareTo(other) > 0 ? one : other);
    }

    /** {@code 217 tests: 216 ok, 1 failed}. */
    String counts() {
        Map<Outcome, Long> counts = new EnumMap<>(Outcome.class);
        tests.values().forEach(outcome -> counts.merge(outcome, 1L, Long::sum));
        return tests.size() + " tests: "
                + counts.entrySet().stream()
                        .sorted((one, other) -> other.getKey().compareTo(one.getKey()))
                        .filter(entry -> entry.getKey() != Outcome.OK)
                        .map(entry -> ", " + entry.getValue() + " "
                                + entry.getKey().name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining("", counts.getOrDefault(Outcome.OK, 0L) + " ok", ""));
    }
}
