package dev.espalier.benchmarks;

import java.util.Arrays;
import java.util.List;

/** The program of {@code ./espalier bench}. */
public final class Bench {

    private Bench() {}

    private static final String USAGE = """
            write one of
              espalier bench branch [--size=1GB] [--rounds=50] [--live=0] [--registered=0]
              espalier bench gateway [--seconds=3] [--rounds=3]""";

    /** Ends with 0 after the tables, or with 2 after a message. */
    public static void main(String[] arguments) throws Exception {
        List<String> words = Arrays.asList(arguments);
        List<String> options = words.isEmpty() ? List.of() : words.subList(1, words.size());
        switch (words.isEmpty() ? "" : words.getFirst()) {
            case "branch" -> {
                BranchBench.Plan plan = BranchBench.Plan.of(options);
                try (BenchServer server = BenchServer.start()) {
                    new BranchBench(server, plan, System.out).run();
                }
            }
            case "gateway" -> {
                GatewayBench.Plan plan = GatewayBench.Plan.of(options);
                try (BenchServer server = BenchServer.start()) {
                    new GatewayBench(server, plan, System.out).run();
                }
            }
            default -> {
                System.err.println(USAGE);
                System.exit(2);
            }
        }
    }
}
