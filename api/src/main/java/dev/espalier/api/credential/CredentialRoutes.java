package dev.espalier.api.credential;

import dev.espalier.api.http.Answer;
import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.control.AccessLists;
import dev.espalier.control.Endpoint;
import dev.espalier.control.Endpoints;
import dev.espalier.control.Permission;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.ResourceName;
import dev.espalier.identity.DatabaseCredentials;
import dev.espalier.identity.IssuedToken;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** The method for database credentials. */
public final class CredentialRoutes {

    private final Endpoints endpoints;
    private final AccessLists access;
    private final DatabaseCredentials credentials;
    private final Clock clock;

    public CredentialRoutes(Endpoints endpoints, AccessLists access, DatabaseCredentials credentials, Clock clock) {
        this.endpoints = endpoints;
        this.access = access;
        this.credentials = credentials;
        this.clock = clock;
    }

    public List<Route> routes() {
        return List.of(Route.post(
                        Route.ROOT + "/credentials",
                        "generateDatabaseCredential",
                        "Makes a token that stands for the caller's password at one endpoint.",
                        CredentialResource.class,
                        this::generate)
                .body(CredentialRequest.class)
                .forSignedIn());
    }

    private Object generate(Request request) {
        CredentialRequest wanted = request.body(CredentialRequest.class);
        ResourceName name = wanted.endpointName();
        request.about(name);
        access.require(request.principal(), name.project(), Permission.CAN_USE);
        Endpoint endpoint = endpoints.get(
                name.project(), name.branch().orElseThrow(), name.id().orElseThrow());
        Duration lifetime = wanted.lifetime(clock.instant());
        try {
            IssuedToken issued =
                    credentials.issue(request.principal(), endpoint.uid(), lifetime, wanted.limits(), wanted.actor());
            return Answer.uncached(new CredentialResource(issued.token(), issued.expires()));
        } catch (IllegalArgumentException e) {
            throw new ControlException(Code.INVALID_PARAMETER_VALUE, String.valueOf(e.getMessage()), e);
        }
    }
}
