package dev.espalier.engine;

import dev.espalier.postgres.Lsn;
import dev.espalier.postgres.PostgresServer;
import dev.espalier.postgres.SqlState;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.postgresql.PGConnection;

/**
 * Takes from a copy, before anyone can sign in, what would reach out from it in the original's name: subscriptions and
 * scheduled jobs; and what others are fed by, who know the original only. (Replication slots are files, and gone before the first
 * start.)
 */
final class Detachment {

    /** Extensions whose libraries run the jobs of a table: the library, and that table. */
    private static final Map<String, String> SCHEDULERS = Map.of("pg_cron", "cron.job");

    /** Libraries that do nothing else than run jobs. */
    private static final Set<String> JOB_LIBRARIES = Set.of("pg_cron", "pg_partman_bgw");

    private static final int PASSWORD_BYTES = 24;

    private Detachment() {}

    /** Libraries without those that start jobs by themselves. */
    static List<String> withoutSchedulers(List<String> preloadLibraries) {
        return preloadLibraries.stream()
                .filter(library -> !JOB_LIBRARIES.contains(library))
                .toList();
    }

    /**
     * @param preloadLibraries those of the original: only they can have run jobs
     * @param database where to look from, if it is there and open: what is looked for belongs to no database
     * @param renewPasswords whether the roles' passwords must stop working on the copy
     * @return position of the copy's log from which on all that is gone
     */
    static Lsn apply(PostgresServer server, List<String> preloadLibraries, String database, boolean renewPasswords) {
        try (Connection session = connect(server, database)) {
            Found found = find(session);
            if (found.subscriptions()) {
                for (Map.Entry<String, List<String>> entry :
                        subscriptions(session).entrySet()) {
                    dropSubscriptions(server, entry.getKey(), entry.getValue());
                }
            }
            if (found.feeds()) {
                dropFeeds(server, session);
            }
            if (preloadLibraries.stream().anyMatch(SCHEDULERS::containsKey)) {
                for (String each : databases(session)) {
                    deleteJobs(server, each);
                }
            }
            if (renewPasswords && found.passwords()) {
                renewPasswords(session);
            }
            Lsn detached = LogPositions.end(session);
            LogPositions.writeOut(session);
            return detached;
        } catch (SQLException e) {
            throw new EngineException("cannot detach the copy from its original: " + e.getMessage(), e);
        }
    }

    private static Connection connect(PostgresServer server, String database) throws SQLException {
        try {
            return server.connect(database);
        } catch (SQLException e) {
            if (SqlState.isClosedDatabase(e)) {
                return server.connect("postgres");
            }
            throw e;
        }
    }

    /** Most copies have nothing of it: one question that costs a new server little tells. */
    private record Found(boolean subscriptions, boolean feeds, boolean passwords) {}

    private static Found find(Connection session) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("""
                        SELECT EXISTS (SELECT FROM pg_catalog.pg_subscription),
                               EXISTS (SELECT FROM pg_catalog.pg_authid WHERE rolreplication AND starts_with(rolname::text, 'espalier_mirror_')),
                               EXISTS (SELECT FROM pg_catalog.pg_authid WHERE rolpassword IS NOT NULL)
                        """)) {
            rows.next();
            return new Found(rows.getBoolean(1), rows.getBoolean(2), rows.getBoolean(3));
        }
    }

    private static Map<String, List<String>> subscriptions(Connection session) throws SQLException {
        Map<String, List<String>> byDatabase = new LinkedHashMap<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("""
                        SELECT d.datname, quote_ident(s.subname)
                        FROM pg_catalog.pg_subscription s
                        JOIN pg_catalog.pg_database d ON d.oid = s.subdbid
                        """)) {
            while (rows.next()) {
                byDatabase
                        .computeIfAbsent(rows.getString(1), name -> new ArrayList<>())
                        .add(rows.getString(2));
            }
        }
        return byDatabase;
    }

    /**
     * Must not touch the publisher: what is there is the original's. Without the slot's name its slot stays; and so that the
     * slots of tables whose first data is still being read stay too, the publisher cannot be found any more.
     */
    private static void dropSubscriptions(PostgresServer server, String database, List<String> names)
            throws SQLException {
        try (Connection session = server.connect(database);
                var statement = session.createStatement()) {
            for (String name : names) {
                statement.execute("ALTER SUBSCRIPTION " + name + " DISABLE");
                statement.execute("ALTER SUBSCRIPTION " + name + " SET (slot_name = NONE)");
                statement.execute("ALTER SUBSCRIPTION " + name + " CONNECTION 'host=/nowhere'");
                statement.execute("DROP SUBSCRIPTION " + name);
            }
        }
    }

    private static void dropFeeds(PostgresServer server, Connection session) throws SQLException {
        record RoleInDatabase(String role, String database) {}
        List<RoleInDatabase> roles = new ArrayList<>();
        try (var statement = session.createStatement();
                // Each may connect to its database. A user's own of such a name is not one: nobody but Espalier makes
                // what may replicate.
                var rows = statement.executeQuery("""
                        SELECT r.rolname, b.datname
                        FROM pg_catalog.pg_roles r
                        JOIN pg_catalog.pg_shdepend d ON d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.refobjid = r.oid
                        JOIN pg_catalog.pg_database b ON d.classid = 'pg_catalog.pg_database'::regclass AND d.objid = b.oid
                        WHERE r.rolreplication AND starts_with(r.rolname::text, 'espalier_mirror_')
                          AND b.datallowconn AND b.datconnlimit <> -2
                        """)) {
            while (rows.next()) {
                roles.add(new RoleInDatabase(rows.getString(1), rows.getString(2)));
            }
        }
        for (RoleInDatabase each : roles) {
            try (Connection there = server.connect(each.database())) {
                FeedAccess.withdraw(there, each.role());
                FeedAccess.dropRole(there, each.role());
            }
        }
    }

    /** Those that one can connect to: what an interrupted DROP DATABASE leaves is none. */
    private static List<String> databases(Connection session) throws SQLException {
        List<String> names = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(
                        "SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND datconnlimit <> -2")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    /**
     * Empties the job tables that really belong to their extension. Triggers and rules, which run as whoever deletes, do
     * not fire in the replica role.
     */
    private static void deleteJobs(PostgresServer server, String database) throws SQLException {
        try (Connection session = server.connect(database);
                var statement = session.createStatement()) {
            statement.execute("SET session_replication_role = replica");
            for (Map.Entry<String, String> scheduler : SCHEDULERS.entrySet()) {
                try (var query = session.prepareStatement("""
                        SELECT 1
                        FROM pg_catalog.pg_depend d
                        JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
                        WHERE d.classid = 'pg_catalog.pg_class'::regclass
                          AND d.refclassid = 'pg_catalog.pg_extension'::regclass
                          AND d.deptype = 'e'
                          AND e.extname = ?
                          AND d.objid = to_regclass(?)
                        """)) {
                    query.setString(1, scheduler.getKey());
                    query.setString(2, scheduler.getValue());
                    try (var rows = query.executeQuery()) {
                        if (rows.next()) {
                            statement.execute("DELETE FROM " + scheduler.getValue());
                        }
                    }
                }
            }
        }
    }

    private static void renewPasswords(Connection session) throws SQLException {
        List<String> roles = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(
                        "SELECT rolname FROM pg_catalog.pg_authid WHERE rolpassword IS NOT NULL")) {
            while (rows.next()) {
                roles.add(rows.getString(1));
            }
        }
        SecureRandom random = new SecureRandom();
        PGConnection driver = session.unwrap(PGConnection.class);
        for (String role : roles) {
            byte[] bytes = new byte[PASSWORD_BYTES];
            random.nextBytes(bytes);
            char[] password = Base64.getUrlEncoder().encodeToString(bytes).toCharArray();
            // The driver sends a verifier: statements end up in logs and statistics.
            driver.alterUserPassword(role, password, "scram-sha-256");
        }
    }
}
