package dev.espalier.server.door;

import dev.espalier.control.Calls.Call;
import dev.espalier.control.Calls.Witness;
import dev.espalier.control.Operation;
import dev.espalier.control.OperationEnd;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.Place;
import dev.espalier.journal.Attribution;
import dev.espalier.journal.AuditEvent;
import dev.espalier.journal.Journal;
import dev.espalier.journal.JournalException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Writes what was changed, and what was refused, over the API into the journal, and what became of each operation; who only looked is
 * in the record of calls.
 */
public final class AuditedCalls implements Witness {

    private static final String SERVICE = "lakebase";
    private static final String UNITY_CATALOG = "unityCatalog";

    /** Where the methods for catalogs and what governs them are, and those for who may manage and assign tags. */
    private static final List<String> UNITY_CATALOG_ROOTS =
            List.of("/api/2.1/", "/api/2.0/preview/accounts/access-control/rule-sets");

    private static final int OK = 200;
    private static final int FIRST_REFUSAL = 400;

    /** What has become of an operation, which may come long after the call that began it, or without one. */
    private static final String OPERATION_END = "operationEnd";

    private final Journal journal;

    public AuditedCalls(Journal journal) {
        this.journal = journal;
    }

    @Override
    public Optional<String> obstacle() {
        return journal.obstacle().map(JournalSink::reason);
    }

    @Override
    public void saw(Call call, Optional<String> operation, Map<String, String> parameters) {
        boolean refused = call.statusCode() >= FIRST_REFUSAL;
        if (call.method().equals("GET") && !refused) {
            return;
        }
        try {
            var _ = journal.append(event(call, operation, parameters));
        } catch (JournalException e) {
            ControlException unseen = new ControlException(
                    ControlException.Code.INTERNAL_ERROR,
                    "what was asked for is done, and could not be recorded: " + JournalSink.reason(e),
                    "DONE_BUT_NOT_RECORDED",
                    Map.of());
            unseen.initCause(e);
            throw unseen;
        }
    }

    @Override
    public void ended(OperationEnd end) {
        Operation operation = end.operation();
        Place place = end.place();
        var _ = journal.append(new AuditEvent(
                new Attribution(
                        place.project(),
                        place.branch(),
                        place.endpoint(),
                        end.principal(),
                        "",
                        "",
                        "",
                        "",
                        end.requestId(),
                        "",
                        ""),
                UUID.randomUUID(),
                end.time(),
                AuditEvent.Level.WORKSPACE_LEVEL,
                SERVICE,
                OPERATION_END,
                "",
                Map.of(
                        "operation", inCamelCase(operation.kind()),
                        "operation_id", operation.uid(),
                        "resource", operation.resource().toString()),
                operation.error().map(error -> error.code().status()).orElse(OK),
                operation
                        .error()
                        .map(error -> error.code() + ": " + error.message())
                        .orElse(""),
                ""));
    }

    /** As the API's methods are called. */
    private static String inCamelCase(Operation.Kind kind) {
        String[] words = kind.name().toLowerCase(Locale.ROOT).split("_");
        return words[0] + words[1].substring(0, 1).toUpperCase(Locale.ROOT) + words[1].substring(1);
    }

    private static AuditEvent event(Call call, Optional<String> operation, Map<String, String> parameters) {
        return new AuditEvent(
                attribution(call),
                UUID.randomUUID(),
                call.called(),
                AuditEvent.Level.WORKSPACE_LEVEL,
                UNITY_CATALOG_ROOTS.stream().anyMatch(call.path()::startsWith) ? UNITY_CATALOG : SERVICE,
                operation.orElse("unknown"),
                "",
                parameters,
                call.statusCode(),
                call.errorCode().orElse(""),
                "");
    }

    private static Attribution attribution(Call call) {
        return new Attribution(
                call.place().project(),
                call.place().branch(),
                call.place().endpoint(),
                call.principal().orElse(""),
                call.via().agent(),
                call.via().application(),
                call.via().tool(),
                call.via().sessionId(),
                call.requestId(),
                call.sourceAddress(),
                call.userAgent().orElse(""));
    }
}
