package dev.espalier.demo;

import dev.espalier.cli.client.ApiClient;
import dev.espalier.cli.client.GatewayLogin;
import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Operations;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import dev.espalier.cli.output.Table;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.postgresql.ds.PGSimpleDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The guided tour: a project with a realistic database, a branch that is broken, rewound, reset and dropped, each step with
 * its time. It is a client like any other, over HTTP and SQL.
 */
final class Tour {

    private static final String PROJECT = "backstage";
    private static final String PRODUCTION = "production";
    private static final String TTL = "86400s";
    private static final String DATABASE = "catalog";
    private static final String SYSTEM = "system";
    private static final long SEED = 42;
    private static final Duration A_SECOND = Duration.ofSeconds(1);
    private static final Duration DEADLINE = Duration.ofMinutes(1);
    private static final Duration POLL = Duration.ofMillis(20);

    private final ApiClient api;
    private final GatewayLogin gateway;
    private final PrintStream out;
    private final boolean terminal;
    private final String branch;
    private final String broken;

    Tour(ApiClient api, PrintStream out, boolean terminal) {
        this.api = api;
        this.gateway = GatewayLogin.of(api);
        this.out = out;
        this.terminal = terminal;
        this.branch = free("try-it");
        this.broken = branch + "-broken";
    }

    void run() throws SQLException {
        makeProject();
        makeDatabase();
        loadCatalog();
        String entities = query(PRODUCTION, "SELECT count(*) FROM final_entities");
        String size = query(PRODUCTION, "SELECT pg_size_pretty(pg_database_size(current_database()))");
        say("production holds " + entities + " entities in " + size);
        out.println();

        step("make a branch, to its first answered query", "1.09 s, without a server", () -> {
            ObjectNode spec =
                    Json.object().put("source_branch", name(PRODUCTION)).put("ttl", TTL);
            done(api.post("projects/" + PROJECT + "/branches", Query.none().with("branch_id", branch), spec(spec)));
            return "its " + query(branch, "SELECT count(*) FROM final_entities") + " entities are production's";
        });
        Instant before = aSecondInTheLifeOf(branch);
        step("break it", "", () -> {
            execute(branch, "DELETE FROM final_entities");
            execute(branch, "DROP TABLE search");
            return query(branch, "SELECT count(*) FROM final_entities") + " entities left, production has "
                    + query(PRODUCTION, "SELECT count(*) FROM final_entities");
        });
        step("rewind it to a second before, writable", "3.78 s", () -> {
            ObjectNode body =
                    Json.object().put("restore_time", before.toString()).put("preserve_under", broken);
            done(api.post(name(branch) + "/restore", Query.none(), body));
            execute(branch, "CREATE TABLE ours AS SELECT 'only here' AS note");
            return query(branch, "SELECT count(*) FROM final_entities") + " entities are back; the broken state is "
                    + broken;
        });
        expire(broken);
        step("reset it to production", "in its user interface only", () -> {
            done(api.post(name(branch) + "/reset", Query.none(), Json.object()));
            return query(branch, "SELECT count(*) FROM pg_tables WHERE tablename = 'ours'") + " tables of ours left";
        });
        step(
                "suspend it, and wake it with a query",
                "\"seconds\"",
                () -> {
                    done(api.post(name(branch) + "/endpoints/primary/suspend", Query.none(), Json.object()));
                    return null;
                },
                () -> query(branch, "SELECT count(*) FROM final_entities") + " entities");
        step("drop it", "", () -> {
            drop(branch);
            drop(broken);
            return "nothing of it is left";
        });
        new GovernedPart(api, gateway, out, PROJECT, DATABASE, free("governed-now"), free("governed-earlier")).run();
        answers();
        invite();
    }

    // Steps

    /** Work whose duration is shown; what it returns is said of it. */
    @FunctionalInterface
    private interface Work {
        String run() throws SQLException;
    }

    private void step(String what, String reference, Work work) throws SQLException {
        step(what, reference, () -> null, work);
    }

    private void step(String what, String reference, Supplier<Void> unmeasured, Work work) throws SQLException {
        var _ = unmeasured.get();
        long start = System.nanoTime();
        String finding = work.run();
        double milliseconds = (System.nanoTime() - start) / 1e6;
        String compared = reference.isEmpty() ? "" : "   (the reference: " + reference + ")";
        out.printf("  %-44s %8.1f ms%s%n      %s%n", what, milliseconds, compared, finding);
    }

    /** A name that nobody has used: what is dropped at the end must be the tour's own. */
    private String free(String wanted) {
        return IntStream.iterate(1, number -> number + 1)
                .mapToObj(number -> number == 1 ? wanted : wanted + "-" + number)
                .filter(name -> find(name(name)).isEmpty()
                        && find(name(name + "-broken")).isEmpty())
                .findFirst()
                .orElseThrow();
    }

    private void makeProject() {
        if (find("projects/" + PROJECT)
                .filter(project -> !project.has("delete_time"))
                .isPresent()) {
            say("the project " + PROJECT + " is there from an earlier tour");
            return;
        }
        long start = System.nanoTime();
        ObjectNode spec = Json.object().put("display_name", "Backstage");
        done(api.post("projects", Query.none().with("project_id", PROJECT), spec(spec)));
        say("made the project " + PROJECT + " with its branch production in "
                + Duration.ofNanos(System.nanoTime() - start).toMillis() + " ms");
    }

    private void makeDatabase() {
        if (find(name(PRODUCTION) + "/databases/" + DATABASE).isPresent()) {
            return;
        }
        String roleId = find(name(PRODUCTION) + "/databases/databricks-postgres")
                .orElseThrow()
                .path("status")
                .path("role")
                .asString("");
        ObjectNode spec = Json.object().put("postgres_database", DATABASE).put("role", roleId);
        done(api.post(name(PRODUCTION) + "/databases", Query.none().with("database_id", DATABASE), spec(spec)));
    }

    /** A tour that was interrupted while it filled the database has left it empty. */
    private void loadCatalog() throws SQLException {
        long start = System.nanoTime();
        try (Connection session = connect(PRODUCTION)) {
            if (CatalogGenerator.isLoaded(session)) {
                return;
            }
            new CatalogGenerator(SEED, CatalogGenerator.referenceSize()).load(session, this::showProgress);
            try (var statement = session.createStatement()) {
                // The first branch should not have to wait for what the load has left to be written.
                statement.execute("CHECKPOINT");
            }
        }
        if (terminal) {
            out.print("\r\033[K");
        }
        say("filled the database " + DATABASE + " in "
                + Duration.ofNanos(System.nanoTime() - start).toMillis() + " ms");
    }

    private void showProgress(ProgressListener.Step step, long part, long total) {
        if (terminal) {
            out.printf(
                    "\r\033[K  filling %s: %s %d of %d",
                    DATABASE, step.name().toLowerCase(java.util.Locale.ROOT), part, total);
            out.flush();
        }
    }

    /** Lets a second pass on the branch, and returns its beginning, which the branch's history covers. */
    private Instant aSecondInTheLifeOf(String name) {
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (true) {
            Optional<Instant> earliest = find(name(name) + "/history")
                    .map(history -> Instant.parse(history.path("earliest_time").asString("")));
            Instant moment = Instant.now().minus(A_SECOND);
            if (earliest.isPresent() && earliest.get().isBefore(moment)) {
                return moment;
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "the history of " + name + " did not begin within " + DEADLINE.toSeconds() + " s");
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    private void drop(String dropped) {
        done(api.delete(name(dropped), Query.none().with("purge", true)));
    }

    /** Should the tour not get to its end, nothing of it stays for ever. */
    private void expire(String left) {
        ObjectNode spec = Json.object().put("ttl", TTL);
        done(api.patch(name(left), Query.none().with("update_mask", "spec.ttl"), spec(spec)));
    }

    /** What an auditor and whoever pays ask, each answered with one statement over the same door. */
    private void answers() throws SQLException {
        awaitTheLastStep();
        out.println();
        ask("Who did what to which branch, from where?", """
                SELECT to_char(event_time, 'HH24:MI:SS') AS time, principal, action_name, branch_name, source_ip_address
                FROM system.access.audit
                WHERE action_name IN ('createBranch', 'restoreBranch', 'resetBranch', 'deleteBranch', 'drop')
                ORDER BY event_time DESC
                LIMIT 6
                """);
        ask("Which statements cost the most CPU, on which branch, by whom?", """
                SELECT branch_name, principal, statement_type, count(*) AS statements,
                       round(sum(cpu_time_ns) / 1e6, 1) AS cpu_ms, left(min(statement_text), 40) AS one_of_them
                FROM system.query.history
                GROUP BY branch_name, principal, statement_type
                ORDER BY sum(cpu_time_ns) DESC
                LIMIT 5
                """);
    }

    /** Events reach the tables a second or so after they happened. */
    private void awaitTheLastStep() throws SQLException {
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (true) {
            try (Connection session = connect(SYSTEM, "");
                    var statement = session.createStatement();
                    var rows = statement.executeQuery("""
                            SELECT EXISTS (SELECT FROM system.access.audit
                                           WHERE action_name = 'deleteBranch' AND branch_name = '%s'
                                             AND event_time > now() - interval '1 minute')
                            """.formatted(broken))) {
                rows.next();
                if (rows.getBoolean(1) || System.nanoTime() > end) {
                    return;
                }
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    private void ask(String question, String sql) throws SQLException {
        out.println("  " + question);
        sql.strip().lines().forEach(line -> out.println("      " + line));
        try (Connection session = connect(SYSTEM, "");
                var statement = session.createStatement();
                var rows = statement.executeQuery(sql)) {
            int columns = rows.getMetaData().getColumnCount();
            Table table = new Table();
            List<String> header = new ArrayList<>();
            for (int i = 1; i <= columns; i++) {
                header.add(rows.getMetaData().getColumnLabel(i));
            }
            table.row(header);
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    row.add(Optional.ofNullable(rows.getString(i)).orElse("").replaceAll("\\s+", " "));
                }
                table.row(row);
            }
            table.text().lines().forEach(line -> out.println("      " + line));
        }
        out.println();
    }

    private void invite() {
        out.printf("""

                The server is running. Look around:
                  ./espalier psql production --project %1$s --database %2$s
                  ./espalier branches create feature-x --project %1$s --ttl 1d
                  ./espalier branches list --project %1$s
                  ./espalier status          ./espalier down
                With any other client, and a password that lasts for an hour:
                  PGPASSWORD=$(./espalier credentials create -b production -p %1$s | awk 'NR == 2 {print $1}') \\
                    psql "host=%3$s port=%4$d user=%5$s dbname=%1$s/%2$s@production sslmode=require"
                """, PROJECT, DATABASE, gateway.host(), gateway.port(), gateway.user());
    }

    // HTTP

    private void done(Reply begun) {
        var _ = new Operations(api, (name, waited) -> {}).await(begun);
    }

    private Optional<JsonNode> find(String path) {
        try {
            return Optional.of(api.get(path, Query.none()).json());
        } catch (Failure failure) {
            if (failure.exitCode() == ExitCode.NOT_FOUND || failure.exitCode() == ExitCode.CONFLICT) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    private static ObjectNode spec(ObjectNode spec) {
        ObjectNode body = Json.object();
        body.set("spec", spec);
        return body;
    }

    private static String name(String branch) {
        return "projects/" + PROJECT + "/branches/" + branch;
    }

    // SQL, through the gateway like any client

    private Connection connect(String branch) throws SQLException {
        return connect(PROJECT + "/" + DATABASE, "@" + branch);
    }

    private Connection connect(String database, String branch) throws SQLException {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {gateway.host()});
        source.setPortNumbers(new int[] {gateway.port()});
        source.setDatabaseName(database + branch);
        source.setUser(gateway.user());
        source.setPassword(api.accessToken());
        source.setSslMode("require");
        source.setApplicationName("espalier-demo");
        return source.getConnection();
    }

    private String query(String branch, String sql) throws SQLException {
        try (Connection session = connect(branch);
                var statement = session.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private void execute(String branch, String sql) throws SQLException {
        try (Connection session = connect(branch);
                var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    private void say(String text) {
        out.println("  " + text);
    }
}
