package dev.espalier.benchmarks;

import dev.espalier.benchmarks.PgBench.Cell;
import dev.espalier.benchmarks.PgBench.Result;
import dev.espalier.benchmarks.PgBench.Way;
import dev.espalier.cli.client.GatewayLogin;
import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.PostgresInstallation;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * {@code bench gateway}: what the gateway costs, with journal and accounts on, beside PgBouncer and a direct connection to the
 * same server, cell by cell in turns.
 */
final class GatewayBench {

    private static final String BRANCH = "production";
    private static final String DATABASE = "databricks_postgres";
    private static final List<String> SCRIPTS = List.of("select-only", "tpcb-like");
    private static final List<String> PROTOCOLS = List.of("simple", "extended", "prepared");
    private static final List<Integer> CLIENTS = List.of(1, 8, 32);
    private static final int AUDITED_MAJOR = 15;
    private static final int SCALE = 10;
    private static final int IDLE = 1000;
    private static final int SIGN_INS = 200;

    /** Of each script and protocol, in seconds: the JIT compiles what a server runs in its first minute. */
    private static final int WARM_UP_SECONDS = 5;

    /**
     * What is to be measured.
     *
     * @param seconds of each run
     * @param rounds of all runs
     */
    record Plan(int seconds, int rounds) {

        static Plan of(List<String> options) {
            int seconds = 3;
            int rounds = 3;
            for (String option : options) {
                String[] parts = option.split("=", 2);
                if (parts.length < 2 || !parts[1].matches("[1-9]\\d{0,5}")) {
                    throw new IllegalArgumentException("cannot read " + option);
                }
                int number = Integer.parseInt(parts[1]);
                switch (parts[0]) {
                    case "--seconds" -> seconds = number;
                    case "--rounds" -> rounds = number;
                    default -> throw new IllegalArgumentException("cannot read " + option);
                }
            }
            return new Plan(seconds, rounds);
        }
    }

    private final BenchServer server;
    private final Plan plan;
    private final PrintStream out;
    private final Path work;

    GatewayBench(BenchServer server, Plan plan, PrintStream out) throws IOException {
        if (!PgBouncer.isInstalled()) {
            throw new IOException("PgBouncer is the yardstick and is not there: apt-get install pgbouncer");
        }
        this.server = server;
        this.plan = plan;
        this.out = out;
        this.work = server.workDirectory("gateway");
    }

    void run() throws Exception {
        server.makeProject();
        server.resize(BRANCH, 8);
        Path socket = server.socket(BRANCH);
        prepare(socket);
        OsUser user = OsUser.forPostgres("espalier");
        try (PgBouncer bouncer = PgBouncer.start(socket, server.workDirectory("pgbouncer"), user)) {
            List<Way> ways = ways(socket, bouncer);
            out.printf(
                    "%s; PostgreSQL 18, scale %d; %d rounds of %d s each, in turns; medians; load average at the start %s%n%n",
                    Machine.describe(), SCALE, plan.rounds(), plan.seconds(), Machine.load());
            transactions(ways);
            bulk(ways);
            signIns(socket, bouncer);
            idleSessions();
        }
        auditing();
    }

    /** On the version that Debian has pgaudit for. */
    private void auditing() throws Exception {
        Optional<PostgresInstallation> installation = server.installation(AUDITED_MAJOR);
        if (installation.filter(AuditCost::isPossible).isEmpty()) {
            out.println("Not compared with pgaudit, which is not there: apt-get install postgresql-15-pgaudit");
            return;
        }
        server.makeProject("audited", AUDITED_MAJOR);
        Path socket = server.socketOf("projects/audited/branches/production/endpoints/primary");
        prepare(socket);
        new AuditCost(installation.get(), work)
                .run(
                        new Way("gateway", gateway("audited/" + DATABASE, "disable"), OptionalLong.of(server.pid())),
                        way -> run(way, List.of("pgbench", "-i", "-q", "-s", Integer.toString(SCALE))),
                        new PgBench(work, plan.seconds()),
                        plan.rounds(),
                        out);
    }

    private void prepare(Path socket) throws Exception {
        Way superuser = new Way("superuser", server.superuser(socket, DATABASE), OptionalLong.empty());
        run(superuser, List.of("pgbench", "-i", "-q", "-s", Integer.toString(SCALE)));
        try (Connection session = server.connect(socket, DATABASE);
                var statement = session.createStatement()) {
            statement.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC");
            statement.execute("CREATE TABLE public.bench_in (LIKE public.pgbench_accounts)");
            statement.execute("GRANT ALL ON public.bench_in TO PUBLIC");
            statement.execute("CHECKPOINT");
        }
    }

    private List<Way> ways(Path socket, PgBouncer bouncer) {
        List<Way> ways = new ArrayList<>();
        ways.add(new Way("direct", server.superuser(socket, DATABASE), OptionalLong.empty()));
        for (String tls : List.of("disable", "require")) {
            String suffix = tls.equals("require") ? ", TLS" : "";
            ways.add(new Way(
                    "PgBouncer" + suffix,
                    List.of(
                            "PGHOST=127.0.0.1",
                            "PGPORT=" + bouncer.port(),
                            "PGUSER=espalier",
                            "PGDATABASE=" + DATABASE,
                            "PGSSLMODE=" + tls),
                    OptionalLong.of(bouncer.pid())));
            ways.add(new Way("gateway" + suffix, gateway(DATABASE, tls), OptionalLong.of(server.pid())));
        }
        return ways;
    }

    private List<String> gateway(String database, String tls) {
        GatewayLogin login = server.login();
        return List.of(
                "PGHOST=" + login.host(),
                "PGPORT=" + login.port(),
                "PGUSER=" + login.user(),
                "PGPASSWORD=" + server.accessToken(),
                "PGDATABASE=" + database,
                "PGSSLMODE=" + tls);
    }

    // Transactions

    private void transactions(List<Way> ways) throws Exception {
        Map<Cell, List<List<Result>>> results = new LinkedHashMap<>();
        PgBench bench = new PgBench(work, plan.seconds());
        warmUp(ways);
        for (int round = 0; round < plan.rounds(); round++) {
            for (String script : SCRIPTS) {
                for (String protocol : PROTOCOLS) {
                    for (int clients : CLIENTS) {
                        Cell cell = new Cell(script, protocol, clients);
                        List<List<Result>> ofCell = results.computeIfAbsent(cell, c -> lists(ways.size()));
                        for (int way = 0; way < ways.size(); way++) {
                            ofCell.get(way).add(bench.run(ways.get(way), cell));
                        }
                    }
                }
            }
        }
        table("Transactions a second", "%.0f", ways, results, Result::rate);
        table("p99 of a transaction, ms", "%.2f", ways, results, result -> result.p99() / 1e3);
        table("Processor time of the proxy for a transaction, µs", "%.0f", ways, results, Result::proxy);
        table("Processor time of the machine for a transaction, µs", "%.0f", ways, results, Result::machine);
    }

    private void warmUp(List<Way> ways) throws IOException, InterruptedException {
        PgBench bench = new PgBench(work, WARM_UP_SECONDS);
        for (Way way : ways) {
            for (String script : SCRIPTS) {
                for (String protocol : PROTOCOLS) {
                    if (way.proxy().isPresent()) {
                        bench.run(way, new Cell(script, protocol, 8));
                    }
                }
            }
        }
    }

    private void table(
            String title,
            String format,
            List<Way> ways,
            Map<Cell, List<List<Result>>> results,
            ToDoubleFunction<Result> figure) {
        out.println("**" + title + "**");
        out.println();
        head(ways, "gateway / PgBouncer | the same, TLS");
        results.forEach((cell, ofCell) -> {
            StringBuilder line = new StringBuilder("| " + cell.name() + " |");
            double[] medians = new double[ways.size()];
            for (int i = 0; i < medians.length; i++) {
                medians[i] = Numbers.median(
                        ofCell.get(i).stream().mapToDouble(figure).toArray());
                line.append(String.format(Locale.ROOT, " " + format + " |", medians[i]));
            }
            out.println(line
                    + String.format(Locale.ROOT, " %.2f | %.2f |", medians[2] / medians[1], medians[4] / medians[3]));
        });
        out.println();
    }

    private void head(List<Way> ways, String more) {
        StringBuilder head = new StringBuilder("| |");
        StringBuilder rule = new StringBuilder("|---|");
        for (Way way : ways) {
            head.append(' ').append(way.name()).append(" |");
            rule.append("---|");
        }
        out.println(head + (more.isEmpty() ? "" : " " + more + " |"));
        out.println(rule + (more.isEmpty() ? "" : "---|---|"));
    }

    // Much at once

    private void bulk(List<Way> ways) throws Exception {
        Path rows = work.resolve("rows");
        run(ways.getFirst(), List.of("psql", "-XqAt", "-c", "\\copy pgbench_accounts TO '" + rows + "'"));
        List<String> read = List.of("psql", "-XqAt", "-o", "/dev/null", "-c", "SELECT * FROM pgbench_accounts");
        List<String> in = List.of("psql", "-Xq", "-c", "\\copy bench_in FROM '" + rows + "'");
        List<List<Double>> reads = lists(ways.size());
        List<List<Double>> copies = lists(ways.size());
        for (int round = 0; round < plan.rounds(); round++) {
            for (int i = 0; i < ways.size(); i++) {
                Way way = ways.get(i);
                reads.get(i).add(seconds(way, read));
                copies.get(i).add(seconds(way, in));
                run(way, List.of("psql", "-Xq", "-c", "TRUNCATE bench_in"));
            }
        }
        out.println("**Seconds**");
        out.println();
        head(ways, "");
        seconds("1M rows read", reads);
        seconds("1M rows COPY in", copies);
        out.println();
    }

    private void seconds(String name, List<List<Double>> byWay) {
        StringBuilder line = new StringBuilder("| " + name + " |");
        for (List<Double> ofWay : byWay) {
            double[] seconds = ofWay.stream().mapToDouble(Double::doubleValue).toArray();
            line.append(String.format(Locale.ROOT, " %.2f |", Numbers.median(seconds)));
        }
        out.println(line);
    }

    private static <T> List<List<T>> lists(int count) {
        return Stream.generate(() -> (List<T>) new ArrayList<T>()).limit(count).toList();
    }

    private static double seconds(Way way, List<String> command) throws IOException, InterruptedException {
        long start = System.nanoTime();
        run(way, command);
        return (System.nanoTime() - start) / 1e9;
    }

    private static void run(Way way, List<String> command) throws IOException, InterruptedException {
        Process process = way.program(command).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed on " + way.name() + ": " + output);
        }
    }

    // Sessions

    /** The server has been running for as long as the rest took; signing in is what it has not done often by then. */
    private void signIns(Path socket, PgBouncer bouncer) throws Exception {
        signIns(socket, bouncer, new Figures());
        Figures figures = new Figures();
        signIns(socket, bouncer, figures);
        figures.print(out);
        out.println();
    }

    private void signIns(Path socket, PgBouncer bouncer, Figures figures) throws Exception {
        GatewayLogin login = server.login();
        String token = server.accessToken();
        for (int i = 0; i < SIGN_INS; i++) {
            figures.time(
                    "sign-in, direct (Unix socket)",
                    () -> server.connect(socket, DATABASE).close());
            for (String tls : List.of("disable", "require")) {
                String suffix = tls.equals("require") ? ", TLS" : "";
                figures.time(
                        "sign-in, gateway" + suffix,
                        () -> session(login.port(), login.user(), token, tls).close());
                figures.time(
                        "sign-in, PgBouncer" + suffix,
                        () -> session(bouncer.port(), "espalier", "", tls).close());
            }
        }
    }

    private static Connection session(int port, String user, String password, String tls) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("sslmode", tls);
        properties.setProperty("sslfactory", "org.postgresql.ssl.NonValidatingFactory");
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/" + DATABASE, properties);
    }

    private void idleSessions() throws Exception {
        GatewayLogin login = server.login();
        String token = server.accessToken();
        for (String tls : List.of("disable", "require")) {
            List<Connection> sessions = new ArrayList<>();
            try {
                session(login.port(), login.user(), token, tls).close();
                double before = server.memoryMib();
                for (int i = 0; i < IDLE; i++) {
                    sessions.add(session(login.port(), login.user(), token, tls));
                }
                out.printf(
                        Locale.ROOT,
                        "%d idle sessions%s: the gateway's process has %.0f MiB more after a collection.%n",
                        IDLE,
                        tls.equals("require") ? " with TLS" : "",
                        server.memoryMib() - before);
            } finally {
                for (Connection session : sessions) {
                    session.close();
                }
            }
        }
        Files.deleteIfExists(work.resolve("rows"));
    }
}
