package dev.espalier.api.unitycatalog;

import dev.espalier.api.http.QueryParameter;
import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Grants;
import dev.espalier.control.metastore.Securable;
import java.util.List;
import java.util.Optional;

/** The methods for privileges. */
public final class GrantRoutes {

    private static final String ON = "/{securable_type}/{full_name}";
    private static final String GIVEN = UnityCatalog.ROOT + "/permissions" + ON;
    private static final QueryParameter PRINCIPAL = QueryParameter.optional(
            "principal",
            "By whose name what is to be shown was given, and not what that one's groups have; everybody's where not given.");

    private final Grants grants;

    public GrantRoutes(Grants grants) {
        this.grants = grants;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(
                                GIVEN,
                                "getPermissions",
                                "Shows what is given on a catalog, a schema, a table or a function itself.",
                                GrantsResource.class,
                                this::get)
                        .query(PRINCIPAL)
                        .forSignedIn(),
                Route.patch(
                                GIVEN,
                                "updatePermissions",
                                "Gives and takes privileges; they hold on every branch when this is answered.",
                                GrantsResource.class,
                                this::update)
                        .body(GrantsRequest.class)
                        .forSignedIn(),
                Route.get(
                                UnityCatalog.ROOT + "/effective-permissions" + ON,
                                "getEffectivePermissions",
                                "Shows what is given on something and on what it lies in.",
                                EffectiveGrantsResource.class,
                                this::effective)
                        .query(PRINCIPAL)
                        .forSignedIn(),
                Route.get(
                                UnityCatalog.ROOT + "/privilege-assignments" + ON,
                                "listPrivilegeAssignments",
                                "Lists what is given on something itself.",
                                GrantsResource.class,
                                this::get)
                        .query(PRINCIPAL)
                        .forSignedIn(),
                Route.get(
                                UnityCatalog.ROOT + "/effective-privilege-assignments" + ON,
                                "listEffectivePrivilegeAssignments",
                                "Lists what is given on something and on what it lies in.",
                                EffectiveGrantsList.class,
                                this::listEffective)
                        .query(PRINCIPAL)
                        .forSignedIn());
    }

    private Object get(Request request) {
        return GrantsResource.of(
                grants.of(request.principal(), on(request), request.query(PRINCIPAL.name())), Optional.empty());
    }

    private EffectiveGrantsResource effective(Request request) {
        Securable on = on(request);
        return EffectiveGrantsResource.of(
                grants.effective(request.principal(), on, request.query(PRINCIPAL.name())), on);
    }

    private Object listEffective(Request request) {
        return new EffectiveGrantsList(effective(request).privilegeAssignments());
    }

    private Object update(Request request) {
        Changed<List<Grant>> changed = grants.update(
                request.principal(),
                on(request),
                request.body(GrantsRequest.class).wanted());
        request.changed(
                changed.before().map(given -> GrantsResource.of(given, Optional.empty())),
                changed.after().map(given -> GrantsResource.of(given, Optional.empty())));
        return GrantsResource.of(changed.after().orElseThrow(), Optional.of(changed.warnings()));
    }

    private static Securable on(Request request) {
        return UnityCatalog.securable(request.path("securable_type"), request.path("full_name"));
    }
}
