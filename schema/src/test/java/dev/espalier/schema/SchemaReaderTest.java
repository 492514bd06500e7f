package dev.espalier.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Servers.class)
class SchemaReaderTest {

    @Test
    void leavesOutSystemSchemasExtensionsTemporaryTablesAndEspaliersOwn(Servers.Running servers) throws SQLException {
        try (Scratch scratch = new Scratch(servers.fixture(18))) {
            DatabaseSchema before = scratch.read();
            DatabaseSchema after = scratch.readAfter(
                    "CREATE SCHEMA espalier",
                    "CREATE TABLE espalier.own (id serial PRIMARY KEY)",
                    "CREATE FUNCTION espalier.f() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
                    "CREATE TEMPORARY TABLE passing (id integer)");
            assertThat(SchemaDiff.between(before, after).toText()).isEmpty();
            assertThat(before.objects().keySet())
                    .noneMatch(
                            id -> id.schema().startsWith("pg_") || id.schema().equals("information_schema"))
                    .noneMatch(id -> id.kind() == Kind.FUNCTION && id.name().startsWith("citext"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void leavesOutTheRowSecurityOfTheCatalogsRulesAndTellsTheOwners(int version, Servers.Running servers)
            throws SQLException {
        try (Scratch scratch = new Scratch(servers.fixture(version))) {
            scratch.execute("CREATE TABLE app.filtered (region text)", "CREATE TABLE app.closed (region text)");
            DatabaseSchema before = scratch.read();
            String profile = "p0123456789";
            String roles = " TO espalier_view_" + profile + ", espalier_profile_" + profile;
            String filter = " AS RESTRICTIVE FOR ALL" + roles + " USING (region = 'EU')";
            scratch.execute(
                    "CREATE SCHEMA espalier_governance",
                    "CREATE ROLE espalier_view_" + profile,
                    "CREATE ROLE espalier_profile_" + profile);
            DatabaseSchema after = scratch.readAfter(
                    // What the rules are compiled to where the owner has no row security, and where he has.
                    "ALTER TABLE app.filtered ENABLE ROW LEVEL SECURITY",
                    "CREATE POLICY own ON app.filtered USING (region <> '')",
                    "CREATE POLICY espalier_open ON app.filtered USING (true) WITH CHECK (true)",
                    "CREATE POLICY espalier_filter_p0123456789 ON app.filtered" + filter,
                    "ALTER TABLE app.closed ENABLE ROW LEVEL SECURITY",
                    "CREATE POLICY own ON app.closed USING (region <> '')",
                    "CREATE POLICY espalier_open_p0123456789 ON app.closed" + roles + " USING (true) WITH CHECK (true)",
                    "CREATE POLICY espalier_filter_p0123456789 ON app.closed" + filter,
                    "CREATE TABLE app.fresh (region text)",
                    "ALTER TABLE app.fresh ENABLE ROW LEVEL SECURITY",
                    "CREATE POLICY espalier_open ON app.fresh USING (true) WITH CHECK (true)",
                    "CREATE POLICY espalier_filter_p0123456789 ON app.fresh" + filter);
            SchemaDiff diff = SchemaDiff.between(before, after);
            assertThat(diff.toText().lines())
                    .containsExactly(
                            "~ table app.closed: row security no → yes",
                            "+ policy own on app.closed: command all, roles PUBLIC, using (region <> ''::text)",
                            "+ policy own on app.filtered: command all, roles PUBLIC, using (region <> ''::text)",
                            "+ table app.fresh",
                            "    + column region: type text");
            assertThat(diff.toDdl())
                    .filteredOn(sql -> sql.contains("ROW LEVEL SECURITY"))
                    .containsExactly("ALTER TABLE app.closed ENABLE ROW LEVEL SECURITY");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void tellsPoliciesThatAreOnlyNamedLikeTheCatalogsRules(int version, Servers.Running servers) throws SQLException {
        try (Scratch scratch = new Scratch(servers.fixture(version))) {
            scratch.execute("CREATE SCHEMA espalier_governance", "CREATE TABLE app.t (region text)");
            DatabaseSchema before = scratch.read();
            DatabaseSchema after = scratch.readAfter(
                    "ALTER TABLE app.t ENABLE ROW LEVEL SECURITY",
                    "CREATE POLICY espalier_open ON app.t USING (region = 'EU')",
                    "CREATE POLICY espalier_filter_p0123456789 ON app.t AS RESTRICTIVE TO reader USING (region = 'EU')");
            SchemaDiff diff = SchemaDiff.between(before, after);
            assertThat(diff.changes())
                    .extracting(Change::identity)
                    .containsExactly("app.t", "espalier_filter_p0123456789 on app.t", "espalier_open on app.t");
            scratch.apply(diff);
            assertThat(SchemaDiff.between(scratch.read(), after).toText()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void readsPastCommentsAndGrantsOnWhatIsLeftOut(int version, Servers.Running servers) throws SQLException {
        try (Scratch scratch = new Scratch(servers.fixture(version))) {
            scratch.execute("CREATE EXTENSION pg_stat_statements WITH SCHEMA app");
            DatabaseSchema before = scratch.read();
            DatabaseSchema after = scratch.readAfter(
                    "COMMENT ON VIEW app.pg_stat_statements IS 'what ran'",
                    "GRANT SELECT ON app.pg_stat_statements TO reader",
                    "CREATE SCHEMA espalier_governance",
                    "COMMENT ON SCHEMA espalier_governance IS 'a version'");
            assertThat(SchemaDiff.between(before, after).toText()).isEmpty();
        }
    }

    @Test
    void tellsKindsOfObjectThatItDoesNotLookInto(Servers.Running servers) throws SQLException {
        try (Scratch scratch = new Scratch(servers.fixture(18))) {
            SchemaDiff diff = SchemaDiff.between(
                    scratch.read(),
                    scratch.readAfter(
                            "CREATE PUBLICATION changes FOR TABLE app.orders",
                            "CREATE FOREIGN DATA WRAPPER w",
                            "CREATE SERVER far FOREIGN DATA WRAPPER w",
                            "CREATE FOREIGN TABLE app.abroad (a integer) SERVER far",
                            "CREATE CAST (app.mood AS app.address) WITH INOUT"));
            assertThat(diff.toText().lines().filter(line -> line.startsWith("+ ")))
                    .containsExactly(
                            "+ cast (app.mood AS app.address)",
                            "+ foreign table app.abroad",
                            "+ foreign-data wrapper w",
                            "+ publication changes",
                            "+ server far");
            assertThat(diff.changes())
                    .allSatisfy(change -> assertThat(change.warnings())
                            .containsExactly("no statements are written for this kind of object"));
            assertThat(diff.toDdl()).isEmpty();
        }
    }

    @Test
    void refusesAConnectionThatIsNotInAutocommitMode(Servers.Running servers) throws SQLException {
        try (Connection connection = servers.version(18).connect("postgres")) {
            connection.setAutoCommit(false);
            assertThatThrownBy(() -> SchemaReader.read(connection)).hasMessageContaining("autocommit");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP INDEX t_b",
                "DROP VIEW v",
                "DROP TRIGGER touch ON t",
                "DROP FUNCTION g()",
                "DROP TABLE t CASCADE"
            })
    void readsAgainWhatIsDroppedUnderIt(String change, Servers.Running servers) throws SQLException {
        for (int version : new int[] {18, 15}) {
            Server server = servers.version(version);
            server.execute("postgres", "DROP DATABASE IF EXISTS moving");
            server.create("moving", "template1");
            server.execute("moving", """
                    CREATE TABLE gate (a integer);
                    CREATE TABLE t (b integer CONSTRAINT positive CHECK (b > 0), twice integer GENERATED ALWAYS AS (b * 2) STORED);
                    CREATE INDEX t_b ON t (b);
                    CREATE VIEW v AS SELECT b FROM t;
                    CREATE FUNCTION f() RETURNS bigint LANGUAGE sql RETURN (SELECT count(*) FROM public.gate);
                    CREATE FUNCTION g() RETURNS integer LANGUAGE sql AS 'SELECT 1';
                    CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                    CREATE TRIGGER touch BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION touched();
                    CREATE POLICY own ON t USING (b > 1);
                    """);
            try (Connection reading = server.connect("moving");
                    Connection changing = server.connect("moving")) {
                changing.setAutoCommit(false);
                execute(changing, "LOCK TABLE gate IN ACCESS EXCLUSIVE MODE");
                execute(changing, change);
                // Printing the body of f() waits for the lock, when the catalogs' snapshot has been taken.
                CompletableFuture<DatabaseSchema> read = CompletableFuture.supplyAsync(() -> {
                    try {
                        return SchemaReader.read(reading);
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                });
                awaitOneThatWaits(changing);
                changing.commit();
                DatabaseSchema seen = read.join();
                changing.setAutoCommit(true);
                assertThat(seen.objects()).isEqualTo(SchemaReader.read(changing).objects());
            }
        }
    }

    private static void awaitOneThatWaits(Connection connection) throws SQLException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        String waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
        try (var statement = connection.createStatement()) {
            while (true) {
                try (var row = statement.executeQuery(waiting)) {
                    row.next();
                    if (row.getInt(1) > 0) {
                        return;
                    }
                }
                assertThat(System.nanoTime()).isLessThan(deadline);
            }
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void aCatalogThatIsDamagedForGoodIsNotTakenForOneThatChanges(Servers.Running servers) throws SQLException {
        Server server = servers.version(18);
        server.create("shaken", "template1");
        // A constraint on a column that is not there.
        server.execute(
                "shaken",
                "CREATE TABLE t (b integer UNIQUE)",
                "SET allow_system_table_mods = on",
                "UPDATE pg_constraint SET conkey = '{9}' WHERE conrelid = 't'::regclass");
        try (Connection connection = server.connect("shaken")) {
            assertThatThrownBy(() -> SchemaReader.read(connection))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isNotEqualTo("40001"))
                    .hasMessageStartingWith("cannot read the schema's");
        }
    }

    @Test
    void leavesTheSessionsSettingsAlone(Servers.Running servers) throws SQLException {
        try (Connection connection = servers.version(18).connect("postgres");
                var statement = connection.createStatement()) {
            statement.execute("SET search_path = app, public");
            SchemaReader.read(connection);
            try (var row = statement.executeQuery("SHOW search_path")) {
                row.next();
                assertThat(row.getString(1)).isEqualTo("app, public");
            }
        }
    }

    @Test
    void readsTwoHundredTablesInATwinkling(Servers.Running servers) throws SQLException {
        try (Scratch scratch = new Scratch(servers.fixture(18))) {
            scratch.execute(
                    IntStream.range(0, 200).mapToObj(i -> """
                            CREATE TABLE app.wide_%1$d (
                                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a text NOT NULL DEFAULT 'a', b integer,
                                c numeric(10,2) CHECK (c > 0), d timestamptz DEFAULT now(), e jsonb, f date, g boolean);
                            CREATE INDEX ON app.wide_%1$d (b);
                            CREATE VIEW app.view_%1$d AS SELECT id, a, b FROM app.wide_%1$d WHERE g
                            """.formatted(i)).collect(Collectors.joining(";")));
            Duration best = Duration.ofDays(1);
            for (int i = 0; i < 8; i++) {
                long start = System.nanoTime();
                DatabaseSchema schema = scratch.read();
                Duration taken = Duration.ofNanos(System.nanoTime() - start);
                assertThat(schema.objects().size()).isGreaterThan(3000);
                best = best.compareTo(taken) < 0 ? best : taken;
            }
            System.out.println("200 tables read in " + best.toMillis() + " ms");
            // Far above what it takes, as the machine may be busy with other things.
            assertThat(best).isLessThan(Duration.ofSeconds(15));
        }
    }
}
