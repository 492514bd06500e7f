package dev.espalier.server.door;

import dev.espalier.gateway.Acting;
import dev.espalier.gateway.ClientInfo;
import dev.espalier.gateway.Principal;
import dev.espalier.gateway.Route;
import dev.espalier.gateway.SessionInfo;
import dev.espalier.gateway.SessionRecord;
import dev.espalier.gateway.StatementRecord;
import dev.espalier.gateway.StatementRecord.Outcome.Completed;
import dev.espalier.gateway.StatementRecord.Outcome.Failed;
import dev.espalier.gateway.StatementRecord.Outcome.Lost;
import dev.espalier.gateway.StatementRecord.Outcome.Suspended;
import dev.espalier.gateway.StatementRecord.Outcome.Unexecuted;
import dev.espalier.gateway.StatementSink;
import dev.espalier.journal.Attribution;
import dev.espalier.journal.AuditEvent;
import dev.espalier.journal.Journal;
import dev.espalier.journal.JournalException;
import dev.espalier.journal.Resource;
import dev.espalier.journal.StatementEvent;
import dev.espalier.sql.Redaction;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Writes what the gateway saw into the journal: every statement, and what an auditor asks for besides. */
public final class JournalSink implements StatementSink {

    private static final String SERVICE = "lakebase";
    private static final int OK = 200;
    private static final int REFUSED = 403;
    private static final int FAILED = 400;

    /** First words of the server's command tags for what changes what exists or who may, whatever the text seemed to be. */
    private static final Set<String> AUDITED = Set.of(
            "CREATE",
            "ALTER",
            "DROP",
            "GRANT",
            "REVOKE",
            "TRUNCATE",
            "COMMENT",
            "REASSIGN",
            "IMPORT",
            "SECURITY",
            "DO",
            "CALL",
            "LOAD");

    private final Journal journal;

    public JournalSink(Journal journal) {
        this.journal = journal;
    }

    @Override
    public Optional<String> obstacle() {
        return journal.obstacle().map(JournalSink::reason);
    }

    static String reason(JournalException obstacle) {
        return String.valueOf(obstacle.getMessage());
    }

    @Override
    public void append(StatementRecord statement) {
        SessionInfo session = statement.session();
        String tag = "";
        String sqlState = "";
        String error = "";
        switch (statement.outcome()) {
            case Completed(String completed) -> tag = completed;
            case Unexecuted(String last) -> tag = last;
            case Suspended _ -> {}
            case Failed(String state, String message) -> {
                sqlState = state;
                error = Redaction.redactWords(message, statement.text());
            }
            case Lost(String reason) -> {
                sqlState = "08006";
                error = reason;
            }
        }
        String id = session.id() + "-" + statement.number() + (statement.part() > 1 ? "." + statement.part() : "");
        var _ = journal.append(new StatementEvent(
                attribution(session),
                id,
                session.route().database(),
                session.route().role(),
                statement.text(),
                statement.truncated(),
                statement.parsed(),
                statement.type(),
                statement.protocol().name().toLowerCase(Locale.ROOT),
                tag,
                statement.start(),
                statement.durationNanos(),
                statement.firstRowNanos(),
                statement.cpuNanos(),
                statement.rows(),
                statement.bytesToClient(),
                statement.bytesFromClient(),
                sqlState,
                error,
                claims(statement)));
        String verb = tag.split(" ", 2)[0];
        // Also where it was fetched in parts and never to its end, or nobody knows how it ended.
        boolean ranUnread = !statement.parsed() && !(statement.outcome() instanceof Failed);
        if (statement.changes() || AUDITED.contains(verb) || ranUnread) {
            audit(
                    attribution(session),
                    statement.start(),
                    (AUDITED.contains(verb) ? verb : statement.type()).toLowerCase(Locale.ROOT),
                    session.route().database(),
                    Map.of("statement_id", id, "statement_text", statement.text()),
                    sqlState.isEmpty() ? OK : FAILED,
                    error,
                    tag);
        }
    }

    private static Map<String, String> claims(StatementRecord statement) {
        Map<String, String> claims = new LinkedHashMap<>();
        String text = statement.text();
        statement
                .claims()
                .forEach((name, value) ->
                        claims.put(Redaction.redactWords(name, text), Redaction.redactClaim(name, value, text)));
        return claims;
    }

    @Override
    public void append(SessionRecord session) {
        switch (session) {
            case SessionRecord.SignedIn(var at, SessionInfo info, int processId) ->
                audit(
                        attribution(info),
                        at,
                        "signIn",
                        info.route().database(),
                        Map.of("process_id", Integer.toString(processId)),
                        OK,
                        "",
                        "");
            case SessionRecord.SignedOut(var at, SessionInfo info, long statements, String reason) ->
                audit(
                        attribution(info),
                        at,
                        "signOut",
                        info.route().database(),
                        Map.of("statements", Long.toString(statements), "reason", reason),
                        OK,
                        "",
                        "");
            case SessionRecord.Refused refused ->
                audit(
                        attribution(
                                refused.client(),
                                refused.principal().map(Principal::name).orElse(refused.user()),
                                refused.principal().map(Principal::acting).orElse(Acting.NOBODY),
                                Resource.NONE,
                                Resource.NONE,
                                Resource.NONE),
                        refused.at(),
                        "signIn",
                        refused.database(),
                        Map.of("sqlstate", refused.sqlState()),
                        REFUSED,
                        refused.reason(),
                        "");
        }
    }

    private void audit(
            Attribution attribution,
            Instant at,
            String action,
            String database,
            Map<String, String> parameters,
            int status,
            String error,
            String result) {
        var _ = journal.append(new AuditEvent(
                attribution,
                UUID.randomUUID(),
                at,
                AuditEvent.Level.WORKSPACE_LEVEL,
                SERVICE,
                action,
                database,
                parameters,
                status,
                error,
                result));
    }

    private static Attribution attribution(SessionInfo session) {
        Route route = session.route();
        return attribution(
                session.client(),
                session.principal().name(),
                session.principal().acting(),
                resource(route.project()),
                resource(route.branch()),
                resource(route.endpoint()));
    }

    private static Attribution attribution(
            ClientInfo client, String principal, Acting acting, Resource project, Resource branch, Resource endpoint) {
        return new Attribution(
                project,
                branch,
                endpoint,
                principal,
                acting.agent(),
                acting.application(),
                acting.tool(),
                client.sessionId(),
                acting.requestId(),
                client.address().getAddress().getHostAddress(),
                client.applicationName());
    }

    private static Resource resource(Route.Named named) {
        return new Resource(named.id(), named.name());
    }
}
