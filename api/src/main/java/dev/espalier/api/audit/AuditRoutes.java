package dev.espalier.api.audit;

import dev.espalier.api.http.Route;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** The method that checks the audit. */
public final class AuditRoutes {

    private final Supplier<AuditVerification> verify;
    private final Semaphore oneAtATime = new Semaphore(1);

    /** @param verify walks along the chain, which takes its time */
    public AuditRoutes(Supplier<AuditVerification> verify) {
        this.verify = verify;
    }

    public List<Route> routes() {
        return List.of(Route.get(
                Route.ROOT + "/audit/verification",
                "verifyAudit",
                "Checks that no row of the audit has been changed or removed.",
                AuditVerification.class,
                _ -> verifyAlone()));
    }

    /** Whoever has given up waiting and asks again makes no second walk beside the first. */
    private AuditVerification verifyAlone() {
        if (!oneAtATime.tryAcquire()) {
            throw new ControlException(
                    Code.TEMPORARILY_UNAVAILABLE,
                    "the audit is being checked for another call, which may be one whose caller has gone. Ask again when that has "
                            + "ended.",
                    "VERIFICATION_RUNNING",
                    Map.of());
        }
        try {
            return verify.get();
        } finally {
            oneAtATime.release();
        }
    }
}
