package dev.espalier.control;

import dev.espalier.control.metastore.Delegations;
import dev.espalier.control.request.ControlException;
import dev.espalier.identity.Principal;
import dev.espalier.postgres.Identifiers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The roles of those who read the database {@code system}. Each principal has one, and an agent another for each whom it acts for;
 * administrators are members of the role that reads the tables which only they may read.
 */
public final class SystemReaders {

    private static final Logger LOG = LoggerFactory.getLogger(SystemReaders.class);

    /** Role of the administrators. No principal that has its name can sign in to the database. */
    private static final String ADMINISTRATORS = "system_readers";

    /** Schemas of the tables that only administrators read. */
    private static final List<String> SCHEMAS = List.of("access", "billing", "governance");

    /** Sessions of one principal. */
    private static final int SESSIONS = 20;

    private final Jdbi jdbi;
    private final boolean embedded;
    private final Lock entering = new ReentrantLock();

    /** @param embedded whether the database is Espalier's own; one run elsewhere has its own ways to say who reads */
    SystemReaders(Jdbi jdbi, boolean embedded) {
        this.jdbi = jdbi;
        this.embedded = embedded;
    }

    /** Makes what readers need; to be called when the system tables are there and before anybody is let in. */
    public void prepare() {
        if (!embedded) {
            return;
        }
        jdbi.useTransaction(handle -> {
            handle.execute("""
                    DO $$ BEGIN
                        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'system_readers') THEN
                            CREATE ROLE system_readers NOLOGIN;
                        END IF;
                    END $$
                    """);
            for (String schema : SCHEMAS) {
                handle.execute("GRANT USAGE ON SCHEMA " + schema + " TO " + ADMINISTRATORS);
                handle.execute("GRANT SELECT ON ALL TABLES IN SCHEMA " + schema + " TO " + ADMINISTRATORS);
            }
            handle.execute("GRANT pg_use_reserved_connections TO " + ADMINISTRATORS);
            // Those of an older Espalier.
            signingIn(handle).forEach(role -> limit(handle, role));
            administrators(handle).forEach(role -> admit(handle, role));
            run(handle, "system_readers.sql");
            run(handle, "information_schema.sql");
        });
        settle();
    }

    private static void run(Handle handle, String script) {
        try (InputStream in = SystemReaders.class.getResourceAsStream(script);
                var statement = handle.getConnection().createStatement()) {
            if (in == null) {
                throw new IllegalStateException(script + " is not in the jar");
            }
            statement.execute(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException | SQLException e) {
            throw new IllegalStateException("cannot prepare the database system for its readers: " + e.getMessage(), e);
        }
    }

    /**
     * The role that somebody signs in with, with what is his now.
     *
     * @param agent that acts for him
     * @throws ControlException if he is not an active principal any more, or cannot have a role
     */
    public String role(Principal principal, Optional<String> agent) {
        // Those who come at once wait here, where they hold no session of the database.
        entering.lock();
        try {
            return enter(principal, agent);
        } finally {
            entering.unlock();
        }
    }

    private String enter(Principal principal, Optional<String> agent) {
        return jdbi.inTransaction(handle -> {
            // Whoever changes who is an administrator has done it, or will find what was given.
            PrincipalTable.lockMemberships(handle);
            Principal who = Principals.named(handle, principal.name())
                    .filter(found -> found.active() && found.id().equals(principal.id()))
                    .orElseThrow(() -> new ControlException(
                            ControlException.Code.PERMISSION_DENIED,
                            "there is no active principal " + principal.name() + " any more."));
            String role = agent.isPresent() ? Delegations.reader(handle, who, agent.get()) : who.name();
            if (role.equals(ADMINISTRATORS)) {
                throw new ControlException(
                        ControlException.Code.INVALID_STATE,
                        "nobody reads the database system by the name of " + role
                                + ", which is that of a role there. Make a principal of another name.");
            }
            make(handle, role, agent.isEmpty() && who.administrator());
            return role;
        });
    }

    private static void make(Handle handle, String role, boolean administrator) {
        if (!signingIn(handle).contains(role)) {
            handle.execute("CREATE ROLE " + Identifiers.quoted(role) + " LOGIN");
            limit(handle, role);
        }
        boolean member = administrators(handle).contains(role);
        if (administrator && !member) {
            admit(handle, role);
        } else if (!administrator && member) {
            dismiss(handle, role);
        }
    }

    private static void limit(Handle handle, String role) {
        handle.execute("ALTER ROLE " + Identifiers.quoted(role) + " CONNECTION LIMIT " + SESSIONS);
    }

    /** Who could take the group's role would keep it in his session when it is taken from him. */
    private static void admit(Handle handle, String role) {
        handle.execute("GRANT " + ADMINISTRATORS + " TO " + Identifiers.quoted(role)
                + " WITH INHERIT TRUE, SET FALSE, ADMIN FALSE");
    }

    private static void dismiss(Handle handle, String role) {
        handle.execute("REVOKE " + ADMINISTRATORS + " FROM " + Identifiers.quoted(role));
    }

    private static List<String> signingIn(Handle handle) {
        return handle.select("SELECT rolname FROM pg_roles WHERE rolcanlogin AND NOT rolsuper")
                .mapTo(String.class)
                .list();
    }

    private static List<String> administrators(Handle handle) {
        return handle.select("""
                        SELECT r.rolname
                        FROM pg_auth_members m
                        JOIN pg_roles r ON r.oid = m.member
                        JOIN pg_roles g ON g.oid = m.roleid
                        WHERE g.rolname = ?
                        """, ADMINISTRATORS).mapTo(String.class).list();
    }

    /**
     * Takes from those who are no administrators any more what only administrators read, and ends their sessions, and those of
     * whom there is no active principal any more. To be called when either may have changed.
     */
    public void settle() {
        if (!embedded) {
            return;
        }
        List<String> demoted = jdbi.inTransaction(handle -> {
            PrincipalTable.lockMemberships(handle);
            List<String> none = administrators(handle).stream()
                    .filter(role -> Principals.named(handle, role)
                            .filter(who -> who.active() && who.administrator())
                            .isEmpty())
                    .toList();
            none.forEach(role -> dismiss(handle, role));
            return none;
        });
        end("""
                a.usename = ANY (:roles)
                OR NOT EXISTS (SELECT FROM control.principal p
                               LEFT JOIN control.agent_reader w ON w.principal_id = p.id
                               LEFT JOIN control.principal g ON g.id = w.agent_id
                               WHERE p.kind <> 'GROUP' AND p.active
                                 AND (a.usename = p.name OR (a.usename = w.role_name AND g.active)))
                """, Map.of("roles", demoted.toArray(String[]::new)));
    }

    /** Ends sessions whose transaction keeps PostgreSQL from removing old rows; no setting of theirs can prevent it. */
    void endTransactionsLongerThan(Duration limit) {
        if (embedded) {
            end(
                    "a.xact_start < clock_timestamp() - make_interval(secs => :seconds)",
                    Map.of("seconds", limit.toMillis() / 1000.0));
        }
    }

    /** Ends the sessions of readers that fulfil the condition, and waits a moment until they are gone. */
    private void end(String condition, Map<String, Object> values) {
        jdbi.useHandle(handle -> handle.createQuery("""
                        SELECT a.usename, pg_terminate_backend(a.pid, 1000)
                        FROM pg_stat_activity a
                        JOIN pg_roles r ON r.oid = a.usesysid AND NOT r.rolsuper
                        WHERE
                        """ + condition)
                .bindMap(values)
                .map((row, context) -> row.getString("usename"))
                .forEach(role -> LOG.info("a session of {} on the database system was ended", role)));
    }
}
