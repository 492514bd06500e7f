package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** What each principal reads and says on the database system, in sessions through the gateway. */
class SystemDatabaseTest {

    private static final String DENIED = "42501";
    private static final String NOT_UPDATABLE = "55000";
    private static final String UNKNOWN = "42704";
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String CATALOGS =
            "SELECT catalog_name FROM system.information_schema.catalogs WHERE catalog_name <> 'system' ORDER BY 1";
    private static final String TABLES =
            "SELECT table_name FROM system.information_schema.tables WHERE table_catalog = 'shop' ORDER BY 1";

    private static GovernedServer server;

    @BeforeAll
    static void start() throws IOException, InterruptedException, SQLException, TimeoutException {
        server = new GovernedServer(new TestHome());
        server.principals("owner", "analyst", "tagger", "browser", "maker", "outsider", "stranger", "claude");
        server.group("team", "owner", "analyst", "tagger", "browser", "maker", "stranger");
        server.group("analysts", "analyst");
        server.project("shop", 18, "team");
        server.project("other", 18);
        String production = GovernedServer.address("shop", GovernedServer.PRODUCTION);
        server.connect("maker", production, "extended").close();
        try (Connection session = server.connect(GovernedServer.ADMINISTRATOR, production, "extended");
                var statement = session.createStatement()) {
            statement.execute("CREATE TABLE people (id int PRIMARY KEY, email varchar(100) NOT NULL, region text)");
            statement.execute("COMMENT ON TABLE people IS 'whom we know'");
            statement.execute("CREATE TABLE salaries (id int PRIMARY KEY, amount numeric)");
            statement.execute("CREATE TABLE drafts (id int PRIMARY KEY)");
            statement.execute("CREATE VIEW regions AS SELECT region FROM people");
            statement.execute(
                    "CREATE FUNCTION head_count(of_region text) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER"
                            + " SET search_path = public, pg_temp AS 'SELECT count(*) FROM public.people WHERE region = of_region'");
        }
        try (Connection session =
                        server.superuser("shop", GovernedServer.PRODUCTION).connect();
                var statement = session.createStatement()) {
            statement.execute("ALTER TABLE drafts OWNER TO maker");
        }
        server.say(
                "CREATE GOVERNED TAG pii VALUES ('email', 'region')",
                "CREATE GOVERNED TAG domain",
                "ALTER CATALOG shop OWNER TO `owner`",
                "SET TAG ON CATALOG shop domain = sales",
                "SET TAG ON TABLE shop.public.people domain = people",
                "SET TAG ON COLUMN shop.public.people.email pii = email",
                "SET TAG ON COLUMN shop.public.people.region pii = region",
                "GRANT SELECT ON TABLE shop.public.people TO `analysts`",
                "GRANT APPLY TAG ON TABLE shop.public.salaries TO `tagger`",
                "GRANT ASSIGN ON GOVERNED TAG domain TO `tagger`",
                "GRANT EXECUTE ON FUNCTION shop.public.head_count TO `analysts`",
                "GRANT BROWSE ON CATALOG shop TO `browser`",
                "GRANT BROWSE ON CATALOG shop TO `outsider`",
                "CREATE POLICY hide_email ON CATALOG shop COLUMN MASK system.mask.email TO `analysts` EXCEPT `owner`"
                        + " FOR TABLES MATCH COLUMNS has_tag_value('pii', 'email') AS c ON COLUMN c",
                "CREATE POLICY only_eu ON TABLE shop.public.people ROW FILTER system.mask.is_one_of TO `analysts`"
                        + " FOR TABLES MATCH COLUMNS has_tag_value('pii', 'region') AS r USING COLUMNS (r, 'EU')");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void everybodySeesTheCatalogsThatHeMayKnowOf() throws SQLException {
        assertThat(read(GovernedServer.ADMINISTRATOR, CATALOGS)).contains("shop", "other");
        assertThat(read("owner", CATALOGS)).containsExactly("shop");
        assertThat(read("browser", CATALOGS)).containsExactly("shop");
        assertThat(read("analyst", CATALOGS))
                .as("a privilege on a table is none on its catalog")
                .isEmpty();
        assertThat(read("stranger", CATALOGS)).as("a project is no privilege").isEmpty();
        assertThat(read("outsider", CATALOGS)).as("a privilege is no project").isEmpty();
    }

    @Test
    void everybodySeesTheTablesAndColumnsThatHeHasAPrivilegeOn() throws SQLException {
        assertThat(read(GovernedServer.ADMINISTRATOR, TABLES))
                .containsExactly("drafts", "people", "regions", "salaries");
        assertThat(read("owner", TABLES)).containsExactly("drafts", "people", "regions", "salaries");
        assertThat(read("browser", TABLES)).containsExactly("drafts", "people", "regions", "salaries");
        assertThat(read("analyst", TABLES)).containsExactly("people");
        assertThat(read("maker", TABLES)).as("what he owns").containsExactly("drafts");
        assertThat(read("tagger", TABLES)).containsExactly("salaries");
        assertThat(read("stranger", TABLES)).isEmpty();
        String columns = "SELECT concat_ws(' ', table_name, column_name, ordinal_position, full_data_type, data_type,"
                + " is_nullable) FROM information_schema.columns WHERE table_catalog = 'shop' ORDER BY 1";
        assertThat(read("analyst", columns))
                .containsExactly(
                        "people email 2 character varying(100) character varying NO",
                        "people id 1 integer integer NO",
                        "people region 3 text text YES");
        assertThat(read("tagger", columns)).noneMatch(column -> column.startsWith("people"));
        assertThat(read(
                        "browser",
                        "SELECT table_type || ' ' || table_owner || ' ' || comment FROM"
                                + " information_schema.tables WHERE table_name = 'people'"))
                .containsExactly("MANAGED administrator whom we know");
        assertThat(read("browser", "SELECT schema_name FROM information_schema.schemata WHERE catalog_name = 'shop'"))
                .containsExactly("public");
        assertThat(read("analyst", "SELECT schema_name FROM information_schema.schemata WHERE catalog_name = 'shop'"))
                .isEmpty();
    }

    @Test
    void whatIsTaggedGrantedMaskedAndFilteredIsSeenWithTheTableThatItIsOn() throws SQLException {
        String tags =
                "SELECT concat_ws('.', catalog_name, schema_name, table_name) || ' ' || tag_name || '=' || tag_value"
                        + " FROM information_schema.table_tags";
        assertThat(read("analyst", tags)).containsExactly("shop.public.people domain=people");
        assertThat(read("tagger", tags)).isEmpty();
        assertThat(read("browser", "SELECT tag_value FROM information_schema.catalog_tags"))
                .containsExactly("sales");
        assertThat(read("analyst", "SELECT tag_value FROM information_schema.catalog_tags"))
                .isEmpty();
        assertThat(read(
                        "analyst",
                        "SELECT column_name || tag_name || tag_value FROM information_schema.column_tags"
                                + " ORDER BY 1"))
                .containsExactly("emailpiiemail", "regionpiiregion");

        String masks = "SELECT concat_ws(' ', catalog_name, table_schema, table_name, column_name, mask_catalog,"
                + " mask_schema, mask_name, policy_name, to_principals, except_principals)"
                + " FROM system.information_schema.column_masks";
        assertThat(read("analyst", masks))
                .containsExactly("shop public people email system mask email hide_email {analysts} {owner}");
        assertThat(read("tagger", masks)).isEmpty();
        assertThat(read("stranger", masks)).isEmpty();
        assertThat(read(
                        "browser",
                        "SELECT concat_ws(' ', table_name, filter_name, target_columns, policy_name)"
                                + " FROM information_schema.row_filters"))
                .containsExactly("people is_one_of region, 'EU' only_eu");

        String given = "SELECT concat_ws(' ', grantee, table_name, privilege_type, inherited_from)"
                + " FROM information_schema.table_privileges ORDER BY 1";
        assertThat(read("analyst", given))
                .containsExactly(
                        "analysts people SELECT NONE",
                        "browser people BROWSE CATALOG",
                        "outsider people BROWSE CATALOG");
        assertThat(read("stranger", given)).isEmpty();
        assertThat(read("browser", "SELECT grantee FROM information_schema.catalog_privileges ORDER BY 1"))
                .containsExactly("browser", "outsider");
        assertThat(read("owner", "SELECT count(*) FROM information_schema.schema_privileges"))
                .containsExactly("2");
    }

    @Test
    void functionsAndViewsAreSeenByWhomTheyMayBeSeenByAndWhatIsInThemByNobody() throws SQLException {
        String routines =
                "SELECT concat_ws(' ', routine_catalog, routine_schema, specific_name, full_data_type, security_type,"
                        + " is_deterministic, routine_definition) FROM system.information_schema.routines";
        String routine = "shop public head_count(text) bigint DEFINER NO";
        assertThat(read("analyst", routines)).containsExactly(routine);
        assertThat(read("browser", routines)).containsExactly(routine);
        assertThat(read("owner", routines)).containsExactly(routine);
        assertThat(read("tagger", routines)).isEmpty();
        assertThat(read("stranger", routines)).isEmpty();
        String given = "SELECT concat_ws(' ', grantor, grantee, specific_name, privilege_type, inherited_from)"
                + " FROM information_schema.routine_privileges"
                + " JOIN information_schema.routines USING (specific_catalog, specific_schema, specific_name) ORDER BY 1";
        assertThat(read("analyst", given))
                .containsExactly(
                        "administrator analysts head_count(text) EXECUTE NONE",
                        "administrator browser head_count(text) BROWSE CATALOG",
                        "administrator outsider head_count(text) BROWSE CATALOG");
        assertThat(read("tagger", given)).isEmpty();
        String views = "SELECT table_name FROM information_schema.views WHERE table_catalog = 'shop'";
        assertThat(read("browser", views)).containsExactly("regions");
        assertThat(read("analyst", views)).isEmpty();
    }

    @Test
    void aStatementIsCheckedWithTheRightsOfWhoSaysIt() throws SQLException {
        say("owner", "GRANT MODIFY ON TABLE shop.public.people TO `tagger`");
        say("owner", "REVOKE MODIFY ON TABLE shop.public.people FROM `tagger`");
        say("tagger", "SET TAG ON TABLE shop.public.salaries domain = money");
        say("tagger", "UNSET TAG ON TABLE shop.public.salaries domain");
        assertThat(read("analyst", "SHOW EFFECTIVE POLICIES ON TABLE shop.public.people"))
                .containsExactlyInAnyOrder("hide_email", "only_eu");

        assertRefused("tagger", "SET TAG ON TABLE shop.public.salaries pii = email", DENIED);
        assertRefused("owner", "UNSET TAG ON COLUMN shop.public.people.email pii", DENIED);
        assertRefused("owner", "GRANT ASSIGN ON GOVERNED TAG pii TO `owner`", DENIED);
        assertRefused("tagger", "GRANT MODIFY ON TABLE shop.public.salaries TO `tagger`", DENIED);
        assertRefused("tagger", "SET TAG ON TABLE shop.public.people domain = money", DENIED);
        assertRefused("analyst", "DROP POLICY hide_email ON CATALOG shop", DENIED);
        assertRefused("analyst", "ALTER CATALOG shop OWNER TO `analyst`", DENIED);
        assertRefused("owner", "CREATE GOVERNED TAG mine", DENIED);
        assertRefused("owner", "DROP GOVERNED TAG domain", DENIED);
        assertRefused("outsider", "SHOW GRANTS ON CATALOG shop", UNKNOWN);
        assertRefused("outsider", "GRANT SELECT ON TABLE shop.public.people TO `outsider`", UNKNOWN);
        assertRefused("owner", "SHOW GRANTS ON CATALOG other", UNKNOWN);
    }

    @Test
    void policiesAreThoseOfTheVeryThingThatAStatementNames() throws SQLException {
        assertRefused(GovernedServer.ADMINISTRATOR, "DROP POLICY only_eu ON FUNCTION shop.public.people", UNKNOWN);
        assertRefused("analyst", "DESCRIBE POLICY only_eu ON FUNCTION shop.public.people", UNKNOWN);
        assertRefused("analyst", "SHOW EFFECTIVE POLICIES ON TABLE shop.public.persn", UNKNOWN);
        server.say("CREATE OR REPLACE POLICY only_eu ON TABLE shop.public.people ROW FILTER system.mask.is_one_of TO"
                + " `analysts` FOR TABLES MATCH COLUMNS has_tag_value('pii', 'region') AS r USING COLUMNS (r, 'EU')");
        assertThat(read("analyst", "SHOW POLICIES ON TABLE shop.public.people")).containsExactly("only_eu");
    }

    @Test
    void anAgentReadsWhatItAndItsPersonMaySeeAndSaysNothing() throws SQLException, IOException {
        String token = JsonMapper.shared()
                .readTree(server.command(
                        "credentials",
                        "create",
                        "--project",
                        "shop",
                        "-b",
                        "production",
                        "--agent",
                        "claude",
                        "-o",
                        "json"))
                .get("token")
                .asString();
        try (Connection session = server.connect(GovernedServer.ADMINISTRATOR, token, "system", "extended")) {
            assertThat(query(session, "SELECT session_user").getFirst()).startsWith("espalier_agent_");
            assertThat(query(session, TABLES)).isEmpty();
            server.say("GRANT SELECT ON TABLE shop.public.salaries TO `claude`");
            assertThat(query(session, TABLES)).containsExactly("salaries");
            assertThat(query(session, CATALOGS)).isEmpty();
            assertThatThrownBy(() -> query(session, "SHOW GRANTS ON CATALOG shop"))
                    .isInstanceOfSatisfying(SQLException.class, e -> {
                        assertThat(e.getSQLState()).isEqualTo(DENIED);
                        assertThat(e.getMessage()).contains("claude", "in the name of administrator");
                    });
            assertThatThrownBy(() -> query(session, "SELECT * FROM access.audit"))
                    .hasMessageContaining("permission denied");
            server.say("REVOKE SELECT ON TABLE shop.public.salaries FROM `claude`");
            assertThat(query(session, TABLES)).isEmpty();
        }
        try (Connection session = server.connect(GovernedServer.ADMINISTRATOR, token, "system", "extended")) {
            await(session, "SELECT DISTINCT principal || ' ' || agent FROM query.history", "administrator claude");
        }
    }

    @Test
    void everybodyReadsHisOwnHistoryAndAdministratorsAll() throws SQLException {
        String said = "SELECT 'said by the browser'";
        read("browser", said);
        String all = "SELECT DISTINCT principal FROM system.query.history ORDER BY 1";
        String text = "SELECT principal FROM query.history WHERE statement_text = $$" + said + "$$";
        try (Connection session = server.connect("browser", "system", "extended")) {
            await(session, text, "browser");
            assertThat(query(session, all)).containsExactly("browser");
        }
        assertThat(read("stranger", text)).isEmpty();
        assertThatThrownBy(() -> read("stranger", "SELECT 1 FROM query.history WHERE (statement_text || '.')::int > 0"))
                .as("what fails on a row fails on his own only")
                .hasMessageContaining("invalid input syntax")
                .hasMessageNotContaining("browser");
        assertThat(read(GovernedServer.ADMINISTRATOR, text)).containsOnly("browser");
    }

    @Test
    void whoHasANameAnewReadsNothingThatWasSaidByItBefore() throws SQLException, IOException {
        String said = "SELECT 'said by the first'";
        String text = "SELECT statement_text FROM query.history WHERE statement_text LIKE $$SELECT 'said by the%$$";
        server.principals("successor");
        read("successor", said);
        try (Connection session = server.connect("successor", "system", "extended")) {
            await(session, text, said);
        }
        server.command("principals", "delete", "successor");
        server.principals("successor");
        read("successor", "SELECT 'said by the second'");
        try (Connection session = server.connect("successor", "system", "extended")) {
            await(session, text, "SELECT 'said by the second'");
            assertThat(query(session, text)).containsExactly("SELECT 'said by the second'");
        }
    }

    @Test
    void whoHasANameAnewReadsNothingOfSessionsThatWereOpenWhenItWasGiven() throws SQLException, IOException {
        server.principals("leaver");
        server.command("groups", "add", "team", "leaver");
        String production = GovernedServer.address("shop", GovernedServer.PRODUCTION);
        try (Connection session = server.connect("leaver", production, "extended")) {
            assertThat(query(session, "SELECT 'said by the leaver'")).hasSize(1);
            server.command("principals", "delete", "leaver");
            server.principals("leaver");
            assertThatThrownBy(() -> query(session, "SELECT 'said after he has left'"))
                    .hasMessageContaining("the principal of this session has been removed");
        }
        read("leaver", "SELECT 'said by the new one'");
        String text = "SELECT statement_text FROM query.history WHERE statement_text LIKE $$SELECT 'said %$$";
        try (Connection session = server.connect("leaver", "system", "extended")) {
            await(session, text, "SELECT 'said by the new one'");
        }
    }

    @Test
    void statementsAboutGovernanceAreEventsOfTheirSessions() throws SQLException {
        say("owner", "GRANT MODIFY ON TABLE shop.public.people TO `maker`");
        say("owner", "REVOKE MODIFY ON TABLE shop.public.people FROM `maker`");
        try (Connection session = server.connect(GovernedServer.ADMINISTRATOR, "system", "extended")) {
            await(
                    session,
                    "SELECT DISTINCT a.principal || ' ' || a.source_ip_address FROM access.audit a"
                            + " JOIN access.audit s ON s.session_id = a.session_id AND s.action_name = 'signIn'"
                            + " WHERE a.service_name = 'unityCatalog' AND a.principal = 'owner'",
                    "owner 127.0.0.1");
        }
    }

    @Test
    void aStatementAboutGovernanceIsRecordedWithoutWhatLooksLikeASecret() throws SQLException {
        say("owner", "GRANT MODIFY ON TABLE shop.public.salaries TO `maker` /* password='hunter2' */");
        say("owner", "REVOKE MODIFY ON TABLE shop.public.salaries FROM `maker`");
        try (Connection session = server.connect(GovernedServer.ADMINISTRATOR, "system", "extended")) {
            await(
                    session,
                    "SELECT request_params->>'statement' FROM access.audit"
                            + " WHERE request_params->>'statement' LIKE 'GRANT MODIFY ON TABLE shop.public.salaries TO `maker`%'",
                    "GRANT MODIFY ON TABLE shop.public.salaries TO `maker` /* password='[removed]' */");
        }
    }

    @Test
    void aStatementAboutGovernanceIsRefusedInATransactionThatHasFailed() throws SQLException {
        try (Connection session = server.connect("owner", "system", "extended");
                var statement = session.createStatement()) {
            session.setAutoCommit(false);
            assertThatThrownBy(() -> statement.execute("SELECT 1/0")).isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> statement.execute("GRANT BROWSE ON CATALOG shop TO `maker`"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25P02"));
            session.rollback();
            assertThat(query(session, "SHOW GRANTS `maker` ON CATALOG shop")).isEmpty();
        }
    }

    @Test
    void whoCeasesToBeAnAdministratorLosesHisSessionAndWhatHeRead() throws SQLException, IOException {
        server.principals("boss");
        server.command("groups", "create", "inner");
        server.command("groups", "add", "inner", "boss");
        server.command("groups", "add", "admins", "inner");
        String audit = "SELECT count(*) > 0 FROM access.audit";
        try (Connection session = server.connect("boss", "system", "extended")) {
            assertThat(query(session, audit)).containsExactly("t");
            assertThatThrownBy(() -> query(session, "SET ROLE system_readers"))
                    .as("a role that he had taken would stay his")
                    .hasMessageContaining("permission denied");
            session.setAutoCommit(false);
            try (var statement = session.createStatement()) {
                statement.execute("ROLLBACK");
                statement.execute("BEGIN");
                statement.execute("DECLARE open CURSOR FOR SELECT * FROM access.audit");
                server.command("groups", "remove", "admins", "inner");
                assertThatThrownBy(() -> statement.executeQuery("FETCH 1 FROM open"))
                        .isInstanceOf(SQLException.class);
            }
        }
        try (Connection session = server.connect("boss", "system", "extended")) {
            assertThatThrownBy(() -> query(session, audit)).hasMessageContaining("permission denied");
            assertThat(query(session, CATALOGS)).isEmpty();
            server.command("groups", "add", "admins", "inner");
            try (Connection again = server.connect("boss", "system", "extended")) {
                assertThat(query(again, audit)).containsExactly("t");
                server.command("principals", "delete", "boss");
                assertThatThrownBy(() -> query(again, "SELECT 1")).isInstanceOf(SQLException.class);
            }
            assertThatThrownBy(() -> query(session, "SELECT 1")).isInstanceOf(SQLException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM control.client_secret",
                "SELECT * FROM control.reader",
                "SELECT * FROM control.visible",
                "SELECT * FROM journal.statement",
                "SELECT * FROM journal.history",
                "SELECT * FROM public.espalier_migrations",
                "SELECT query_to_xml('SELECT * FROM control.client_secret', true, true, '')",
                "SELECT * FROM pg_authid",
                "SELECT pg_read_file('PG_VERSION')",
                "SELECT pg_ls_dir('.')",
                "SELECT lo_import('/etc/passwd')",
                "SELECT lo_creat(-1)",
                "SELECT lo_create(0)",
                "SELECT lo_from_bytea(0, 'x')",
                "COPY (SELECT 1) TO PROGRAM 'true'",
                "COPY query.history TO '/tmp/history'",
                "CREATE TEMPORARY TABLE mine (x int)",
                "CREATE TABLE mine (x int)",
                "CREATE SCHEMA mine",
                "CREATE FUNCTION pg_temp.spy(text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
                "CREATE FUNCTION spy(text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
                "CREATE EXTENSION pg_trgm",
                "CREATE ROLE mine",
                "CREATE DATABASE mine",
                "CREATE PUBLICATION mine",
                "DELETE FROM query.history",
                "UPDATE information_schema.column_tags SET tag_value = ''",
                "ALTER VIEW query.history RENAME TO mine",
                "DROP SCHEMA information_schema CASCADE",
                "SELECT pg_notify('a', 'b')",
                "SELECT pg_advisory_lock(1)",
                "SELECT pg_try_advisory_xact_lock_shared(1, 2)",
                "SELECT pg_logical_emit_message(true, 'a', 'b')",
                "SELECT pg_current_xact_id()",
                "SELECT txid_current()",
                "SELECT pg_switch_wal()",
                "DO $$ BEGIN LOCK TABLE query.history IN EXCLUSIVE MODE; END $$",
                "DO $$ BEGIN LOCK TABLE control.membership IN ACCESS SHARE MODE; END $$",
                "SET ROLE espalier",
                "SET SESSION AUTHORIZATION espalier",
                "SET ROLE system_readers",
                "SET temp_file_limit = -1",
                "SET session_replication_role = replica",
                "DO $$ BEGIN GRANT system_readers TO stranger; END $$",
                "ALTER ROLE stranger CONNECTION LIMIT -1",
                "ALTER ROLE stranger SUPERUSER",
                "SELECT * FROM access.audit",
                "SELECT * FROM billing.cost",
                "SELECT * FROM governance.privileges",
                "CHECKPOINT",
                "VACUUM control.membership"
            })
    void nobodyReachesMoreThanTheViews(String attack) throws SQLException {
        for (String attacker : List.of("stranger", GovernedServer.ADMINISTRATOR)) {
            boolean hisOwn = attacker.equals(GovernedServer.ADMINISTRATOR)
                    && attack.matches("SELECT \\* FROM (access|billing|governance).*");
            if (!hisOwn) {
                try (Connection session = server.connect(attacker, "system", "extended");
                        var statement = session.createStatement()) {
                    assertThatThrownBy(() -> statement.execute(attack))
                            .as(attacker)
                            .isInstanceOfSatisfying(
                                    SQLException.class,
                                    e -> assertThat(e.getSQLState()).isIn(DENIED, NOT_UPDATABLE));
                }
            }
        }
    }

    @Test
    void onePrincipalLeavesRoomForOthers() throws SQLException {
        List<Connection> open = new ArrayList<>();
        try {
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 50; i++) {
                            open.add(server.connect("stranger", "system", "extended"));
                        }
                    })
                    .hasMessageContaining("too many connections for role");
            assertThat(read("owner", CATALOGS)).containsExactly("shop");
        } finally {
            for (Connection session : open) {
                session.close();
            }
        }
    }

    private static void assertRefused(String principal, String statement, String state) {
        assertThatThrownBy(() -> say(principal, statement))
                .as(principal + ": " + statement)
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state));
    }

    private static void say(String principal, String sql) throws SQLException {
        try (Connection session = server.connect(principal, "system", "extended");
                var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<String> read(String principal, String sql) throws SQLException {
        try (Connection session = server.connect(principal, "system", "extended")) {
            return query(session, sql);
        }
    }

    /** History is loaded within about a second. */
    private static void await(Connection session, String sql, String wanted) throws SQLException {
        Instant deadline = Instant.now().plus(SOON);
        while (!query(session, sql).contains(wanted) && Instant.now().isBefore(deadline)) {
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
        assertThat(query(session, sql)).containsOnly(wanted);
    }

    private static List<String> query(Connection session, String sql) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }
}
