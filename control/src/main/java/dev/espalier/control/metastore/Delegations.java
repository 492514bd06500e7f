package dev.espalier.control.metastore;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The agents that sign in for somebody. In a project that has rules, somebody with his agent is one more who may sign in: with a
 * role of his own, and a place in the rules from the first time on.
 */
public final class Delegations {

    /** What the names of these roles begin with; no principal's does. */
    public static final String PREFIX = "espalier_agent_";

    private static final int DIGITS = 16;

    /**
     * The role of an agent that acts for somebody.
     *
     * @param agent its id, which is never given to another
     */
    public record AgentRole(String name, long agent) {}

    /** What an agent is to policies and grants. */
    private record Agent(long id, Optional<String> uid, String name, boolean active) {}

    private Delegations() {}

    /** The role of an agent that acts for somebody, on every branch. */
    static String role(String principal, String agent) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest((principal + "\0" + agent).getBytes(StandardCharsets.UTF_8));
            return PREFIX + HexFormat.of().formatHex(hash).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * The role that an agent signs in with for the principal, which the project's rules know when this returns.
     *
     * @param name of the agent: a service principal's name or client id; any other is an agent of which nothing is known but that
     *     it is one
     * @return empty where the project has no rules: the principal's own
     * @throws ControlException if the agent is a service principal that is not active
     */
    public static Optional<AgentRole> role(Handle handle, Principal principal, String name, String projectUid) {
        if (CatalogTable.governed(handle, projectUid).isEmpty()) {
            return Optional.empty();
        }
        Agent agent = find(handle, name);
        requireActive(agent);
        if (!isKnown(handle, principal, agent, projectUid)) {
            handle.useTransaction(transaction -> add(transaction, principal, agent, projectUid));
        }
        return Optional.of(new AgentRole(role(principal.name(), agent.name()), agent.id()));
    }

    /** Uid of the service principal that the agent of this name is; empty for one of which nothing is known but that it is one. */
    public static Optional<String> uid(Handle handle, String name) {
        return find(handle, name).uid();
    }

    /**
     * The role that an agent reads the database {@code system} with in the principal's name: its place there is known when this
     * returns.
     *
     * @param name of the agent, as above
     * @throws ControlException if the agent is a service principal that is not active
     */
    public static String reader(Handle handle, Principal principal, String name) {
        Agent agent = find(handle, name);
        requireActive(agent);
        String role = role(principal.name(), agent.name());
        handle.execute("""
                INSERT INTO control.agent_reader
                SELECT ?, p.id, ? FROM control.principal p WHERE p.uid = ?
                ON CONFLICT (role_name) DO UPDATE SET principal_id = excluded.principal_id, agent_id = excluded.agent_id
                """, role, agent.id(), principal.id());
        return role;
    }

    private static void requireActive(Agent agent) {
        if (!agent.active()) {
            throw new ControlException(
                    Code.PERMISSION_DENIED,
                    "the agent " + agent.name()
                            + " is a service principal that is not active. Activate it, or ask for a"
                            + " credential for another agent.");
        }
    }

    private static void add(Handle handle, Principal principal, Agent agent, String projectUid) {
        // Before it is asked which catalogs there are: one that comes under rules meanwhile would not know of the
        // agent.
        long epoch = CatalogTable.nextEpoch(handle);
        handle.execute("""
                INSERT INTO control.delegation
                SELECT ?, p.id, ? FROM control.principal p WHERE p.uid = ?
                ON CONFLICT DO NOTHING
                """, projectUid, agent.id(), principal.id());
        CatalogTable.concerns(
                handle,
                epoch,
                CatalogTable.governed(handle, projectUid).stream()
                        .map(Catalog::uid)
                        .toList());
    }

    /** Whether it has signed in for the principal before. */
    private static boolean isKnown(Handle handle, Principal principal, Agent agent, String projectUid) {
        return handle.select("""
                        SELECT EXISTS (SELECT FROM control.delegation d
                                       JOIN control.principal p ON p.id = d.principal_id
                                       WHERE d.project_uid = ? AND p.uid = ? AND d.agent_id = ?)
                        """, projectUid, principal.id(), agent.id())
                .mapTo(Boolean.class)
                .one();
    }

    private static Agent find(Handle handle, String name) {
        return handle.createQuery("""
                        SELECT a.id, CASE a.kind WHEN 'SERVICE_PRINCIPAL' THEN a.uid END AS uid, a.name, a.active
                        FROM control.principal a
                        WHERE (a.kind = 'SERVICE_PRINCIPAL' AND (a.name = :name OR a.uid = :name))
                           OR (a.kind = 'GROUP' AND a.name = :agents)
                        ORDER BY a.kind = 'GROUP', a.name = :name DESC
                        LIMIT 1
                        """)
                .bind("name", name)
                .bind("agents", Subject.AGENTS)
                .map((row, context) -> new Agent(
                        row.getLong("id"),
                        Optional.ofNullable(row.getString("uid")),
                        row.getString("name"),
                        row.getBoolean("active")))
                .one();
    }
}
