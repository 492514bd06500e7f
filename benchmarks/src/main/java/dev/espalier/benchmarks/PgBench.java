package dev.espalier.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** One run of pgbench against one way to a server. */
final class PgBench {

    private static final long LONGEST_US = 60_000_000L;
    private static final Pattern RATE = Pattern.compile("tps = ([0-9.]+)");
    private static final Pattern TRANSACTIONS = Pattern.compile("number of transactions actually processed: (\\d+)");

    /**
     * A way to a server.
     *
     * @param variables libpq's environment
     * @param proxy process between client and server, if there is one
     */
    record Way(String name, List<String> variables, OptionalLong proxy) {

        /** Sets libpq's environment for a program. */
        ProcessBuilder program(List<String> command) {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            for (String variable : variables) {
                int mark = variable.indexOf('=');
                builder.environment().put(variable.substring(0, mark), variable.substring(mark + 1));
            }
            return builder;
        }
    }

    /** What is sent. */
    record Cell(String script, String protocol, int clients) {

        String name() {
            return (script.equals("select-only") ? "`-S` " : "TPC-B ") + protocol + ", " + clients;
        }
    }

    /**
     * What came out of one run.
     *
     * @param rate transactions a second
     * @param p99 of a transaction, in microseconds
     * @param proxy processor time of the proxy for a transaction, in microseconds; 0 where there is none
     * @param machine the same of the whole machine
     */
    record Result(double rate, double p99, double proxy, double machine) {}

    private final Path directory;
    private final int seconds;

    /** @param directory for pgbench's logs */
    PgBench(Path directory, int seconds) {
        this.directory = directory;
        this.seconds = seconds;
    }

    Result run(Way way, Cell cell) throws IOException, InterruptedException {
        Path log = Files.createTempDirectory(directory, "run");
        double machine = ProcessorTime.ofMachine();
        double proxy = proxyTime(way);
        Process process = way.program(List.of(
                        "pgbench",
                        "--no-vacuum",
                        "--builtin=" + cell.script(),
                        "--protocol=" + cell.protocol(),
                        "--client=" + cell.clients(),
                        "--jobs=1",
                        "--time=" + seconds,
                        "--log",
                        "--log-prefix=" + log.resolve("t")))
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("pgbench failed against " + way.name() + ": " + output);
        }
        double transactions = number(TRANSACTIONS, output);
        return new Result(
                number(RATE, output),
                p99(log),
                (proxyTime(way) - proxy) * 1e6 / transactions,
                (ProcessorTime.ofMachine() - machine) * 1e6 / transactions);
    }

    private static double proxyTime(Way way) throws IOException {
        return way.proxy().isPresent() ? ProcessorTime.of(way.proxy().getAsLong()) : 0;
    }

    private static double number(Pattern pattern, String output) throws IOException {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find()) {
            throw new IOException("pgbench said nothing of " + pattern + ": " + output);
        }
        return Double.parseDouble(matcher.group(1));
    }

    /** Third column of pgbench's log: time of the transaction in microseconds. */
    private static double p99(Path log) throws IOException {
        Histogram times = new Histogram(LONGEST_US, 3);
        List<Path> files = new ArrayList<>();
        try (Stream<Path> found = Files.list(log)) {
            found.forEach(files::add);
        }
        for (Path file : files) {
            try (Stream<String> lines = Files.lines(file)) {
                lines.forEach(line -> times.recordValue(Math.min(LONGEST_US, Long.parseLong(line.split(" ")[2]))));
            }
            Files.delete(file);
        }
        Files.delete(log);
        return times.getValueAtPercentile(99);
    }
}
