package dev.espalier.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.storage.Backend;
import dev.espalier.storage.VolumeName;
import dev.espalier.testing.TestWait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A copy must not act in its original's name, not even for the moment before anyone can sign in. */
class DetachmentTest {

    private static final VolumeName COPY = new VolumeName("copy");
    private static final String SLOT = "SELECT active::text || confirmed_flush_lsn FROM pg_replication_slots";

    private TestEngine test;
    private VolumeName original;

    @BeforeEach
    void start() {
        test = new TestEngine(Backend.COPY);
        original = test.initialise("original", TestEngine.MAJOR);
    }

    @AfterEach
    void close() {
        test.close();
    }

    private void startCopy(Durability durability, List<String> libraries, boolean renewPasswords) {
        ComputeSpec spec = TestEngine.spec(COPY, TestEngine.MAJOR, durability, libraries);
        test.startCopy(spec, Optional.empty(), libraries, renewPasswords);
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void aCopyNeverTakesWhatItsOriginalSubscribedTo(Durability durability) throws SQLException, IOException {
        VolumeName publisher = test.initialise("publisher", TestEngine.MAJOR);
        test.start(publisher, Durability.DURABLE);
        test.start(original, Durability.DURABLE);
        test.execute(publisher, "CREATE TABLE t (v int)", "CREATE PUBLICATION p FOR TABLE t");
        test.execute(
                original,
                "CREATE TABLE t (v int)",
                "CREATE SUBSCRIPTION s CONNECTION 'host=" + test.engine.socketDirectory("publisher")
                        + " dbname=postgres user=espalier' PUBLICATION p");
        test.execute(publisher, "INSERT INTO t VALUES (1)");
        TestWait.until(
                "the subscription",
                () -> test.query(original, "SELECT count(*) FROM t, pg_subscription_rel WHERE srsubstate = 'r'")
                        .equals("1"));
        test.stop(original);
        TestWait.until("the slot to be free", () -> test.query(publisher, SLOT).startsWith("false"));
        test.execute(publisher, "INSERT INTO t VALUES (2)");
        String slot = test.query(publisher, SLOT);
        long sessions = replicationSessions();

        test.engine.fork(test.cluster(original), TestEngine.MAJOR, COPY, Optional.empty());
        startCopy(durability, List.of(), false);

        assertThat(test.query(COPY, "SELECT count(*) FROM pg_subscription")).isEqualTo("0");
        assertThat(test.query(COPY, "SELECT count(*) FROM t")).isEqualTo("1");
        assertThat(replicationSessions()).isEqualTo(sessions);
        assertThat(test.query(publisher, SLOT)).isEqualTo(slot);
        test.start(original, Durability.DURABLE);
        TestWait.until(
                "what the publisher kept",
                () -> test.query(original, "SELECT count(*) FROM t").equals("2"));
    }

    @Test
    void aCopyLeavesThePublishersSlotsOfTablesThatAreStillBeingRead() throws Exception {
        VolumeName publisher = test.initialise("publisher", TestEngine.MAJOR);
        test.start(publisher, Durability.DURABLE);
        test.start(original, Durability.DURABLE);
        test.execute(publisher, "CREATE TABLE t (v int)", "CREATE PUBLICATION p FOR TABLE t");
        test.execute(
                original,
                "CREATE TABLE t (v int)",
                "CREATE SUBSCRIPTION s CONNECTION 'host=" + test.engine.socketDirectory("publisher")
                        + " dbname=postgres user=espalier' PUBLICATION p WITH (enabled = false, create_slot = false, "
                        + "slot_name = 's')",
                "UPDATE pg_subscription_rel SET srsubstate = 'd'");
        String slot = test.query(original, """
                SELECT format('pg_%s_sync_%s_%s', srsubid, srrelid, system_identifier)
                FROM pg_subscription_rel, pg_control_system()
                """);
        test.execute(publisher, "SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");

        test.engine.fork(test.cluster(original), TestEngine.MAJOR, COPY, Optional.empty());
        startCopy(Durability.DISPOSABLE, List.of(), false);

        assertThat(test.query(COPY, "SELECT count(*) FROM pg_subscription")).isEqualTo("0");
        assertThat(test.query(publisher, "SELECT slot_name FROM pg_replication_slots"))
                .isEqualTo(slot);
    }

    /** How often somebody has started to read the publisher's slot. */
    private long replicationSessions() throws IOException {
        try (var lines = Files.lines(test.layout.log("publisher"))) {
            return lines.filter(line -> line.contains("starting logical decoding"))
                    .count();
        }
    }

    @Test
    void aDurableCopyCanSubscribeAnew() throws SQLException {
        test.engine.fork(test.cluster(original), TestEngine.MAJOR, COPY, Optional.empty());
        startCopy(Durability.DURABLE, List.of(), false);
        assertThat(test.query(COPY, "SHOW max_logical_replication_workers")).isNotEqualTo("0");
    }

    @Test
    void aCopyKeepsNoReplicationSlot() throws SQLException {
        test.start(original, Durability.DURABLE);
        test.execute(
                original,
                "SELECT pg_create_logical_replication_slot('logical', 'pgoutput')",
                "SELECT pg_create_physical_replication_slot('physical', true)");

        test.engine.fork(test.cluster(original), TestEngine.MAJOR, COPY, Optional.empty());
        startCopy(Durability.DISPOSABLE, List.of(), false);

        assertThat(test.query(COPY, "SELECT count(*) FROM pg_replication_slots"))
                .isEqualTo("0");
        assertThat(test.query(original, "SELECT count(*) FROM pg_replication_slots"))
                .isEqualTo("2");
    }

    @Test
    void aCopyOfAClusterWhoseFirstDatabaseLetsNobodyConnectStartsAllTheSame() throws SQLException {
        test.start(original, Durability.DURABLE);
        test.execute(original, "CREATE DATABASE app ALLOW_CONNECTIONS false");

        test.engine.fork(test.cluster(original), TestEngine.MAJOR, COPY, Optional.empty());
        startCopy(Durability.DISPOSABLE, List.of(), false);

        assertThat(test.query(COPY, "SELECT datallowconn FROM pg_database WHERE datname = 'app'"))
                .isEqualTo("f");
    }

    @Test
    void renewedPasswordsLeaveNoneOfTheOldOnesAndAreKnownToNobody() throws SQLException, IOException {
        List<String> libraries = List.of("pg_stat_statements");
        test.start(original, Durability.DISPOSABLE);
        test.execute(
                original,
                "CREATE EXTENSION pg_stat_statements",
                "CREATE ROLE \"some one\" LOGIN PASSWORD 'secret'",
                "CREATE ROLE without LOGIN",
                "ALTER DATABASE postgres SET log_statement = 'all'");
        String hash = "SELECT rolpassword FROM pg_authid WHERE rolname = 'some one'";
        String old = test.query(original, hash);

        test.engine.fork(test.cluster(original), TestEngine.MAJOR, COPY, Optional.empty());
        startCopy(Durability.DISPOSABLE, libraries, true);

        assertThat(test.query(COPY, hash)).startsWith("SCRAM-SHA-256$").isNotEqualTo(old);
        assertThat(test.query(COPY, "SELECT count(*) FROM pg_authid WHERE rolpassword IS NOT NULL"))
                .isEqualTo("1");
        assertThat(test.query(original, hash)).isEqualTo(old);
        // A verifier in the log tells as little as the one in pg_authid; a password would tell all.
        for (String statement : statements()) {
            assertThat(statement).contains("SCRAM-SHA-256$");
        }
    }

    @Test
    void rolesThatAreCalledLikeAFeedAreNamesAndNeverStatements() throws SQLException {
        test.start(original, Durability.DURABLE);
        test.execute(
                original,
                "CREATE ROLE ann",
                "CREATE ROLE \"espalier_mirror_x;alter role ann superuser\" REPLICATION",
                "CREATE ROLE \"espalier_mirror_a b\"",
                "GRANT CONNECT ON DATABASE postgres TO \"espalier_mirror_x;alter role ann superuser\", "
                        + "\"espalier_mirror_a b\"");

        test.engine.fork(test.cluster(original), TestEngine.MAJOR, COPY, Optional.empty());
        startCopy(Durability.DISPOSABLE, List.of(), false);

        assertThat(test.query(COPY, "SELECT rolsuper FROM pg_roles WHERE rolname = 'ann'"))
                .isEqualTo("f");
        assertThat(test.query(COPY, "SELECT rolname FROM pg_roles WHERE rolname LIKE 'espalier\\_mirror\\_%'"))
                .as("a user's own stays")
                .isEqualTo("espalier_mirror_a b");
    }

    /** What the server has written down of the statements that set passwords. */
    private List<String> statements() throws SQLException, IOException {
        List<String> found = new ArrayList<>();
        try (var lines = Files.lines(test.layout.log(COPY.value()))) {
            lines.filter(line -> line.contains("PASSWORD '")).forEach(found::add);
        }
        try (var session = test.connect(COPY);
                var statement = session.createStatement();
                var rows = statement.executeQuery(
                        "SELECT query FROM pg_stat_statements WHERE query LIKE '%PASSWORD %''%'")) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }

    @Test
    void aLibraryThatOnlyRunsJobsIsNotLoadedForACopy() {
        assertThat(Engine.librariesOfCopies(List.of("pg_cron", "auto_explain", "pg_partman_bgw")))
                .containsExactly("auto_explain");
    }

    @Test
    void aCopyRunsNoneOfItsOriginalsJobs() throws SQLException {
        assumeTrue(
                Files.exists(Path.of("/usr/share/postgresql/15/extension/pg_cron.control")),
                "pg_cron is not installed (apt-get install postgresql-15-cron)");
        VolumeName jobs = test.initialise("jobs", 15);
        List<String> libraries = List.of("pg_cron");
        test.start(TestEngine.spec(jobs, 15, Durability.DURABLE, libraries));
        test.execute(
                jobs,
                "CREATE EXTENSION pg_cron",
                "CREATE TABLE audited (v text)",
                "CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS "
                        + "'BEGIN INSERT INTO public.audited VALUES (current_user); RETURN OLD; END'",
                "CREATE TRIGGER deleted BEFORE DELETE ON cron.job FOR EACH ROW EXECUTE FUNCTION audit()",
                "SELECT cron.schedule('each minute', '* * * * *', 'SELECT 1')");

        test.engine.fork(test.cluster(jobs), 15, COPY, Optional.empty());
        test.startCopy(TestEngine.spec(COPY, 15, Durability.DURABLE, libraries), Optional.empty(), libraries, false);

        assertThat(test.query(COPY, "SELECT count(*) FROM cron.job")).isEqualTo("0");
        assertThat(test.query(COPY, "SELECT count(*) FROM audited")).isEqualTo("0");
        assertThat(test.query(jobs, "SELECT count(*) FROM cron.job")).isEqualTo("1");
    }
}
