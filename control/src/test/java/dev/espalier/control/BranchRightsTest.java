package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.request.Address;
import dev.espalier.storage.Backend;
import dev.espalier.testing.TestWait;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a branch's users can get for themselves, by the API or by SQL with all the rights that the API gives. */
class BranchRightsTest {

    private static final Role.Attributes ALL = new Role.Attributes(true, true, true);

    /** Of PostgreSQL's own, what has been looked at: they compute, store and index, within the database. */
    private static final List<String> HARMLESS = List.of(
            "bool_plperl",
            "btree_gin",
            "btree_gist",
            "citext",
            "cube",
            "dict_int",
            "fuzzystrmatch",
            "hstore",
            "hstore_plperl",
            "intarray",
            "isn",
            "jsonb_plperl",
            "lo",
            "ltree",
            "pg_trgm",
            "pgcrypto",
            "plperl",
            "plpgsql",
            "pltcl",
            "seg",
            "tablefunc",
            "tcn",
            "tsm_system_rows",
            "tsm_system_time",
            "unaccent",
            "uuid-ossp");

    @TempDir
    static Path directory;

    private static TestPlane test;

    @BeforeAll
    static void start() throws Exception {
        test = TestPlane.start(directory, Backend.COPY);
        test.succeed(test.plane.projects().create(CALLER, "shop", PLAIN));
        test.succeed(create("strong", "DATABRICKS_SUPERUSER"));
    }

    @AfterAll
    static void stop() {
        test.close();
        TestPlane.stopLeftovers(directory);
    }

    private static Operation create(String role, String... memberOf) {
        NewRole wanted = new NewRole(
                Optional.empty(), Role.IdentityType.SERVICE_PRINCIPAL, Optional.empty(), List.of(memberOf), ALL);
        return test.plane.roles().create(CALLER, "shop", "production", role, wanted, false);
    }

    private static Connection asStrong() throws SQLException {
        return test.connectAs("strong", "production", "databricks_postgres");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "espalier",
                "pg_execute_server_program",
                "pg_read_server_files",
                "pg_write_server_files",
                "pg_read_all_data",
                "no-such-role"
            })
    void noMembershipThatLeadsToASuperuserOrAFileIsGiven(String group) {
        Operation made = create("greedy-" + group.replace('_', '-'), group);
        TestWait.until(() -> test.plane.operations().get(made.uid()).done());
        assertThat(test.plane.operations().get(made.uid()).error().orElseThrow().message())
                .contains("membership in \"" + group + "\" cannot be given");
        Operation changed = test.plane
                .roles()
                .update(
                        CALLER,
                        "shop",
                        "production",
                        "strong",
                        new RoleChange(
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(List.of(group)),
                                RoleChange.Attributes.NONE));
        TestWait.until(() -> test.plane.operations().get(changed.uid()).done());
        assertThat(test.plane.operations().get(changed.uid()).error()).isPresent();
    }

    @Test
    void whatBelongsToTheBranchItselfStaysAsItIs() {
        RoleChange rename =
                new RoleChange(Optional.of("mine"), Optional.empty(), Optional.empty(), RoleChange.Attributes.NONE);
        assertThatThrownBy(
                        () -> test.plane.roles().update(CALLER, "shop", "production", "databricks-superuser", rename))
                .hasMessageContaining("belongs to the branch itself");
        assertThatThrownBy(() -> test.plane
                        .databases()
                        .update(CALLER, "shop", "production", "postgres", Optional.empty(), Optional.of("strong")))
                .hasMessageContaining("belongs to the branch itself");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET ROLE espalier",
                "GRANT espalier TO strong",
                "ALTER SYSTEM SET fsync = off",
                "COPY (SELECT 1) TO PROGRAM 'true'",
                "COPY (SELECT 1) TO '/tmp/x'",
                "LOCK TABLE pg_catalog.pg_proc IN ACCESS EXCLUSIVE MODE",
                "LOCK TABLE pg_catalog.pg_authid IN ACCESS EXCLUSIVE MODE",
                "ALTER ROLE databricks_superuser RENAME TO mine",
                "DROP ROLE databricks_superuser",
                "ALTER DATABASE postgres RENAME TO mine"
            })
    void noStatementOfTheStrongestUserReachesBeyondHisOwn(String statement) throws SQLException {
        try (Connection session = asStrong();
                var work = session.createStatement()) {
            session.setAutoCommit(false);
            assertThatThrownBy(() -> work.execute(statement)).isInstanceOf(SQLException.class);
        }
    }

    /** Refused for want of rights; or, where an extension's files are not there, because of that. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT pg_read_file('/etc/passwd')",
                "SELECT pg_read_binary_file('/etc/passwd')",
                "SELECT pg_ls_dir('/')",
                "SELECT pg_stat_file('/etc/passwd')",
                "SELECT lo_import('/etc/passwd')",
                "SELECT lo_export(1, '/tmp/x')",
                "CREATE TEMP TABLE t (a text); COPY t FROM '/etc/passwd'",
                "CREATE TEMP TABLE t (a text); COPY t FROM PROGRAM 'id'",
                "LOAD 'dblink'",
                "CREATE EXTENSION dblink",
                "CREATE EXTENSION postgres_fdw",
                "CREATE EXTENSION file_fdw",
                "CREATE EXTENSION pageinspect",
                "CREATE EXTENSION adminpack",
                "CREATE EXTENSION plperlu",
                "CREATE EXTENSION plpython3u",
                "CREATE EXTENSION pltclu",
                "CREATE FOREIGN DATA WRAPPER mine",
                "CREATE SUBSCRIPTION mine CONNECTION 'host=example.com' PUBLICATION p",
                "CREATE FUNCTION mine() RETURNS int LANGUAGE c AS 'libc', 'getpid'",
                "CREATE FUNCTION mine() RETURNS int LANGUAGE internal AS 'pg_backend_pid'",
                "CREATE LANGUAGE mine HANDLER plpgsql_call_handler",
                "SET session_replication_role = replica",
                "CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION f()"
            })
    void noFileProgramLibraryOrServerIsReachedByTheStrongestUser(String statement) throws SQLException {
        try (Connection session = asStrong();
                var work = session.createStatement()) {
            assertThatThrownBy(() -> work.execute(statement))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getSQLState())
                                    .as(e.getMessage())
                                    .isIn("42501", statement.startsWith("CREATE EXTENSION") ? "0A000" : "42501"));
        }
    }

    @Test
    void whatPostgresqlLetsUsersMakeReachesNoFileProgramOrNetwork() throws SQLException {
        assertThat(List.of(test.query(
                                "production",
                                "SELECT string_agg(DISTINCT name, ',') FROM pg_available_extension_versions WHERE trusted")
                        .split(",")))
                .isNotEmpty()
                .isSubsetOf(HARMLESS);
    }

    @Test
    void aProjectsListOfExtensionsHoldsInEachDatabaseFromTheNextSignInOn() throws SQLException {
        test.plane.principals().addAdministrator("tester-id", "tester", "none");
        allow("citext", "unaccent");
        signIn("databricks_postgres");
        test.execute("production", "CREATE EXTENSION citext");
        assertThatThrownBy(() -> test.execute("production", "CREATE EXTENSION pg_trgm"))
                .hasMessageContaining("\"pg_trgm\" is not among those that the project shop allows")
                .hasMessageContaining("citext, unaccent")
                .hasMessageContaining("--extensions");
        assertThatThrownBy(() -> test.execute(
                        "production", "DO $$BEGIN EXECUTE 'CREATE EXTENSION IF NOT EXISTS pg_trgm CASCADE'; END$$"))
                .hasMessageContaining("is not among those");
        assertThatThrownBy(() -> test.execute("production", "DROP EVENT TRIGGER espalier_extensions"))
                .hasMessageContaining("must be owner");
        assertThatThrownBy(() -> test.execute("production", "DROP SCHEMA espalier CASCADE"))
                .hasMessageContaining("must be owner");

        test.execute("production", "CREATE DATABASE bare TEMPLATE template0");
        try (Connection session = test.connect("production", "bare");
                var work = session.createStatement()) {
            work.execute("CREATE SCHEMA espalier");
            signIn("bare");
            assertThatThrownBy(() -> work.execute("CREATE EXTENSION pg_trgm"))
                    .hasMessageContaining("is not among those");
            assertThatThrownBy(() -> work.execute("DROP SCHEMA espalier CASCADE"))
                    .hasMessageContaining("must be owner");
        }

        allow();
        signIn("databricks_postgres");
        assertThatThrownBy(() -> test.execute("production", "ALTER EXTENSION citext SET SCHEMA pg_temp"))
                .isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> test.execute("production", "CREATE EXTENSION unaccent"))
                .hasMessageContaining("It allows: none");
        allow("*");
        signIn("databricks_postgres");
        test.execute("production", "CREATE EXTENSION pg_trgm; DROP EXTENSION pg_trgm; DROP EXTENSION citext");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dblink", "plpython3u", "file_fdw", "no such name"})
    void whatReachesFilesOrTheNetworkIsOnNoList(String extension) {
        assertThatThrownBy(() -> allow("citext", extension)).hasMessageContaining("\"" + extension + "\"");
    }

    private static void allow(String... extensions) {
        test.succeed(test.plane
                .projects()
                .update(
                        CALLER,
                        "shop",
                        new ProjectChange(
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(List.of(extensions)))));
    }

    private static void signIn(String database) {
        test.plane
                .logins()
                .open(
                        test.plane.principals().named("tester").orElseThrow(),
                        Optional.empty(),
                        Address.parse("shop/" + database),
                        Optional.empty());
    }

    @Test
    void theNamesOfResourcesCannotBeChangedBySql() throws SQLException {
        try (Connection session = test.connectAs("strong", "production", "postgres");
                var work = session.createStatement()) {
            for (String statement : List.of(
                    "UPDATE espalier.resource SET identity_type = 'NONSENSE'",
                    "DELETE FROM espalier.resource",
                    "INSERT INTO espalier.resource VALUES ('role', 'x', 'x')",
                    "DROP TABLE espalier.resource")) {
                assertThatThrownBy(() -> work.execute(statement)).isInstanceOf(SQLException.class);
            }
        }
    }
}
