package dev.espalier.api.audit;

import dev.espalier.api.http.Route;
import java.util.List;
import java.util.function.Supplier;

/** The method that checks the audit. */
public final class AuditRoutes {

    private final Supplier<AuditVerification> verify;

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
                _ -> verify.get()));
    }
}
