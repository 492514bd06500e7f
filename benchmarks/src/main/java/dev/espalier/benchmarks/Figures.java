package dev.espalier.benchmarks;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Durations by what took them, and their table. */
final class Figures {

    private static final long LONGEST_US = 3_600_000_000L;

    private final Map<String, Histogram> byName = new LinkedHashMap<>();

    /** Runs the work and notes how long it took. */
    void time(String name, Work work) throws Exception {
        long start = System.nanoTime();
        work.run();
        note(name, System.nanoTime() - start);
    }

    /** @param nanos how long the work of this name took */
    void note(String name, long nanos) {
        byName.computeIfAbsent(name, n -> new Histogram(LONGEST_US, 3)).recordValue(nanos / 1000);
    }

    /** Work that is timed. */
    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    void print(PrintStream out) {
        out.println("| | n | min ms | p50 ms | p99 ms |");
        out.println("|---|---|---|---|---|");
        byName.forEach((name, histogram) -> out.printf(
                Locale.ROOT,
                "| %s | %d | %.1f | %.1f | %.1f |%n",
                name,
                histogram.getTotalCount(),
                histogram.getMinValue() / 1e3,
                histogram.getValueAtPercentile(50) / 1e3,
                histogram.getValueAtPercentile(99) / 1e3));
    }
}
