package dev.espalier.api.principal;

import dev.espalier.api.http.Answer;
import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.api.wire.NoFields;
import dev.espalier.control.ServicePrincipals;
import dev.espalier.identity.ClientSecrets;
import dev.espalier.identity.ServicePrincipal;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The methods for service principals. */
public final class PrincipalRoutes {

    private static final String ALL = Route.ROOT + "/principals";

    private final ServicePrincipals principals;
    private final ClientSecrets secrets;

    public PrincipalRoutes(ServicePrincipals principals, ClientSecrets secrets) {
        this.principals = principals;
        this.secrets = secrets;
    }

    public List<Route> routes() {
        return List.of(
                Route.post(
                                ALL,
                                "createPrincipal",
                                "Makes a service principal and shows its secret, this once.",
                                PrincipalResource.class,
                                this::create)
                        .body(PrincipalRequest.class),
                Route.get(ALL, "listPrincipals", "Lists the service principals.", PrincipalList.class, this::list),
                Route.delete(
                        ALL + "/{principal_name}",
                        "deletePrincipal",
                        "Removes a service principal for good.",
                        NoFields.class,
                        this::delete));
    }

    private Object create(Request request) {
        PrincipalRequest wanted = request.body(PrincipalRequest.class);
        String secret = secrets.generate();
        ServicePrincipal principal = new ServicePrincipal(
                UUID.randomUUID().toString(),
                wanted.nameOrRefuse(),
                secrets.hash(secret),
                wanted.administrator().orElse(false));
        principals.create(principal);
        return Answer.uncached(PrincipalResource.of(principal, Optional.of(secret)));
    }

    private Object list(Request request) {
        return new PrincipalList(principals.list().stream()
                .map(principal -> PrincipalResource.of(principal, Optional.empty()))
                .toList());
    }

    private Object delete(Request request) {
        principals.delete(request.path("principal_name"));
        return new NoFields();
    }
}
