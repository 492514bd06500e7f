package dev.espalier.benchmarks.conformance;

import dev.espalier.benchmarks.conformance.Results.Outcome;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/**
 * One suite's results without and with the gateway.
 *
 * @param suite its name and version
 * @param reasons why a difference, or a failure on both ways, is as it has to be
 */
record Comparison(String suite, Results direct, Results gateway, List<Reason> reasons) {

    /**
     * Why tests are not as elsewhere.
     *
     * @param tests a regular expression for their names
     */
    record Reason(String tests, String why) {}

    /** A test that is another through the gateway. */
    record Difference(String test, Optional<Outcome> direct, Optional<Outcome> gateway, Optional<String> why) {}

    List<Difference> differences() {
        TreeSet<String> tests = new TreeSet<>(direct.tests().keySet());
        tests.addAll(gateway.tests().keySet());
        List<Difference> differences = new ArrayList<>();
        for (String test : tests) {
            Optional<Outcome> one = Optional.ofNullable(direct.tests().get(test));
            Optional<Outcome> other = Optional.ofNullable(gateway.tests().get(test));
            if (!one.equals(other)) {
                differences.add(new Difference(test, one, other, why(test)));
            }
        }
        return differences;
    }

    private Optional<String> why(String test) {
        return reasons.stream()
                .filter(reason -> test.matches(reason.tests()))
                .map(Reason::why)
                .findFirst();
    }

    /** Whether something ran, and the gateway changed nothing but what has a reason. */
    boolean holds() {
        return !direct.tests().isEmpty()
                && differences().stream()
                        .allMatch(difference -> difference.why().isPresent());
    }

    void print(PrintStream out) {
        out.println(suite);
        out.println("  direct:              " + direct.counts());
        out.println("  through the gateway: " + gateway.counts());
        List<Difference> differences = differences();
        out.println("  different through the gateway: " + (differences.isEmpty() ? "none" : differences.size()));
        for (Difference difference : differences) {
            out.println("    " + difference.test() + ": " + shown(difference.direct()) + " directly, "
                    + shown(difference.gateway()) + " through the gateway. "
                    + difference.why().orElse("NOT EXPECTED"));
        }
        direct.tests().forEach((test, outcome) -> {
            if (outcome == Outcome.FAILED && gateway.tests().get(test) == Outcome.FAILED) {
                out.println("    " + test + ": fails both ways. " + why(test).orElse(""));
            }
        });
        out.println(
                holds() ? "  The gateway is the same as the server." : "  The gateway is NOT the same as the server.");
    }

    private static String shown(Optional<Outcome> outcome) {
        return outcome.map(known -> known.name().toLowerCase(Locale.ROOT)).orElse("not run");
    }
}
