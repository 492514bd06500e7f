package dev.espalier.benchmarks;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.failure.Failure;
import dev.espalier.demo.CatalogGenerator;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * {@code bench branch}: how long it takes until a branch answers, through the API, beside the ways there are without
 * Espalier, round by round in one run.
 */
final class BranchBench {

    private static final String PRODUCTION = "production";
    private static final String DATABASE = "databricks_postgres";
    private static final int[] REPLAY_MB = {1, 16, 64};
    private static final int MAJOR = 18;
    private static final int WARM_UP = 5;
    private static final int CLIENTS = 2;

    /** So many registered branches are measured beside many. */
    private static final int FEW = 10;

    /**
     * From this size on what copies is done once, and last: all of the data goes into the log, the archive keeps it, and the disk is
     * busy with it for long afterwards.
     */
    private static final long LARGE = 4L << 30;

    /**
     * What is to be measured.
     *
     * @param bytes size of the database, about
     * @param rounds of each measurement
     * @param live number of idle branches that run at the same time; 0 to leave that out
     * @param registered number of suspended branches; 0 to leave that out
     */
    record Plan(long bytes, int rounds, int live, int registered) {

        private static final Pattern OPTION = Pattern.compile("--(size|rounds|live|registered)=(\\d+)(MB|GB)?");

        static Plan of(List<String> options) {
            long bytes = 1L << 30;
            int rounds = 50;
            int live = 0;
            int registered = 0;
            for (String option : options) {
                Matcher matcher = OPTION.matcher(option);
                if (!matcher.matches()) {
                    throw new IllegalArgumentException("cannot read " + option);
                }
                long number = Long.parseLong(matcher.group(2));
                switch (matcher.group(1)) {
                    case "size" -> bytes = number << ("GB".equals(matcher.group(3)) ? 30 : 20);
                    case "rounds" -> rounds = (int) number;
                    case "live" -> live = (int) number;
                    default -> registered = (int) number;
                }
            }
            return new Plan(bytes, rounds, live, registered);
        }
    }

    private final BenchServer server;
    private final Plan plan;
    private final PrintStream out;
    private final Figures figures = new Figures();
    private int branches;

    BranchBench(BenchServer server, Plan plan, PrintStream out) {
        this.server = server;
        this.plan = plan;
        this.out = out;
    }

    void run() throws Exception {
        server.makeProject();
        Path production = server.socket(PRODUCTION);
        try (Connection session = server.connect(production, DATABASE)) {
            new CatalogGenerator(1, CatalogGenerator.scaleFor(plan.bytes())).load(session, (step, part, total) -> {});
            Load.prepare(session);
        }
        out.printf(
                "%s; storage %s; PostgreSQL 18; database of %s; load average at the start %s%n%n",
                Machine.describe(),
                backend(),
                scalar(production, "SELECT pg_size_pretty(pg_database_size(current_database()))"),
                Machine.load());
        for (int i = 0; i < WARM_UP; i++) {
            String branch = create(new Figures(), "warm-up");
            server.drop(branch);
        }
        spaceAndMemory();
        WithoutEspalier without = new WithoutEspalier(server.installation(MAJOR).orElseThrow(), volumes());
        idleParent(without, production);
        busyParent(production);
        rewinds();
        if (plan.bytes() > LARGE) {
            copies(without, production);
        }
        figures.print(out);
        if (plan.live() > 0) {
            live();
        }
        if (plan.registered() > 0) {
            registered();
        }
    }

    private void idleParent(WithoutEspalier without, Path production) throws Exception {
        boolean snapshots = backend().equals("btrfs");
        int slowRounds = plan.bytes() > LARGE ? 0 : Math.max(3, plan.rounds() / 10);
        for (int i = 0; i < plan.rounds(); i++) {
            String branch = create(figures, "create → first query");
            if (snapshots) {
                without.snapshot(dataOf(production), DATABASE, figures);
            }
            server.suspend(branch);
            figures.time("wake → first query", () -> {
                server.wake(branch);
                first(branch);
            });
            scalar(server.socket(branch), "WITH d AS (DELETE FROM bench_history RETURNING 1) SELECT count(*) FROM d");
            figures.time("reset → first query", () -> {
                server.reset(branch);
                first(branch);
            });
            server.drop(branch);
            if (i < slowRounds) {
                copies(without, production);
            }
        }
    }

    private void copies(WithoutEspalier without, Path production) throws Exception {
        templates(production);
        try (Connection superuser = server.connect(production, "postgres")) {
            without.baseBackup(superuser, dataOf(production), DATABASE, figures);
        }
    }

    /** A copy inside the same server, which needs the original to itself. */
    private void templates(Path production) throws Exception {
        for (String[] way : new String[][] {
            {"CREATE DATABASE … TEMPLATE → first query", "STRATEGY = wal_log", "copy"},
            {"CREATE DATABASE … TEMPLATE, file_copy_method=clone → first query", "STRATEGY = file_copy", "clone"}
        }) {
            try (Connection superuser = server.connect(production, "postgres");
                    var statement = superuser.createStatement()) {
                statement.execute("SET file_copy_method = " + way[2]);
                figures.time(way[0], () -> {
                    statement.execute("CREATE DATABASE bench_copy TEMPLATE " + DATABASE + " " + way[1]);
                    try (Connection session = server.connect(production, "bench_copy");
                            var query = session.createStatement()) {
                        query.execute("SELECT 1");
                    }
                });
                statement.execute("DROP DATABASE bench_copy WITH (FORCE)");
            }
        }
    }

    private void busyParent(Path production) throws Exception {
        double alone;
        double branched;
        try (Load load = new Load(() -> server.connect(production, DATABASE), CLIENTS)) {
            long end = System.nanoTime() + 10_000_000_000L;
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(50_000_000);
            }
            alone = load.rate();
        }
        try (Load load = new Load(() -> server.connect(production, DATABASE), CLIENTS)) {
            for (int i = 0; i < plan.rounds(); i++) {
                server.drop(create(figures, "create → first query, parent under write load"));
            }
            branched = load.rate();
        }
        out.printf(
                Locale.ROOT,
                "Write load on the parent (%d clients, TPC-B): %.0f transactions/s alone, %.0f while branches are made and dropped "
                        + "without a pause (ratio %.2f).%n%n",
                CLIENTS,
                alone,
                branched,
                branched / alone);
    }

    private void rewinds() throws Exception {
        int rounds = Math.max(3, plan.rounds() / 5);
        for (int megabytes : REPLAY_MB) {
            for (int i = 0; i < rounds; i++) {
                String source = create(new Figures(), "source");
                awaitHistory(source);
                Path socket = server.socket(source);
                writeLog(socket, megabytes);
                Instant moment = Instant.parse(scalar(socket, "SELECT to_json(clock_timestamp())#>>'{}'"));
                scalar(socket, "WITH d AS (DELETE FROM bench_tellers RETURNING 1) SELECT count(*) FROM d");
                String branch = next();
                figures.time("point in time → writable, " + megabytes + " MB of log", () -> {
                    server.createBranch(
                            branch,
                            Json.object()
                                    .put("source_branch", BenchServer.name(source))
                                    .put("source_branch_time", moment.toString()));
                    scalar(
                            server.socket(branch),
                            "WITH i AS (INSERT INTO bench_history VALUES (1, 1, 1, 1, now()) "
                                    + "RETURNING 1) SELECT count(*) FROM i");
                });
                server.drop(branch);
                server.drop(source);
            }
        }
    }

    private void awaitHistory(String branch) {
        while (true) {
            try {
                server.get(BenchServer.name(branch) + "/history");
                return;
            } catch (Failure e) {
                LockSupport.parkNanos(5_000_000);
            }
        }
    }

    private void writeLog(Path socket, int megabytes) throws SQLException {
        try (Connection session = server.connect(socket, DATABASE);
                var statement = session.createStatement()) {
            long start = position(session);
            while (position(session) - start < (long) megabytes << 20) {
                statement.execute("UPDATE bench_accounts SET balance = balance + 1 WHERE aid % 100 = "
                        + ThreadLocalRandom.current().nextInt(100));
            }
        }
    }

    private static long position(Connection session) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private void spaceAndMemory() throws Exception {
        String branch = create(new Figures(), "one");
        awaitHistory(branch);
        long bytes = server.get(BenchServer.name(branch) + "/storage")
                .path("exclusive_bytes")
                .asLong(0);
        long memory = Memory.pssOfTreeKib(postmaster(server.socket(branch)));
        out.printf(
                Locale.ROOT,
                "%nA fresh branch occupies %.2f MiB of its own and, idle, %.1f MiB of memory.%n",
                bytes / 1048576.0,
                memory / 1024.0);
        server.drop(branch);
    }

    private void live() throws Exception {
        List<String> made = new ArrayList<>();
        long before = Memory.availableKib();
        for (int i = 0; i < plan.live(); i++) {
            made.add(create(new Figures(), "live"));
        }
        long total = 0;
        for (String branch : made) {
            total += Memory.pssOfTreeKib(postmaster(server.socket(branch)));
        }
        long taken = before - Memory.availableKib();
        Figures among = new Figures();
        for (int i = 0; i < plan.rounds(); i++) {
            server.drop(create(among, "create → first query among " + plan.live() + " live branches"));
        }
        out.printf(
                Locale.ROOT,
                "%n%d idle branches run at the same time in %.0f MiB of memory (%.1f each); the machine has %.0f MiB less.%n",
                made.size(),
                total / 1024.0,
                total / 1024.0 / made.size(),
                taken / 1024.0);
        among.print(out);
        made.forEach(server::drop);
    }

    /** Rows for branches that sleep are written directly; what is measured goes through the API. */
    private void registered() throws Exception {
        Figures list = new Figures();
        String model = create(new Figures(), "model");
        server.suspend(model);
        try (Connection control = server.connect(server.dataDirectory().resolve("system/run"), "system");
                var statement = control.createStatement()) {
            register(statement, model, 1, FEW);
            measureRegister(list, FEW);
            register(statement, model, FEW + 1, plan.registered());
            measureRegister(list, plan.registered());
            statement.execute("DELETE FROM control.branch WHERE uid LIKE 'br-registered-%'");
        }
        server.drop(model);
        out.println();
        list.print(out);
    }

    private static void register(Statement statement, String model, int from, int to) throws SQLException {
        statement.execute("""
                INSERT INTO control.branch (uid, project_uid, branch_id, source_uid, state, state_change_time,
                                            is_protected, volume, create_time, update_time)
                SELECT 'br-registered-' || g, project_uid, 'registered-' || g, source_uid, state, state_change_time,
                       false, volume, create_time, update_time
                FROM control.branch b, generate_series(%d, %d) g WHERE b.branch_id = '%s'
                """.formatted(from, to, model));
        statement.execute("""
                INSERT INTO control.endpoint (uid, branch_uid, endpoint_id, type, min_cu, max_cu, disabled, pg_settings,
                                              activity_policy, create_time, update_time, suspend_after)
                SELECT 'ep-registered-' || g, 'br-registered-' || g, endpoint_id, type, min_cu, max_cu, disabled,
                       pg_settings, activity_policy, e.create_time, e.update_time, 300
                FROM control.endpoint e JOIN control.branch b ON b.uid = e.branch_uid, generate_series(%d, %d) g
                WHERE b.branch_id = '%s'
                """.formatted(from, to, model));
        // As it is on a server that has had them for a while: what they occupy has been measured, one after the other.
        statement.execute("""
                INSERT INTO control.branch_space (branch_uid, volume, exclusive_bytes, history_bytes, measured_time)
                SELECT uid, volume, 1048576, 0, now() - random() * interval '1 hour'
                FROM control.branch WHERE uid LIKE 'br-registered-%'
                ON CONFLICT DO NOTHING
                """);
        statement.execute("ANALYZE control.branch, control.endpoint, control.branch_space");
        statement.execute("CHECKPOINT");
    }

    private void measureRegister(Figures list, int count) throws Exception {
        for (int i = 0; i < plan.rounds(); i++) {
            list.time(
                    "list 10 of " + count + " branches",
                    () -> server.page("projects/" + BenchServer.PROJECT + "/branches", 10));
            server.drop(create(list, "create → first query with " + count + " branches"));
        }
    }

    // Parts

    private String create(Figures into, String name) throws Exception {
        String branch = next();
        into.time(name, () -> {
            server.createBranch(branch, Json.object().put("source_branch", BenchServer.name(PRODUCTION)));
            first(branch);
        });
        return branch;
    }

    private String next() {
        return "b" + ++branches;
    }

    private void first(String branch) throws SQLException {
        scalar(server.socket(branch), "SELECT count(*) FROM bench_tellers");
    }

    private String scalar(Path socket, String sql) throws SQLException {
        try (Connection session = server.connect(socket, DATABASE);
                var statement = session.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private Path volumes() {
        JsonNode system = server.get("system");
        return Path.of(system.path("data_directory").asString(""), backend(), "volumes");
    }

    private String backend() {
        return server.get("system").path("storage").path("backend").asString("");
    }

    private Path dataOf(Path socket) throws SQLException {
        return Path.of(scalar(socket, "SHOW data_directory"));
    }

    private long postmaster(Path socket) throws Exception {
        return Long.parseLong(Files.readAllLines(dataOf(socket).resolve("postmaster.pid"))
                .getFirst()
                .strip());
    }
}
