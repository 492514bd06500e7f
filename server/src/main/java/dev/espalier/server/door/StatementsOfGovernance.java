package dev.espalier.server.door;

import dev.espalier.control.Calls;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.Place;
import dev.espalier.gateway.Acting;
import dev.espalier.gateway.ClientInfo;
import dev.espalier.gateway.Refusal;
import dev.espalier.gateway.SessionRules;
import dev.espalier.governance.statement.GovernanceStatement;
import dev.espalier.governance.statement.StatementReader;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalStore;
import dev.espalier.sql.Redaction;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The statements about who may do what, in the database {@code system}: GRANT, CREATE POLICY, SET TAG and their like in
 * Databricks' syntax. They are carried out when they come to be parsed, are in force on every branch when they are answered, and
 * belong to no transaction. Everything else goes to PostgreSQL.
 */
final class StatementsOfGovernance implements SessionRules {

    private static final Logger LOG = LoggerFactory.getLogger(StatementsOfGovernance.class);

    private static final String METHOD = "SQL";

    /** What the record of calls names as the path, beside the API's. */
    private static final String PATH = "/api/2.1/unity-catalog/statements";

    private static final int DONE = 200;

    private static final Refused NOT_RECORDED = new Refused(new Refusal(
            "58030",
            "the statement is in force, and could not be recorded",
            "Ask the administrator to look at the journal."));

    private final String principalId;
    private final String principal;
    private final Acting acting;
    private final ClientInfo client;
    private final PrincipalStore principals;
    private final GovernanceExecutor executor;
    private final Calls calls;
    private final Clock clock;

    StatementsOfGovernance(
            dev.espalier.gateway.Principal principal,
            ClientInfo client,
            PrincipalStore principals,
            GovernanceExecutor executor,
            Calls calls,
            Clock clock) {
        this.principalId = principal.id();
        this.principal = principal.name();
        this.acting = principal.acting();
        this.client = client;
        this.principals = principals;
        this.executor = executor;
        this.calls = calls;
        this.clock = clock;
    }

    @Override
    public Sent sent(byte[] sql) {
        String text = new String(sql, StandardCharsets.UTF_8);
        try {
            Optional<GovernanceStatement> statement = StatementReader.read(text);
            return statement.isPresent() ? new Later(Work.ACTS, () -> carryOut(statement.get(), text)) : new AsItIs();
        } catch (ControlException e) {
            return refused(e);
        }
    }

    @Override
    public boolean hidesDetails() {
        return false;
    }

    private Sent carryOut(GovernanceStatement statement, String text) {
        Instant begun = clock.instant();
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("statement", Redaction.redactOther(text.strip()));
        try {
            Principal who = principals
                    .find(principalId)
                    .filter(found -> found.active() && found.name().equals(principal))
                    .orElseThrow(() -> new ControlException(
                            Code.PERMISSION_DENIED, "there is no active principal " + principal + " any more."));
            refuseAgent(parameters);
            String answer = executor.run(who, statement, parameters);
            return recorded(begun, statement, parameters) ? new Instead(answer) : NOT_RECORDED;
        } catch (RuntimeException e) {
            Optional<ControlException> refusal = ControlException.of(e);
            Code code = refusal.map(ControlException::code).orElse(Code.INTERNAL_ERROR);
            record(begun, statement, code.status(), Optional.of(code.name()), parameters);
            return refused(refusal.orElseThrow(() -> e));
        }
    }

    /** Of a statement that is in force, whether it is recorded or not. */
    private boolean recorded(Instant begun, GovernanceStatement statement, Map<String, String> parameters) {
        try {
            record(begun, statement, DONE, Optional.empty(), parameters);
            return true;
        } catch (RuntimeException e) {
            LOG.error("a statement of {} is in force, and could not be recorded: {}", principal, statement, e);
            return false;
        }
    }

    /** It says nothing in the principal's name. */
    private void refuseAgent(Map<String, String> parameters) {
        String agent = acting.agent();
        if (!agent.isEmpty()) {
            parameters.put("agent", agent);
            throw new ControlException(
                    Code.PERMISSION_DENIED,
                    "the agent " + agent
                            + " reads the views of information_schema, and neither gives, takes nor shows by"
                            + " statements in the name of " + principal + ". Say it in a session without an agent.");
        }
    }

    private void record(
            Instant begun,
            GovernanceStatement statement,
            int status,
            Optional<String> error,
            Map<String, String> parameters) {
        calls.record(
                new Calls.Call(
                        UUID.randomUUID().toString(),
                        begun,
                        Optional.of(principal),
                        client.address().getAddress().getHostAddress(),
                        Optional.of("sql"),
                        METHOD,
                        PATH,
                        status,
                        error,
                        Duration.between(begun, clock.instant()),
                        new Calls.Via(client.sessionId(), acting.agent(), acting.application(), acting.tool()),
                        Place.NONE),
                Optional.of(GovernanceExecutor.operation(statement)),
                parameters,
                status == DONE);
    }

    private static Refused refused(ControlException e) {
        return new Refused(new Refusal(
                switch (e.code()) {
                    case INVALID_PARAMETER_VALUE, BAD_REQUEST -> "22023";
                    case NOT_FOUND -> "42704";
                    case ALREADY_EXISTS -> "42710";
                    case PERMISSION_DENIED, UNAUTHENTICATED -> "42501";
                    default -> "55000";
                },
                String.valueOf(e.getMessage()),
                ""));
    }
}
