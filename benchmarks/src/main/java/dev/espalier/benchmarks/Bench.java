package dev.espalier.benchmarks;

import java.util.Arrays;
import java.util.List;

/** The program of {@code ./espalier bench}. */
public final class Bench {

    private Bench() {}

    /** Ends with 0 after the table, or with 2 after a message. */
    public static void main(String[] arguments) throws Exception {
        List<String> words = Arrays.asList(arguments);
        if (words.isEmpty() || !words.getFirst().equals("branch")) {
            System.err.println("write: espalier bench branch [--size=1GB] [--rounds=50] [--live=0] [--registered=0]");
            System.exit(2);
        }
        BranchBench.Plan plan = BranchBench.Plan.of(words.subList(1, words.size()));
        try (BenchServer server = BenchServer.start()) {
            new BranchBench(server, plan, System.out).run();
        }
    }
}
