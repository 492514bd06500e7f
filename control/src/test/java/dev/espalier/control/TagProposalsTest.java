package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.TagProposals.Found;
import dev.espalier.postgres.UnixSockets;
import dev.espalier.testing.TestWait;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Looking at tables, which the superuser does, runs no code of those who own them. */
class TagProposalsTest extends GovernedShop {

    /** Fails where it runs as the superuser, and says so in words that must not come back. */
    private static final String EVIL = """
            CREATE OR REPLACE FUNCTION evil(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$BEGIN
                IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
                    RAISE EXCEPTION 'taken over by %', t USING ERRCODE = 'ZZ999';
                END IF;
                RETURN t;
            END$$
            """;

    private static Connection owner() throws SQLException {
        Endpoint endpoint = test.plane.endpoints().get("shop", "production", Endpoint.PRIMARY);
        Connection session = UnixSockets.dataSource(endpoint.socketDirectory(), DATABASE, "tester")
                .getConnection();
        BranchSessions.execute(session, EVIL);
        return session;
    }

    private static Found proposals(String table) {
        Securable on = new Securable(SecurableType.TABLE, SecurableName.of(DATABASE, "public", table));
        return test.plane.metastore().tagProposals().find(root, on, "pii");
    }

    @Test
    void aTableThatBecomesAViewWhileItIsLookedAtIsNotRead() throws Exception {
        try (Connection owner = owner()) {
            BranchSessions.execute(owner, "CREATE TABLE turning (email text)");
            owner.setAutoCommit(false);
            BranchSessions.execute(
                    owner, "DROP TABLE turning; CREATE VIEW turning AS SELECT evil('a@example.com') AS email");
            CompletableFuture<Found> found = CompletableFuture.supplyAsync(() -> proposals("turning"));
            TestWait.until(() -> test.query("production", "SELECT count(*) FROM pg_locks WHERE NOT granted")
                    .equals("1"));
            owner.commit();
            assertThat(found.get().proposals()).isEmpty();
            assertThat(found.get().notExamined())
                    .singleElement()
                    .asString()
                    .contains("public.turning", "not a table alone")
                    .doesNotContain("taken over", "ZZ999");
        }
    }

    @Test
    void whatThePlannerWouldRunOfUsersIsNotPlanned() throws SQLException {
        try (Connection owner = owner()) {
            BranchSessions.execute(owner, """
                    CREATE TABLE indexed (email text);
                    CREATE INDEX ON indexed ((email || evil('index')));
                    CREATE TABLE counted (email text);
                    CREATE STATISTICS counted_both ON (email || evil('statistics')), email FROM counted;
                    CREATE TABLE parted (email text) PARTITION BY LIST ((email || evil('key')));
                    CREATE TABLE whole (email text) PARTITION BY LIST (email);
                    CREATE TABLE part PARTITION OF whole DEFAULT;
                    CREATE INDEX ON part (email) WHERE email <> evil('predicate')
                    """);
        }
        for (String table : new String[] {"indexed", "counted", "parted", "whole"}) {
            assertThat(proposals(table).notExamined())
                    .singleElement()
                    .asString()
                    .contains("public." + table, "users have made")
                    .doesNotContain("taken over", "ZZ999");
        }
    }

    @Test
    void functionsOfPostgresInIndexesKeepNoTableFromBeingLookedAt() throws SQLException {
        try (Connection owner = owner()) {
            BranchSessions.execute(owner, """
                    CREATE TABLE plain (contact text, seen text GENERATED ALWAYS AS (lower(contact)) STORED)
                        PARTITION BY LIST (lower(contact));
                    CREATE TABLE plain_rest PARTITION OF plain DEFAULT;
                    CREATE INDEX ON plain_rest (lower(contact)) WHERE contact LIKE '%@%';
                    INSERT INTO plain SELECT 'user' || n || '@example.com' FROM generate_series(1, 50) n
                    """);
        }
        Found found = proposals("plain");
        assertThat(found.notExamined()).isEmpty();
        assertThat(found.proposals())
                .extracting(proposal -> proposal.column().column())
                .containsExactlyInAnyOrder("contact", "seen");
    }

    @Test
    void ofColumnsWhoseTypesPostgresDoesNotBringTheNamesAreLookedAt() throws SQLException {
        try (Connection owner = owner()) {
            BranchSessions.execute(owner, """
                    CREATE EXTENSION citext;
                    CREATE DOMAIN mail_address AS text CHECK (evil(value) LIKE '%@%');
                    CREATE TABLE typed (email citext UNIQUE, backup_email mail_address, emails citext[], contact citext);
                    INSERT INTO typed SELECT a, a, ARRAY[a], a FROM (
                        SELECT ('user' || n || '@example.com')::citext AS a FROM generate_series(1, 50) n) s
                    """);
        }
        Found found = proposals("typed");
        assertThat(found.notExamined()).isEmpty();
        assertThat(found.proposals())
                .extracting(proposal -> proposal.column().column())
                .containsExactlyInAnyOrder("email", "backup_email", "emails");
    }

    @Test
    void whatCannotBeReadIsToldWithoutPostgresWords() throws SQLException {
        try (Connection owner = owner()) {
            BranchSessions.execute(owner, "CREATE TABLE held (email text)");
            owner.setAutoCommit(false);
            BranchSessions.execute(owner, "LOCK TABLE held");
            assertThat(proposals("held").notExamined())
                    .singleElement()
                    .asString()
                    .contains("SQLSTATE 55P03", "Try again later");
            owner.rollback();
        }
    }
}
