package dev.espalier.benchmarks;

import dev.espalier.cli.client.GatewayLogin;
import dev.espalier.cli.client.Json;
import dev.espalier.postgres.UnixSockets;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.ds.PGSimpleDataSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * What rules cost: the same queries by one whom nothing binds, one who sees two columns masked, and one whose rows are filtered, beside row
 * security that asks a PL/pgSQL function; a change of policy with a reader at work; branches with rules and without.
 */
final class GovernanceBench {

    private static final String PROJECT = BenchServer.PROJECT;
    private static final String PRODUCTION = "production";
    private static final String DATABASE = "databricks_postgres";
    private static final String FREE = "bench-free";
    private static final String MASKED = "bench-masked";
    private static final String FILTERED = "bench-filtered";
    private static final int MAJOR = 18;
    private static final int LOOKUPS = 2_000;
    private static final int PARTITIONS = 300;

    /**
     * What is to be measured.
     *
     * @param rows of the large table
     * @param tables beside it
     * @param rounds of each measurement
     */
    record Plan(int rows, int tables, int rounds) {

        private static final Pattern OPTION = Pattern.compile("--(rows|tables|rounds)=(\\d{1,9})");

        static Plan of(List<String> options) {
            int rows = 1_000_000;
            int tables = 200;
            int rounds = 7;
            for (String option : options) {
                Matcher matcher = OPTION.matcher(option);
                if (!matcher.matches()) {
                    throw new IllegalArgumentException("cannot read " + option);
                }
                int number = Integer.parseInt(matcher.group(2));
                switch (matcher.group(1)) {
                    case "rows" -> rows = number;
                    case "tables" -> tables = number;
                    default -> rounds = number;
                }
            }
            return new Plan(rows, tables, rounds);
        }
    }

    private final BenchServer server;
    private final Plan plan;
    private final PrintStream out;
    private final Figures figures = new Figures();

    GovernanceBench(BenchServer server, Plan plan, PrintStream out) {
        this.server = server;
        this.plan = plan;
        this.out = out;
    }

    void run() throws Exception {
        server.makeProject(PROJECT, MAJOR);
        Path socket = server.socket(PRODUCTION);
        try (Connection session = server.connect(socket, DATABASE);
                var statement = session.createStatement()) {
            fill(statement);
        }
        out.printf(
                "%s; PostgreSQL %d; a table of %d rows, %d others; load average at the start %s%n%n",
                Machine.describe(), MAJOR, plan.rows(), plan.tables(), Machine.load());
        for (int i = 0; i < plan.rounds(); i++) {
            branch("create a branch, no rules");
        }
        for (String who : List.of(FREE, MASKED, FILTERED)) {
            makePrincipal(who);
        }
        define();
        for (String who : List.of(FREE, MASKED, FILTERED)) {
            signIn(who);
        }
        queries(socket);
        changes(socket);
        for (int i = 0; i < plan.rounds(); i++) {
            branch("create a branch, under the rules");
            figures.time(
                    "prove a branch again (verify)",
                    () -> server.send(BenchServer.name(PRODUCTION) + "/verify", Json.object()));
        }
        partitions(socket);
        figures.print(out);
    }

    private void fill(Statement statement) throws SQLException {
        statement.execute(
                "CREATE TABLE person (id bigint PRIMARY KEY, email text NOT NULL, phone text, region text, grp int, about text)");
        statement.execute(
                "INSERT INTO person SELECT i, 'user' || i || '@corp' || i % 97 || '.com', '+4917' || lpad(i::text, 8, '0'), "
                        + "(ARRAY['EU', 'US', 'APAC', 'LATAM'])[1 + i % 4], i % 100, repeat(md5(i::text), 6) FROM generate_series(1, "
                        + plan.rows()
                        + ") i");
        statement.execute("CREATE TABLE asked (LIKE person INCLUDING ALL)");
        statement.execute("INSERT INTO asked SELECT * FROM person");
        statement.execute("CREATE TABLE member (name text PRIMARY KEY, region text NOT NULL)");
        statement.execute("INSERT INTO member SELECT 'asker', unnest(ARRAY['EU']) ");
        statement.execute("""
                CREATE FUNCTION may_see(wanted text) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
                SET search_path = pg_catalog, public AS $$
                BEGIN
                    RETURN wanted <> 'APAC' OR EXISTS (SELECT FROM public.member m WHERE m.name = session_user AND m.region = wanted);
                END $$
                """);
        statement.execute("ALTER TABLE asked ENABLE ROW LEVEL SECURITY");
        statement.execute("CREATE POLICY asked ON asked USING (may_see(region))");
        for (int i = 1; i <= plan.tables(); i++) {
            statement.execute("CREATE TABLE t" + i + " (id int PRIMARY KEY, note text)");
        }
        statement.execute("CREATE ROLE asker LOGIN");
        statement.execute("GRANT SELECT ON asked TO asker");
        statement.execute("VACUUM ANALYZE");
        statement.execute("CHECKPOINT");
    }

    private void makePrincipal(String name) {
        ObjectNode body = Json.object().put("displayName", name);
        server.send("/api/2.0/preview/scim/v2/ServicePrincipals", body);
        ObjectNode access = Json.object();
        access.putArray("access_control_list")
                .addObject()
                .put("service_principal_name", name)
                .put("permission_level", "CAN_USE");
        server.change("/api/2.0/permissions/database-projects/" + PROJECT, access);
    }

    private void define() throws SQLException {
        say("CREATE GOVERNED TAG pii VALUES ('email', 'phone')");
        say("CREATE GOVERNED TAG region");
        say("SET TAG ON COLUMN databricks_postgres.public.person.email pii = email");
        say("SET TAG ON COLUMN databricks_postgres.public.person.phone pii = phone");
        say("SET TAG ON COLUMN databricks_postgres.public.person.region region");
        for (String who : List.of(FREE, MASKED, FILTERED)) {
            say("GRANT USE CATALOG, USE SCHEMA, SELECT ON CATALOG databricks_postgres TO `" + who + "`");
        }
        say(mask("email", "system.mask.email"));
        say(mask("phone", "system.mask.phone"));
        say("CREATE POLICY no_apac ON CATALOG databricks_postgres ROW FILTER system.mask.is_none_of TO `" + FILTERED
                + "` FOR TABLES MATCH COLUMNS has_tag('region') AS region USING COLUMNS (region, 'APAC')");
    }

    private static String mask(String value, String function) {
        return "CREATE OR REPLACE POLICY mask_" + value + " ON CATALOG databricks_postgres COLUMN MASK " + function
                + " TO `" + MASKED + "` FOR TABLES MATCH COLUMNS has_tag_value('pii', '" + value
                + "') AS it ON COLUMN it";
    }

    private void queries(Path socket) throws Exception {
        try (Connection free = as(socket, FREE);
                Connection masked = as(socket, MASKED);
                Connection filtered = as(socket, FILTERED);
                Connection asker = as(socket, "asker")) {
            for (int i = 0; i < plan.rounds() + 1; i++) {
                Figures into = i == 0 ? new Figures() : figures;
                read(into, "scan: nothing masked", free, "SELECT max(email), max(phone) FROM person");
                read(into, "scan: two columns masked", masked, "SELECT max(email), max(phone) FROM person");
                read(into, "count: no filter", free, "SELECT count(*) FROM person");
                read(into, "count: filtered", filtered, "SELECT count(*) FROM person");
                read(into, "count: row security with a PL/pgSQL function", asker, "SELECT count(*) FROM asked");
                read(into, "ORDER BY id LIMIT 100: no filter", free, "SELECT * FROM person ORDER BY id LIMIT 100");
                read(into, "ORDER BY id LIMIT 100: filtered", filtered, "SELECT * FROM person ORDER BY id LIMIT 100");
                lookups(into, LOOKUPS + " prepared lookups: nothing masked", free);
                lookups(into, LOOKUPS + " prepared lookups: two columns masked", masked);
            }
        }
    }

    private static void read(Figures into, String name, Connection session, String sql) throws Exception {
        both(into, name, session, () -> {
            try (var statement = session.createStatement();
                    var rows = statement.executeQuery(sql)) {
                while (rows.next()) {
                    // Read to the end.
                }
            }
        });
    }

    /** Times the work, and counts the processor time that the session's server process takes for it, which other work on the machine changes less. */
    private static void both(Figures into, String name, Connection session, Figures.Work work) throws Exception {
        long pid = serverProcess(session);
        long before = ProcessorTime.nanosOf(pid);
        into.time(name, work);
        into.note(name + " (processor)", ProcessorTime.nanosOf(pid) - before);
    }

    private static long serverProcess(Connection session) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT pg_backend_pid()")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private void lookups(Figures into, String name, Connection session) throws Exception {
        try (PreparedStatement query = session.prepareStatement("SELECT * FROM person WHERE id = ?")) {
            both(into, name, session, () -> {
                for (int i = 0; i < LOOKUPS; i++) {
                    query.setLong(1, 1 + (i * 7919L) % plan.rows());
                    try (var rows = query.executeQuery()) {
                        rows.next();
                    }
                }
            });
        }
    }

    /** A reader is in the middle of a transaction, and goes on while policies change. */
    private void changes(Path socket) throws Exception {
        try (Connection reader = as(socket, MASKED);
                var reading = reader.createStatement();
                Connection session = gateway(server.login().user(), server.accessToken(), "system");
                var saying = session.createStatement()) {
            for (int i = 0; i < plan.rounds(); i++) {
                reader.setAutoCommit(false);
                reading.execute("SELECT email FROM person WHERE id = 1");
                String function = i % 2 == 0 ? "system.mask.redact" : "system.mask.email";
                figures.time(
                        "change a mask, a reader in its transaction", () -> saying.execute(mask("email", function)));
                figures.time(
                        "the reader's next statement", () -> reading.execute("SELECT email FROM person WHERE id = 1"));
                reader.commit();
            }
        }
    }

    /** Migrations of a table with many partitions, of which one column is masked. */
    private void partitions(Path socket) throws Exception {
        try (Connection owner = server.connect(socket, DATABASE);
                var statement = owner.createStatement()) {
            statement.execute("CREATE TABLE event (day int, email text) PARTITION BY LIST (day)");
            statement.execute(
                    "DO $$ BEGIN FOR i IN 1.." + PARTITIONS
                            + " LOOP EXECUTE format('CREATE TABLE event_%s PARTITION OF event FOR VALUES IN (%s)', i, i); END LOOP; END $$");
            say("SET TAG ON COLUMN databricks_postgres.public.event.email pii = email");
            for (int i = 1; i <= plan.rounds(); i++) {
                int day = PARTITIONS + i;
                figures.time(
                        "make a partition beside " + PARTITIONS,
                        () -> statement.execute(
                                "CREATE TABLE event_" + day + " PARTITION OF event FOR VALUES IN (" + day + ")"));
                int column = i;
                figures.time(
                        "add a column to a table of " + PARTITIONS + " partitions",
                        () -> statement.execute("ALTER TABLE event ADD COLUMN c" + column + " int"));
            }
        }
    }

    private void branch(String name) throws Exception {
        figures.time(
                name,
                () -> server.createBranch(
                        "measured", Json.object().put("source_branch", BenchServer.name(PRODUCTION))));
        server.drop("measured");
    }

    private void say(String sql) throws SQLException {
        try (Connection session = gateway(server.login().user(), server.accessToken(), "system");
                var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Makes the principal's role, and gives it what the rules give. */
    private void signIn(String who) throws SQLException {
        String secret = server.secretOf(who);
        gateway(who, secret, PROJECT + "/" + DATABASE).close();
    }

    private Connection gateway(String user, String password, String address) throws SQLException {
        GatewayLogin login = server.login();
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {login.host()});
        source.setPortNumbers(new int[] {login.port()});
        source.setDatabaseName(address);
        source.setUser(user);
        source.setPassword(password);
        source.setSslMode("require");
        return source.getConnection();
    }

    /** A session of the role on the branch's own socket: nothing is measured but the server. */
    private static Connection as(Path socket, String role) throws SQLException {
        Connection session = UnixSockets.dataSource(socket, DATABASE, role).getConnection();
        try (var statement = session.createStatement()) {
            statement.execute("SET max_parallel_workers_per_gather = 0");
        }
        return session;
    }
}
