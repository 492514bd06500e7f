package dev.espalier.control;

import dev.espalier.control.Operation.Failure;
import dev.espalier.control.request.Caller;
import dev.espalier.control.request.Place;
import dev.espalier.control.request.ResourceName;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends operations. The witness is told in the transaction, as the last thing before its commit: whatever kills Espalier, no end is
 * untold. One that has been told and was not committed is followed by another, which is the true one. What Espalier itself tries
 * again and again is told as failed once, until it fails in another way.
 */
final class OperationEnds {

    private static final Logger LOG = LoggerFactory.getLogger(OperationEnds.class);

    private final Calls.Witness witness;
    private final Clock clock;
    private final RepeatedFailures repeated = new RepeatedFailures();

    OperationEnds(Calls.Witness witness, Clock clock) {
        this.witness = witness;
        this.clock = clock;
    }

    /** Changes the rows and ends the operation with success, or with the failure. */
    void end(Handle handle, String uid, String requestId, Optional<Failure> failure, List<Operations.Rows> rows) {
        // Before the rows change: where the operation deletes, they are gone then.
        Optional<Place> place = OperationTable.find(handle, uid).map(operation -> Places.of(handle, operation));
        endQuietly(handle, uid, failure, rows);
        place.ifPresent(where -> tell(handle, uid, where, requestId));
    }

    /** As the other, where nothing was left to be done: nobody is told of that. */
    void endQuietly(Handle handle, String uid, Optional<Failure> failure, List<Operations.Rows> rows) {
        rows.forEach(change -> change.change(handle));
        failure.ifPresentOrElse(
                why -> OperationTable.failed(handle, uid, why, clock.instant()),
                () -> OperationTable.succeeded(handle, uid, clock.instant()));
    }

    /** Ends an operation, of which it is not known whether it was recorded, as one that never began, unless it was. */
    void neverBegan(
            Handle handle, String uid, Operation.Kind kind, ResourceName resource, String resourceUid, Caller caller) {
        if (OperationTable.insertAborted(handle, uid, kind, resource, resourceUid, caller, clock.instant())) {
            Operation ended = OperationTable.find(handle, uid).orElseThrow();
            tell(handle, uid, Places.of(handle, ended), caller.requestId());
        }
    }

    private void tell(Handle handle, String uid, Place place, String requestId) {
        Operation ended = OperationTable.find(handle, uid).orElseThrow();
        String principal = OperationTable.principal(handle, uid);
        if (principal.equals(Caller.SYSTEM.principal()) && repeated.has(ended)) {
            return;
        }
        try {
            witness.ended(new OperationEnd(ended, place, principal, requestId, clock.instant()));
        } catch (RuntimeException e) {
            // What was done is done: it is no failure of the operation.
            LOG.error("the end of {} of {} is not in the audit: {}", ended.kind(), ended.resource(), e.getMessage(), e);
        }
    }
}
