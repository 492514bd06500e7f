package dev.espalier.api.branch;

import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.api.wire.NoFields;
import dev.espalier.control.Attestations;
import java.util.List;

/** The method that proves a branch to be under the rules of its catalogs. */
public final class AttestationRoutes {

    private final Attestations attestations;

    public AttestationRoutes(Attestations attestations) {
        this.attestations = attestations;
    }

    public List<Route> routes() {
        return List.of(Route.post(
                        BranchRoutes.ONE + "/verify",
                        "verifyBranch",
                        "Proves anew that a branch is under the grants and policies of now, and signs what was proved.",
                        AttestationResource.class,
                        this::verify)
                .body(NoFields.class));
    }

    private Object verify(Request request) {
        return AttestationResource.of(attestations.verify(request.caller(), request.project(), request.branch()));
    }
}
