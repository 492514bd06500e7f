package dev.espalier.benchmarks;

import dev.espalier.benchmarks.PgBench.Cell;
import dev.espalier.benchmarks.PgBench.Way;
import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.PostgresInstallation;
import dev.espalier.postgres.PostgresServer;
import dev.espalier.postgres.RunDirectory;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/** What it costs to record every statement: by the gateway, and by the server itself with pgaudit. */
final class AuditCost {

    private static final Duration DEADLINE = Duration.ofMinutes(2);
    private static final List<Cell> CELLS = List.of(
            new Cell("select-only", "simple", 8),
            new Cell("select-only", "prepared", 8),
            new Cell("tpcb-like", "prepared", 8));

    /** Prepares a way's database. */
    @FunctionalInterface
    interface Preparation {
        void of(Way way) throws Exception;
    }

    private final PostgresInstallation installation;
    private final Path work;
    private final OsUser user = OsUser.forPostgres("espalier");

    /** @param work directory that PostgreSQL's user can reach */
    AuditCost(PostgresInstallation installation, Path work) {
        this.installation = installation;
        this.work = work;
    }

    static boolean isPossible(PostgresInstallation installation) {
        return Files.exists(installation.home().resolve("lib/pgaudit.so"));
    }

    /**
     * Measures in turns.
     *
     * @param gateway to a server of the same version
     */
    void run(Way gateway, Preparation prepare, PgBench bench, int rounds, PrintStream out) throws Exception {
        PostgresServer plain = start("plain", Map.of());
        PostgresServer audited = start("audited", Map.of("shared_preload_libraries", "pgaudit", "pgaudit.log", "all"));
        try {
            List<Way> ways = List.of(direct("direct", plain), gateway, direct("direct, pgaudit log=all", audited));
            prepare.of(ways.get(0));
            prepare.of(ways.get(2));
            out.printf(
                    "**Recording every statement: processor time of the machine for a transaction, µs** (PostgreSQL %s)%n%n",
                    installation.version());
            out.println("| | direct | gateway | direct, pgaudit log=all | gateway / pgaudit |");
            out.println("|---|---|---|---|---|");
            for (Cell cell : CELLS) {
                double[][] times = new double[ways.size()][rounds];
                for (int round = 0; round < rounds; round++) {
                    for (int way = 0; way < ways.size(); way++) {
                        times[way][round] = bench.run(ways.get(way), cell).machine();
                    }
                }
                double[] medians =
                        Arrays.stream(times).mapToDouble(Numbers::median).toArray();
                out.printf(
                        Locale.ROOT,
                        "| %s | %.0f | %.0f | %.0f | %.2f |%n",
                        cell.name(),
                        medians[0],
                        medians[1],
                        medians[2],
                        medians[1] / medians[2]);
            }
            out.println();
        } finally {
            plain.stop(PostgresServer.Stop.IMMEDIATE, DEADLINE);
            audited.stop(PostgresServer.Stop.IMMEDIATE, DEADLINE);
        }
    }

    private PostgresServer start(String name, Map<String, String> more) throws Exception {
        Path data = Files.createDirectories(work.resolve(name).resolve("data"));
        user.own(data);
        installation.initialise(data, user);
        Map<String, String> settings = new HashMap<>(more);
        settings.put("listen_addresses", "");
        settings.put("shared_buffers", "256MB");
        return PostgresServer.start(
                new PostgresServer.Launch(
                        installation,
                        user,
                        data,
                        new RunDirectory(work.resolve(name).resolve("run")),
                        settings,
                        Map.of(),
                        RunDirectory.Door.FENCED,
                        work.resolve(name).resolve("log")),
                DEADLINE);
    }

    private static Way direct(String name, PostgresServer server) {
        return new Way(
                name,
                List.of(
                        "PGHOST=" + server.launch().run().path(),
                        "PGPORT=5432",
                        "PGUSER=espalier",
                        "PGDATABASE=postgres"),
                OptionalLong.empty());
    }
}
