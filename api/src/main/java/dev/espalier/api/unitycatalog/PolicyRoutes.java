package dev.espalier.api.unitycatalog;

import static dev.espalier.api.http.QueryParameter.UPDATE_MASK;

import dev.espalier.api.http.QueryParameter;
import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.DefinedPolicy;
import dev.espalier.control.metastore.Policies;
import dev.espalier.control.metastore.Securable;
import java.util.List;
import java.util.Optional;

/** The methods for policies. */
public final class PolicyRoutes {

    private static final String ALL = UnityCatalog.ROOT + "/policies";
    private static final String ON = ALL + "/{on_securable_type}/{on_securable_fullname}";
    private static final String ONE = ON + "/{name}";
    private static final QueryParameter INHERITED = new QueryParameter(
            "include_inherited",
            QueryParameter.Type.FLAG,
            false,
            "Whether to list also those on what the securable lies in.");

    private final Policies policies;

    public PolicyRoutes(Policies policies) {
        this.policies = policies;
    }

    public List<Route> routes() {
        return List.of(
                Route.post(
                                ALL,
                                "createPolicy",
                                "Defines a policy; it is in force on every branch when this is answered.",
                                PolicyResource.class,
                                this::create)
                        .body(PolicyRequest.class)
                        .forSignedIn(),
                Route.get(ON, "listPolicies", "Lists the policies on a securable.", PolicyList.class, this::list)
                        .query(INHERITED)
                        .forSignedIn(),
                Route.get(ONE, "getPolicy", "Shows a policy.", PolicyResource.class, this::get)
                        .forSignedIn(),
                Route.patch(ONE, "updatePolicy", "Changes a policy.", PolicyResource.class, this::update)
                        .query(UPDATE_MASK)
                        .body(PolicyRequest.class)
                        .forSignedIn(),
                Route.delete(
                                ONE,
                                "deletePolicy",
                                "Removes a policy: whom it bound sees what it hid.",
                                Removed.class,
                                this::delete)
                        .forSignedIn());
    }

    private Object create(Request request) {
        return answer(
                request,
                policies.create(
                        request.principal(), request.body(PolicyRequest.class).definition()));
    }

    private Object list(Request request) {
        return new PolicyList(policies.list(request.principal(), on(request), request.flag(INHERITED.name())).stream()
                .map(policy -> PolicyResource.of(policy, Optional.empty()))
                .toList());
    }

    private Object get(Request request) {
        return PolicyResource.of(
                policies.get(request.principal(), on(request), request.path("name")), Optional.empty());
    }

    private Object update(Request request) {
        PolicyRequest wanted = request.body(PolicyRequest.class);
        UpdateMask mask = UpdateMask.parse(request.query(UPDATE_MASK.name()), PolicyRequest.FIELDS);
        return answer(
                request,
                policies.update(
                        request.principal(),
                        on(request),
                        request.path("name"),
                        before -> wanted.applied(before, mask)));
    }

    private Object delete(Request request) {
        Changed<DefinedPolicy> changed = policies.delete(request.principal(), on(request), request.path("name"));
        audit(request, changed);
        return new Removed(changed.warnings());
    }

    private static PolicyResource answer(Request request, Changed<DefinedPolicy> changed) {
        audit(request, changed);
        return PolicyResource.of(changed.after().orElseThrow(), Optional.of(changed.warnings()));
    }

    private static void audit(Request request, Changed<DefinedPolicy> changed) {
        request.changed(
                changed.before().map(policy -> PolicyResource.of(policy, Optional.empty())),
                changed.after().map(policy -> PolicyResource.of(policy, Optional.empty())));
    }

    private static Securable on(Request request) {
        return UnityCatalog.securable(request.path("on_securable_type"), request.path("on_securable_fullname"));
    }
}
