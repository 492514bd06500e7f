package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.databricks.sdk.service.postgres.BranchSpec;
import com.google.protobuf.Timestamp;
import dev.espalier.governance.Attacks;
import dev.espalier.governance.Attacks.Attacker;
import dev.espalier.governance.Attacks.Door;
import dev.espalier.governance.Attacks.Leak;
import dev.espalier.governance.PostgresJar;
import dev.espalier.governance.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Everything that governance's tests try on a bare server, by every way to a branch, on branches from before the policies and after
 * them.
 */
@ParameterizedClass
@MethodSource("versions")
class AttackTest {

    private static final String READER = "reader";
    private static final String WRITER = "writer";

    /** Whom no policy binds; he reads only, so that there is as much to see on the next way. */
    private static final String EXEMPT = "exempt";

    private static final Attacks ATTACKS = new Attacks();

    private static GovernedServer server;

    private final String project;

    private enum Way {
        GATEWAY_SIMPLE,
        GATEWAY_EXTENDED,
        SOCKET
    }

    AttackTest(int version) {
        this.project = project(version);
    }

    static int[] versions() {
        return Servers.versions();
    }

    private static String project(int version) {
        return "shop" + version;
    }

    @BeforeAll
    static void start() throws IOException, InterruptedException, SQLException {
        TestHome home = new TestHome();
        List<String> installations = new ArrayList<>();
        for (int version : versions()) {
            Path installation = home.path().resolveSibling("postgres-" + version);
            PostgresJar.unpack(version, Files.createDirectory(installation));
            installations.add(installation.toString());
        }
        server = new GovernedServer(home, "--postgres.installations=" + String.join(",", installations));
        server.principals(READER, WRITER, EXEMPT);
        server.group("analysts", READER, WRITER);
        server.group("writers", WRITER);
        server.group("pii", EXEMPT);
        server.say("CREATE GOVERNED TAG pii", "CREATE GOVERNED TAG region");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    /** A database, branches of it, and only then the rules. */
    @BeforeParameterizedClassInvocation
    static void open(int version) throws SQLException, TimeoutException {
        String project = project(version);
        server.project(project, version, "analysts", "pii");
        Sql superuser = server.superuser(project, GovernedServer.PRODUCTION);
        superuser.execute("CREATE ROLE app_owner NOLOGIN");
        superuser.execute("ALTER DATABASE " + project + " SET search_path = app, public");
        superuser.execute(Attacks.shop());
        Instant ungoverned = superuser
                .query("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
                .stream()
                .map(Instant::parse)
                .findFirst()
                .orElseThrow();
        server.branch(project, "before", new BranchSpec());
        govern(project);
        server.branch(project, "after", new BranchSpec());
        server.branch(
                project,
                "earlier",
                new BranchSpec()
                        .setSourceBranchTime(Timestamp.newBuilder()
                                .setSeconds(ungoverned.getEpochSecond())
                                .setNanos(ungoverned.getNano())
                                .build()));
    }

    private static void govern(String catalog) throws SQLException {
        List<String> rules = new ArrayList<>(List.of(
                "GRANT USE CATALOG, USE SCHEMA, SELECT ON CATALOG " + catalog + " TO `analysts`",
                "GRANT USE CATALOG, USE SCHEMA, SELECT ON CATALOG " + catalog + " TO `pii`",
                "GRANT MODIFY ON CATALOG " + catalog + " TO `writers`",
                "ALTER TABLE " + catalog + ".app.customers ALTER COLUMN region SET TAGS ('region')"));
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("customers.email", "email");
        tags.put("customers.second_email", "email");
        tags.put("customers.full_name", "name");
        tags.put("customers.phone", "phone");
        tags.put("customers.salary", "money");
        tags.put("customers.notes", "json");
        tags.put("orders.ship_to", "address");
        tags.put("events.who", "name");
        tags.put("audit_log.row_data", "raw");
        tags.put("contacts.email", "email");
        tags.put("gone_contacts.email", "email");
        tags.forEach(
                (column, value) -> rules.add("SET TAG ON COLUMN " + catalog + ".app." + column + " pii = " + value));
        Map<String, String> masks = Map.of(
                "email", "email", "name", "redact", "phone", "phone", "money", "null", "address", "redact", "raw",
                "null");
        masks.forEach((tag, mask) -> rules.add(mask(catalog, tag, mask, "")));
        rules.add(mask(catalog, "json", "json_paths", " USING COLUMNS ('profile.email')"));
        rules.add("CREATE POLICY no_apac ON CATALOG " + catalog + " ROW FILTER " + catalog
                + ".app.visible TO `analysts` EXCEPT `pii`"
                + " FOR TABLES MATCH COLUMNS has_tag('region') AS c USING COLUMNS (c)");
        server.say(rules.toArray(String[]::new));
    }

    private static String mask(String catalog, String tag, String mask, String using) {
        return "CREATE POLICY mask_" + tag + " ON CATALOG " + catalog + " COLUMN MASK system.mask." + mask
                + " TO `analysts` EXCEPT `pii` FOR TABLES MATCH COLUMNS has_tag_value('pii', '" + tag
                + "') AS c ON COLUMN c" + using;
    }

    @ParameterizedTest
    @ValueSource(strings = {"production", "before", "after", "earlier"})
    void nothingRawIsShownToWhomPoliciesBindByStatementsThatShowItToOthers(String branch) throws SQLException {
        Map<String, List<Leak>> leaks = new LinkedHashMap<>();
        try (Connection superuser = server.superuser(project, branch).connect()) {
            for (Way way : Way.values()) {
                for (String who : List.of(READER, WRITER)) {
                    String other = who.equals(READER) ? WRITER : EXEMPT;
                    leaks.put(way + " " + who, run(superuser, branch, way, who, other));
                    assertThat(Attacks.masked(door(way, branch, who))).contains("S***@corp.example");
                }
            }
            assertThat(leaks)
                    .allSatisfy((how, found) -> assertThat(found).as(how).isEmpty());
            // The same statements show what is raw to whom no policy binds; that they do so anywhere proves them.
            for (Way way : branch.equals(GovernedServer.PRODUCTION) ? Way.values() : new Way[0]) {
                assertThat(run(superuser, branch, way, EXEMPT, READER))
                        .as(way.name())
                        .hasSizeGreaterThan(100)
                        .extracting(Leak::where)
                        .contains("result", "error", "notice", "copy", Attacks.NOTIFICATION);
            }
        }
    }

    private List<Leak> run(Connection superuser, String branch, Way way, String who, String other) throws SQLException {
        List<Leak> leaks = ATTACKS.run(door(way, branch, who), Attacker.of(superuser, who, other));
        if (way == Way.SOCKET && !who.equals(EXEMPT)) {
            // PostgreSQL cannot hide those; the gateway does.
            leaks.removeIf(leak -> leak.where().equals(Attacks.NOTIFICATION));
        }
        return leaks;
    }

    private Door door(Way way, String branch, String who) {
        String address = GovernedServer.address(project, branch);
        return switch (way) {
            case GATEWAY_SIMPLE -> () -> server.connect(who, address, "simple");
            case GATEWAY_EXTENDED -> () -> server.connect(who, address, "extended");
            case SOCKET -> () -> server.socket(project, branch, who).connect();
        };
    }
}
