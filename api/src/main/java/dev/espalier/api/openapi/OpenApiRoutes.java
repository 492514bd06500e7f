package dev.espalier.api.openapi;

import dev.espalier.api.http.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Where the API's document is. */
public final class OpenApiRoutes {

    private OpenApiRoutes() {}

    /** The routes, and one that documents all of them and itself. */
    public static List<Route> with(List<Route> routes, String version) {
        List<Route> all = new ArrayList<>(routes);
        all.add(Route.get(
                        "/api/openapi.json",
                        "getOpenApi",
                        "This document.",
                        Map.class,
                        _ -> OpenApiDocument.of(all, version))
                .withoutSignIn());
        return List.copyOf(all);
    }
}
