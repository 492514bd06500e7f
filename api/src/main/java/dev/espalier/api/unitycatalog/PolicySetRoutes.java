package dev.espalier.api.unitycatalog;

import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.control.PolicyReplay;
import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.PolicySets;
import dev.espalier.control.metastore.PolicySets.PolicySet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The methods for all policies of a catalog together. */
public final class PolicySetRoutes {

    /** Of ten thousand policies with what they have of their own; the largest have many principals. */
    private static final long LARGEST_SET = 16 << 20;

    private static final String ONE = UnityCatalog.ROOT + "/policy-sets/{catalog_name}";

    private final PolicySets sets;
    private final PolicyReplay replay;

    public PolicySetRoutes(PolicySets sets, PolicyReplay replay) {
        this.sets = sets;
        this.replay = replay;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(
                                ONE,
                                "getPolicySet",
                                "Shows all policies on a catalog and on what lies in it.",
                                PolicySetResource.class,
                                this::get)
                        .forSignedIn(),
                Route.put(
                                ONE,
                                "applyPolicySet",
                                "Makes these the catalog's policies, in one transaction; what is not among them is removed.",
                                PolicySetResource.class,
                                this::apply)
                        .body(PolicySetRequest.class)
                        .largestBody(LARGEST_SET)
                        .forSignedIn(),
                // Administrators alone read what others have said.
                Route.post(
                                ONE + "/replay",
                                "replayPolicySet",
                                "Runs statements of the history under the policies of now and under these, on copies, and compares.",
                                PolicyReplayResource.class,
                                this::replay)
                        .body(PolicyReplayRequest.class)
                        .largestBody(LARGEST_SET));
    }

    private Object get(Request request) {
        return shown(sets.get(request.principal(), catalog(request)));
    }

    private Object apply(Request request) {
        PolicySetRequest wanted = request.body(PolicySetRequest.class);
        Changed<PolicySet> changed = sets.apply(
                request.principal(),
                catalog(request),
                wanted.definitions(),
                wanted.epoch().map(OptionalLong::of).orElse(OptionalLong.empty()));
        request.changed(
                changed.before().map(PolicySetRoutes::shown), changed.after().map(PolicySetRoutes::shown));
        return PolicySetResource.of(changed.after().orElseThrow(), Optional.of(changed.warnings()));
    }

    private Object replay(Request request) {
        PolicyReplayRequest wanted = request.body(PolicyReplayRequest.class);
        return PolicyReplayResource.of(
                replay.replay(request.principal(), catalog(request), wanted.definitions(), wanted.scope()));
    }

    private static PolicySetResource shown(PolicySet set) {
        return PolicySetResource.of(set, Optional.empty());
    }

    private static String catalog(Request request) {
        return request.path("catalog_name");
    }
}
