package dev.espalier.benchmarks.conformance;

import dev.espalier.benchmarks.conformance.Scene.Principal;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Backstage, an application with a database for each of its plugins: it fills production through the gateway, moves to a
 * branch by one setting, the port, runs on both at once, and then on a branch as somebody who may not see people's addresses.
 *
 * <p>What runs it is a harness that is not part of this: a directory whose {@code npm test} starts a back end on the server
 * that PGHOST, PGPORT, PGUSER and PGPASSWORD name, checks it, and ends with a line {@code 13/13 checks passed}.
 */
final class BackstageSuite {

    private static final int MAJOR = 18;
    private static final String BRANCH = "feature";
    private static final String MASKED_BRANCH = "masked";
    private static final Pattern PASSED = Pattern.compile("(\\d+)/(\\d+) checks passed");

    /** What people and plugins have written; other tables change by the mere running of a back end. */
    private static final Map<String, List<String>> DATA = Map.of(
            "backstage_plugin_catalog",
            List.of("final_entities", "relations", "search", "locations"),
            "backstage_plugin_notifications",
            List.of("notification"),
            "backstage_plugin_user-settings",
            List.of("user_settings"));

    private final Path harness;
    private final Path work;
    private final PrintStream out;
    private boolean holds = true;

    /** @param harness the directory; it is copied and not written to */
    BackstageSuite(Path harness, Path work, PrintStream out) {
        this.harness = harness;
        this.work = work;
        this.out = out;
    }

    /** Whether everything was as it should be. */
    boolean run() throws IOException, SQLException {
        Path here = install();
        Files.createDirectories(work.resolve("runs"));
        try (Scene scene = Scene.open(MAJOR)) {
            Principal backstage = scene.principal("backstage", Scene.CAN_MANAGE);
            Door production = scene.gateway(backstage);
            out.println("Backstage on PostgreSQL " + MAJOR);
            check("production", "production, through the gateway", start(here, production, "production", Map.of()));
            scene.branch(BRANCH);
            Door branch = scene.ownPort(BRANCH, backstage);
            Map<String, String> again = Map.of("SKIP_GENERATE", "1");
            check("branch", "the branch, by its own port", start(here, branch, "branch", again));

            Map<String, Long> productionBefore = rows(scene, Scene.PRODUCTION);
            Map<String, Long> branchBefore = rows(scene, BRANCH);
            Process reading =
                    start(here, production, "production-beside", Map.of("SKIP_GENERATE", "1", "SMOKE_WRITES", "0"));
            check("branch-beside", "both at once, writing on the branch", start(here, branch, "branch-beside", again));
            check("production-beside", "both at once, reading on production", reading);
            Map<String, Long> productionAfter = rows(scene, Scene.PRODUCTION);
            say(productionAfter.equals(productionBefore), "production has the rows it had: " + productionAfter);
            Map<String, Long> branchAfter = rows(scene, BRANCH);
            say(!branchAfter.equals(branchBefore), "the branch has others: " + branchBefore + ", then " + branchAfter);
            masked(scene, here, backstage);
        }
        return holds;
    }

    /**
     * The application's owner has made the tables and goes on to migrate them; a back end that may not see people runs as a principal
     * who owns nothing, so it makes no databases and migrates none. It does not read the sources of the catalog either, or it would
     * write what it has read there over what is hidden from it.
     */
    private void masked(Scene scene, Path here, Principal backstage) throws IOException, SQLException {
        Principal masked = scene.principal("backstage-masked", Scene.CAN_USE);
        for (String function : BackstageRules.SEARCH_FUNCTIONS) {
            scene.run(Scene.PRODUCTION, BackstageRules.database("search"), function);
        }
        scene.say(new BackstageRules(masked.name()).statements());
        scene.branch(MASKED_BRANCH);
        Door door = scene.ownPort(MASKED_BRANCH, masked);
        Map<String, String> settings = Map.of(
                "SKIP_GENERATE", "1",
                "BACKSTAGE_ENSURE_EXISTS", "false",
                "BACKSTAGE_SKIP_MIGRATIONS", "true",
                "BACKSTAGE_PROCESSING", "off",
                "EXPECT_PII", "absent",
                "PII_SCAN_EXPECT", "absent");
        check(
                "masked",
                "a masked branch: no e-mail, no telephone number by its API",
                start(here, door, "masked", settings));
        say(scan(here, door, "masked-scan", settings) == 0, "a masked branch: none in any column of any table");
        Door owner = scene.ownPort(MASKED_BRANCH, backstage);
        say(
                scan(here, owner, "owner-scan", settings) == 1,
                "a masked branch: they are there for the application's owner");
    }

    /** Ends with 0 if no column that is seen holds an e-mail address or a telephone number, with 1 if one does. */
    private int scan(Path here, Door door, String run, Map<String, String> settings) throws IOException {
        return new Program(here, log(run), List.of("npm", "run", "pii-scan"))
                .with(door.environment())
                .with(settings)
                .run();
    }

    private Path install() throws IOException {
        Path here = work.resolve("backstage");
        if (!Files.isDirectory(here.resolve("node_modules"))) {
            Files.createDirectories(here);
            Path log = work.resolve("prepare.log");
            new Program(work, log, List.of("cp", "-r", "--no-preserve=mode", harness + "/.", here.toString()))
                    .succeed();
            new Program(here, log, List.of("npm", "ci")).succeed();
        }
        return here;
    }

    private Process start(Path here, Door door, String run, Map<String, String> settings) throws IOException {
        Map<String, String> variables = new LinkedHashMap<>(door.environment());
        variables.put("BACKSTAGE_PORT", Integer.toString(freePort()));
        variables.put(
                "BACKSTAGE_LOG",
                work.resolve("runs/backstage-" + run + "-backend.log").toString());
        variables.putAll(settings);
        return new Program(here, log(run), List.of("npm", "test"))
                .with(variables)
                .start();
    }

    private Path log(String run) {
        return work.resolve("runs/backstage-" + run + ".log");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void check(String run, String what, Process process) throws IOException {
        int exitCode = process.onExit().join().exitValue();
        Matcher matcher = PASSED.matcher(Files.readString(log(run)));
        String checks = matcher.find() ? matcher.group() : "no checks; see " + log(run);
        say(exitCode == 0 && matcher.group(1).equals(matcher.group(2)), what + ": " + checks);
    }

    private void say(boolean good, String what) {
        holds &= good;
        out.println((good ? "  ok      " : "  FAILED  ") + what);
    }

    private static Map<String, Long> rows(Scene scene, String branch) throws SQLException {
        Map<String, Long> rows = new TreeMap<>();
        for (Map.Entry<String, List<String>> database : DATA.entrySet()) {
            for (String table : database.getValue()) {
                rows.put(table, scene.count(branch, database.getKey(), table));
            }
        }
        return rows;
    }
}
