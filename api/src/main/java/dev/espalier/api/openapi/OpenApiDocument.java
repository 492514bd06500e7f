package dev.espalier.api.openapi;

import dev.espalier.api.http.ErrorBody;
import dev.espalier.api.http.QueryParameter;
import dev.espalier.api.http.Route;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The API's document (OpenAPI 3.1), made from the routes that the server registers, so that the two cannot differ. */
public final class OpenApiDocument {

    private static final Pattern PATH_PARAMETER = Pattern.compile("\\{([^}]+)}");
    private static final String BEARER = "access_token";
    private static final String BASIC = "client_credentials";
    private static final String ERROR = "Error";

    private final Schemas schemas = new Schemas();

    private OpenApiDocument() {}

    /** @param version of Espalier */
    public static Map<String, Object> of(List<Route> routes, String version) {
        return new OpenApiDocument().document(routes, version);
    }

    private Map<String, Object> document(List<Route> routes, String version) {
        Map<String, Map<String, Object>> paths = new TreeMap<>();
        for (Route route : routes) {
            paths.computeIfAbsent(route.path(), _ -> new LinkedHashMap<>())
                    .put(route.method().name().toLowerCase(Locale.ROOT), operation(route));
        }
        Map<String, Object> error = Map.of(
                "description",
                "Refused or failed; the message says why and what to do.",
                "content",
                json(ErrorBody.class));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("openapi", "3.1.0");
        document.put("info", info(version));
        document.put("security", List.of(Map.of(BEARER, List.of())));
        document.put("paths", paths);
        document.put(
                "components",
                Map.of(
                        "securitySchemes",
                        Map.of(
                                BEARER,
                                Map.of("type", "http", "scheme", "bearer", "bearerFormat", "JWT"),
                                BASIC,
                                Map.of("type", "http", "scheme", "basic")),
                        "responses",
                        Map.of(ERROR, error),
                        "schemas",
                        schemas.named()));
        return document;
    }

    private static Map<String, Object> info(String version) {
        return Map.of(
                "title",
                "Espalier",
                "version",
                version,
                "summary",
                "Instant copy-on-write branches for PostgreSQL, in the shapes of Databricks' Postgres API.",
                "license",
                Map.of("name", "Apache-2.0", "identifier", "Apache-2.0"));
    }

    private Map<String, Object> operation(Route route) {
        Map<String, Object> operation = new LinkedHashMap<>();
        operation.put("operationId", route.operationId());
        operation.put("summary", route.summary());
        if (route.open()) {
            boolean form = route.body().isPresent();
            operation.put("security", form ? List.of(Map.of(BASIC, List.of())) : List.of());
        }
        List<Object> parameters = parameters(route);
        if (!parameters.isEmpty()) {
            operation.put("parameters", parameters);
        }
        route.body()
                .ifPresent(type -> operation.put(
                        "requestBody",
                        Map.of("content", Map.of(route.bodyType(), Map.of("schema", schemas.of(type))))));
        operation.put(
                "responses",
                Map.of(
                        "200",
                        Map.of("description", "Done.", "content", json(route.answer())),
                        "default",
                        Map.of("$ref", "#/components/responses/" + ERROR)));
        return operation;
    }

    private static List<Object> parameters(Route route) {
        List<Object> parameters = new ArrayList<>();
        PATH_PARAMETER
                .matcher(route.path())
                .results()
                .forEach(match -> parameters.add(Map.of(
                        "name", match.group(1), "in", "path", "required", true, "schema", Map.of("type", "string"))));
        for (QueryParameter parameter : route.query()) {
            parameters.add(Map.of(
                    "name",
                    parameter.name(),
                    "in",
                    "query",
                    "required",
                    parameter.required(),
                    "description",
                    parameter.meaning(),
                    "schema",
                    schema(parameter)));
        }
        return parameters;
    }

    private static Map<String, Object> schema(QueryParameter parameter) {
        return switch (parameter.type()) {
            case TEXT -> Map.of("type", "string");
            case COUNT -> Map.of("type", "integer", "minimum", 0, "maximum", 100);
            case NUMBER -> Map.of("type", "integer", "minimum", 0);
            case FLAG -> Map.of("type", "boolean", "default", false);
            case TIME -> Map.of("type", "string", "format", "date-time");
        };
    }

    private Map<String, Object> json(Class<?> type) {
        return Map.of("application/json", Map.of("schema", schemas.of(type)));
    }
}
