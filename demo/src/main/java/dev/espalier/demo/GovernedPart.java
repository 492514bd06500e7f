package dev.espalier.demo;

import dev.espalier.cli.client.ApiClient;
import dev.espalier.cli.client.Directory;
import dev.espalier.cli.client.Directory.Kind;
import dev.espalier.cli.client.GatewayLogin;
import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Operations;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.output.Table;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.postgresql.ds.PGSimpleDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The part of the tour about one policy on every branch: an analyst and the application read the same rows on production, on a new
 * branch, and on one from before there was any policy.
 */
final class GovernedPart {

    private static final String ANALYST = "demo-analyst";
    private static final String APPLICATION = "demo-backstage";

    private static final String ASKED = """
            SELECT value FROM search WHERE key = 'spec.profile.email' ORDER BY entity_id LIMIT 1""";
    private static final String ASKED_JSON = """
            SELECT substring(final_entity FROM '"email": ?"[^"]*"') FROM public.final_entities
            WHERE final_entity LIKE '%"email"%' ORDER BY entity_id LIMIT 1""";

    /** SQLSTATE duplicate_object. */
    private static final String THERE = "42710";

    private final ApiClient api;
    private final GatewayLogin gateway;
    private final PrintStream out;
    private final String project;
    private final String database;
    private final String now;
    private final String earlier;

    private record Reader(String name, String secret) {}

    /**
     * The part on one database of a project.
     *
     * @param now a name of no branch yet
     * @param earlier another one
     */
    GovernedPart(
            ApiClient api,
            GatewayLogin gateway,
            PrintStream out,
            String project,
            String database,
            String now,
            String earlier) {
        this.api = api;
        this.gateway = gateway;
        this.out = out;
        this.project = project;
        this.database = database;
        this.now = now;
        this.earlier = earlier;
    }

    void run() throws SQLException {
        Instant before = beforeThePolicies();
        List<String> made = before.isBefore(historyBegins()) ? List.of(now) : List.of(now, earlier);
        List<Reader> readers =
                List.of(new Reader(ANALYST, principal(ANALYST)), new Reader(APPLICATION, principal(APPLICATION)));
        out.println();
        out.println("  One policy, on every branch. In the database system, in Databricks' syntax:");
        define();
        for (String branch : made) {
            branch(
                    branch,
                    branch.equals(now) ? Json.object() : Json.object().put("source_branch_time", before.toString()));
        }
        Table table = new Table();
        table.row(List.of("branch", "read by", "an e-mail address in search", "and in final_entities"));
        List<String> read =
                Stream.concat(Stream.of("production"), made.stream()).toList();
        for (String branch : read) {
            for (Reader who : readers) {
                try (Connection session = connect(who.name(), who.secret(), project + "/" + database + "@" + branch)) {
                    table.row(List.of(branch, who.name(), value(session, ASKED), value(session, ASKED_JSON)));
                }
            }
        }
        out.println("  The same rows, read by somebody the policies bind and by the application, which they do not ("
                + ofBefore(made.contains(earlier), before.truncatedTo(ChronoUnit.SECONDS)) + "):");
        table.text().lines().forEach(line -> out.println("      " + line));
        read.forEach(this::attest);
        made.forEach(this::drop);
    }

    private String ofBefore(boolean made, Instant before) {
        return made
                ? earlier + " is the state of " + before
                        + ", a second before the first policy; an hour ago would do as well, once "
                        + "production is as old"
                : "there is no branch of before there were policies, as of " + before
                        + ": production's history no longer goes back so far";
    }

    private void define() throws SQLException {
        String entities = database + ".public.final_entities";
        String search = database + ".public.search";
        List<String> statements = List.of(
                "CREATE GOVERNED TAG pii VALUES ('entity', 'fact', 'kind of fact')",
                "ALTER TABLE " + entities + " ALTER COLUMN final_entity SET TAGS ('pii' = 'entity')",
                "ALTER TABLE " + search + " ALTER COLUMN key SET TAGS ('pii' = 'kind of fact')",
                "ALTER TABLE " + search + " ALTER COLUMN value SET TAGS ('pii' = 'fact')",
                "ALTER TABLE " + search + " ALTER COLUMN original_value SET TAGS ('pii' = 'fact')",
                "GRANT USE CATALOG, USE SCHEMA, SELECT ON CATALOG " + database + " TO `" + ANALYST + "`",
                "GRANT USE CATALOG, USE SCHEMA, SELECT, MODIFY ON CATALOG " + database + " TO `" + APPLICATION + "`",
                "CREATE OR REPLACE POLICY people_in_entities ON CATALOG " + database
                        + " COLUMN MASK system.mask.redact_patterns TO `account users` EXCEPT `admins`, `" + APPLICATION
                        + "` FOR TABLES MATCH COLUMNS has_tag_value('pii', 'entity') AS entity ON COLUMN entity",
                "CREATE OR REPLACE POLICY people_in_search ON CATALOG " + database
                        + " COLUMN MASK system.mask.when_key TO `account users` EXCEPT `admins`, `" + APPLICATION
                        + "` FOR TABLES MATCH COLUMNS has_tag_value('pii', 'fact') AS fact,"
                        + " has_tag_value('pii', 'kind of fact') AS kind"
                        + " ON COLUMN fact USING COLUMNS (kind, 'profile|email|displayname')");
        try (Connection session = connect(gateway.user(), api.accessToken(), "system");
                var statement = session.createStatement()) {
            for (String sql : statements) {
                out.println("      " + sql);
                try {
                    statement.execute(sql);
                } catch (SQLException e) {
                    if (!THERE.equals(e.getSQLState())) {
                        throw e;
                    }
                }
            }
        }
    }

    private void attest(String branch) {
        JsonNode proved = api.post(path("branches/" + branch) + "/verify", Query.none(), Json.object())
                .json();
        JsonNode of = proved.path("databases").path(0);
        String signed = proved.path("signed").asString("");
        out.printf(
                "  ./espalier branches verify %s: %d checks, nothing found; policies of epoch %d; signed %s…%n",
                branch,
                of.path("checks").size(),
                of.path("epoch").asLong(0),
                signed.substring(0, Math.min(40, signed.length())));
    }

    /** Makes a service principal that may use the project, and answers a secret of its. */
    private String principal(String name) {
        Directory directory = new Directory(api);
        boolean there = directory
                .list(Kind.PRINCIPAL)
                .json()
                .path(Directory.LIST)
                .valueStream()
                .anyMatch(found -> found.path("displayName").asString("").equals(name));
        if (!there) {
            directory.create(Kind.PRINCIPAL, name, Json.object());
        }
        ObjectNode access = Json.object();
        access.putArray("access_control_list")
                .addObject()
                .put("service_principal_name", name)
                .put("permission_level", "CAN_USE");
        api.patch("/api/2.0/permissions/database-projects/" + project, Query.none(), access);
        return api.post(directory.secrets(name), Query.none(), Json.object().put("lifetime", "3600s"))
                .json()
                .path("secret")
                .asString("");
    }

    /** A second before the first policy was made, by an earlier tour or in a moment. */
    private Instant beforeThePolicies() {
        return api.get("/api/2.1/unity-catalog/policies/catalog/" + database, Query.none())
                .json()
                .path("policies")
                .valueStream()
                .map(policy -> Instant.ofEpochMilli(policy.path("created_at").asLong(0)))
                .min(Comparator.naturalOrder())
                .orElseGet(Instant::now)
                .minusSeconds(1);
    }

    private Instant historyBegins() {
        return Instant.parse(api.get(path("branches/production/history"), Query.none())
                .json()
                .path("earliest_time")
                .asString(""));
    }

    private void branch(String id, ObjectNode spec) {
        spec.put("source_branch", path("branches/production")).put("ttl", "3600s");
        ObjectNode body = Json.object();
        body.set("spec", spec);
        var _ = new Operations(api, (name, waited) -> {})
                .await(api.post(path("branches"), Query.none().with("branch_id", id), body));
    }

    private void drop(String id) {
        var _ = new Operations(api, (name, waited) -> {})
                .await(api.delete(path("branches/" + id), Query.none().with("purge", true)));
    }

    private String path(String below) {
        return "projects/" + project + "/" + below;
    }

    private Connection connect(String user, String password, String address) throws SQLException {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {gateway.host()});
        source.setPortNumbers(new int[] {gateway.port()});
        source.setDatabaseName(address);
        source.setUser(user);
        source.setPassword(password);
        source.setSslMode("require");
        source.setApplicationName("espalier-demo");
        return source.getConnection();
    }

    private static String value(Connection session, String sql) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(sql)) {
            return rows.next() ? String.valueOf(rows.getString(1)) : "(no row)";
        }
    }
}
