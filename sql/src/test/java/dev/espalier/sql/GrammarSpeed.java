package dev.espalier.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Measures processor time per statement, over 20 typical ones. The README says how to run it, and what came out. */
final class GrammarSpeed {

    private static final int WARM_UP = 400;
    private static final int PASSES = 200;
    private static final int CACHED_ROUNDS = 2_000;

    private interface Work {
        void on(byte[] text) throws SqlSyntaxException;
    }

    private GrammarSpeed() {}

    public static void main(String[] arguments) throws IOException, SqlSyntaxException {
        long start = System.nanoTime();
        PostgresGrammar grammar = new PostgresGrammar(1);
        System.out.printf(Locale.ROOT, "start %d ms%n", (System.nanoTime() - start) / 1_000_000);
        StatementCache cache = new StatementCache(grammar, 1_000);
        Redaction redaction = new Redaction(grammar);
        report("parse and classify", 1, grammar::parse);
        report("cached", CACHED_ROUNDS, cache::statements);
        report("normalize", 1, text -> grammar.normalize(new String(text, UTF_8)));
        report("fingerprint", 1, text -> grammar.fingerprint(new String(text, UTF_8)));
        report("redact", 1, text -> redaction.redact(new String(text, UTF_8)));
    }

    private static void report(String name, int rounds, Work work) throws IOException, SqlSyntaxException {
        List<byte[]> texts;
        try (var in = GrammarSpeed.class.getResourceAsStream("typical.sql")) {
            texts = PsqlScript.statements(new String(in.readAllBytes(), UTF_8)).stream()
                    .map(text -> text.getBytes(UTF_8))
                    .toList();
        }
        for (int i = 0; i < WARM_UP; i++) {
            pass(texts, rounds, work);
        }
        double[] passes = new double[PASSES];
        for (int i = 0; i < PASSES; i++) {
            passes[i] = pass(texts, rounds, work);
        }
        Arrays.sort(passes);
        System.out.printf(
                Locale.ROOT,
                "%-20s %8.3f us per statement (median of %d passes; best %.3f)%n",
                name,
                passes[PASSES / 2],
                PASSES,
                passes[0]);
    }

    /** @return microseconds of processor time per statement */
    private static double pass(List<byte[]> texts, int rounds, Work work) throws SqlSyntaxException {
        var threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        for (int round = 0; round < rounds; round++) {
            for (byte[] text : texts) {
                work.on(text);
            }
        }
        return (threads.getCurrentThreadCpuTime() - start) / 1e3 / rounds / texts.size();
    }
}
