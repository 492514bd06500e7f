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
    private static final String BRANCH = "try-it";
    private static final String BROKEN = "try-it-broken";
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

    Tour(ApiClient api, PrintStream out, boolean terminal) {
        this.api = api;
        this.gateway = GatewayLogin.of(api);
        this.out = out;
        this.terminal = terminal;
    }

    void run() throws SQLException {
        removeWhatAnEarlierTourLeft();
        makeProject();
        loadCatalog();
        String entities = query(PRODUCTION, "SELECT count(*) FROM final_entities");
        String size = query(PRODUCTION, "SELECT pg_size_pretty(pg_database_size(current_database()))");
        say("production holds " + entities + " entities in " + size);
        out.println();

        step("make a branch, to its first answered query", "1.09 s, without a server", () -> {
            ObjectNode spec =
                    Json.object().put("source_branch", name(PRODUCTION)).put("ttl", "86400s");
            done(api.post("projects/" + PROJECT + "/branches", Query.none().with("branch_id", BRANCH), spec(spec)));
            return "its " + query(BRANCH, "SELECT count(*) FROM final_entities") + " entities are production's";
        });
        Instant before = aSecondInTheLifeOf(BRANCH);
        step("break it", "", () -> {
            execute(BRANCH, "DELETE FROM final_entities");
            execute(BRANCH, "DROP TABLE search");
            return query(BRANCH, "SELECT count(*) FROM final_entities") + " entities left, production has "
                    + query(PRODUCTION, "SELECT count(*) FROM final_entities");
        });
        step("rewind it to a second before, writable", "3.78 s", () -> {
            ObjectNode body =
                    Json.object().put("restore_time", before.toString()).put("preserve_under", BROKEN);
            done(api.post(name(BRANCH) + "/restore", Query.none(), body));
            execute(BRANCH, "CREATE TABLE ours AS SELECT 'only here' AS note");
            return query(BRANCH, "SELECT count(*) FROM final_entities") + " entities are back; the broken state is "
                    + BROKEN;
        });
        step("reset it to production", "in its user interface only", () -> {
            done(api.post(name(BRANCH) + "/reset", Query.none(), Json.object()));
            return query(BRANCH, "SELECT count(*) FROM pg_tables WHERE tablename = 'ours'") + " tables of ours left";
        });
        step(
                "suspend it, and wake it with a query",
                "\"seconds\"",
                () -> {
                    done(api.post(name(BRANCH) + "/endpoints/primary/suspend", Query.none(), Json.object()));
                    return null;
                },
                () -> query(BRANCH, "SELECT count(*) FROM final_entities") + " entities");
        step("drop it", "", () -> {
            drop(BRANCH);
            drop(BROKEN);
            return "nothing of it is left";
        });
        new GovernedPart(api, gateway, out, PROJECT, DATABASE).run();
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

    private void removeWhatAnEarlierTourLeft() {
        for (String branch : new String[] {BRANCH, BROKEN}) {
            if (find(name(branch)).isPresent()) {
                drop(branch);
            }
        }
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

    private void loadCatalog() throws SQLException {
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
        long start = System.nanoTime();
        try (Connection session = connect(PRODUCTION)) {
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
    private Instant aSecondInTheLifeOf(String branch) {
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (true) {
            Optional<Instant> earliest = find(name(branch) + "/history")
                    .map(history -> Instant.parse(history.path("earliest_time").asString("")));
            Instant moment = Instant.now().minus(A_SECOND);
            if (earliest.isPresent() && earliest.get().isBefore(moment)) {
                return moment;
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "the history of " + branch + " did not begin within " + DEADLINE.toSeconds() + " s");
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    private void drop(String branch) {
        done(api.delete(name(branch), Query.none().with("purge", true)));
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
                            """.formatted(BROKEN))) {
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
                  ./espalier psql production --project %s --database %s
                  PGPASSWORD=… psql "host=%s port=%d user=%s dbname=%s@production"
                     (the password: the client_secret in admin-credentials.json of the home, or an access token)
                  ./espalier branches create feature-x --project %s --ttl 1d
                  ./espalier branches list --project %s
                  ./espalier status          ./espalier down
                """, PROJECT, DATABASE, gateway.host(), gateway.port(), gateway.user(), DATABASE, PROJECT, PROJECT);
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
