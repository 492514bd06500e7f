package dev.espalier.api.principal;

import dev.espalier.api.http.Answer;
import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.api.wire.NoFields;
import dev.espalier.control.Secrets;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.ClientSecrets;
import java.util.List;
import java.util.Optional;

/** The methods for client secrets of service principals, in the shape of Databricks' API. */
public final class SecretRoutes {

    private static final String ALL = "/api/2.0/accounts/servicePrincipals/{service_principal_id}/credentials/secrets";

    private final Secrets secrets;
    private final ClientSecrets maker;

    public SecretRoutes(Secrets secrets, ClientSecrets maker) {
        this.secrets = secrets;
        this.maker = maker;
    }

    public List<Route> routes() {
        return List.of(
                Route.post(
                                ALL,
                                "createServicePrincipalSecret",
                                "Makes a client secret and shows it, this once.",
                                SecretResource.class,
                                this::create)
                        .body(SecretRequest.class),
                Route.get(
                        ALL,
                        "listServicePrincipalSecrets",
                        "Lists the client secrets of a service principal, without the secrets.",
                        SecretList.class,
                        this::list),
                Route.delete(
                        ALL + "/{secret_id}",
                        "deleteServicePrincipalSecret",
                        "Revokes a client secret.",
                        NoFields.class,
                        this::delete));
    }

    private Object create(Request request) {
        String secret = maker.generate();
        Secrets.Secret kept = secrets.create(
                id(request), request.body(SecretRequest.class).lifetime(), others -> maker.keep(secret, others));
        return Answer.uncached(SecretResource.of(kept, Optional.of(secret)));
    }

    private Object list(Request request) {
        return new SecretList(secrets.list(id(request)).stream()
                .map(secret -> SecretResource.of(secret, Optional.empty()))
                .toList());
    }

    private Object delete(Request request) {
        secrets.delete(id(request), request.path("secret_id"));
        return new NoFields();
    }

    private static long id(Request request) {
        String id = request.path("service_principal_id");
        try {
            return Long.parseLong(id);
        } catch (NumberFormatException e) {
            throw new ControlException(
                    Code.NOT_FOUND,
                    "there is no service principal with the id " + id + ": an id is a number. List to find it.",
                    e);
        }
    }
}
