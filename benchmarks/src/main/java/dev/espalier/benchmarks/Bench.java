package dev.espalier.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** The program of {@code ./espalier bench}. */
public final class Bench {

    private Bench() {}

    private static final String USAGE = """
            Usage: espalier bench branch [--size=1GB] [--rounds=50] [--live=0] [--registered=0]
                   espalier bench gateway [--seconds=3] [--rounds=3]
                   espalier bench governance [--rows=1000000] [--tables=200] [--rounds=7]
            Measures on a server and a home of its own, which are gone afterwards; docs/benchmarks.md says what the figures mean.""";

    /** Ends with 0 after the tables or the help, or with 2 after a message about the command line. */
    public static void main(String[] arguments) throws Exception {
        List<String> words = Arrays.asList(arguments);
        if (words.contains("-h") || words.contains("--help")) {
            System.out.println(USAGE);
            return;
        }
        List<String> options = words.isEmpty() ? List.of() : words.subList(1, words.size());
        switch (words.isEmpty() ? "" : words.getFirst()) {
            case "branch" -> {
                BranchBench.Plan plan = read(BranchBench.Plan::of, options);
                try (BenchServer server = BenchServer.start()) {
                    new BranchBench(server, plan, System.out).run();
                }
            }
            case "gateway" -> {
                GatewayBench.Plan plan = read(GatewayBench.Plan::of, options);
                try (BenchServer server = BenchServer.start()) {
                    new GatewayBench(server, plan, System.out).run();
                }
            }
            case "governance" -> {
                GovernanceBench.Plan plan = read(GovernanceBench.Plan::of, options);
                try (BenchServer server = BenchServer.start()) {
                    new GovernanceBench(server, plan, System.out).run();
                }
            }
            default -> endWith(words.isEmpty() ? "" : "there is no benchmark " + words.getFirst());
        }
    }

    private static <T> T read(Function<List<String>, T> plan, List<String> options) {
        try {
            return plan.apply(options);
        } catch (IllegalArgumentException wrong) {
            endWith(String.valueOf(wrong.getMessage()));
            throw wrong;
        }
    }

    private static void endWith(String problem) {
        System.err.println((problem.isEmpty() ? "" : problem + "\n") + USAGE);
        System.exit(2);
    }
}
