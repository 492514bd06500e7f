package dev.espalier.api.http;

import io.javalin.http.HandlerType;
import java.util.List;
import java.util.Optional;

/**
 * One method of the API: what the server registers and what the API's document is made from.
 *
 * @param path with parameters in braces
 * @param operationId name of the method
 * @param summary one sentence
 * @param body what it takes; empty for nothing
 * @param bodyType media type of that
 * @param largestBody bytes of it that are read at most
 * @param answer what it answers with
 * @param access who may call it
 */
public record Route(
        HandlerType method,
        String path,
        String operationId,
        String summary,
        List<QueryParameter> query,
        Optional<Class<?>> body,
        String bodyType,
        long largestBody,
        Class<?> answer,
        Access access,
        Action action) {

    /** Where the methods for projects and all below them are. */
    public static final String ROOT = "/api/2.0/postgres";

    private static final String JSON = "application/json";

    /** What almost all methods do with. */
    private static final long USUAL_BODY = 1 << 20;

    public static Route get(String path, String operationId, String summary, Class<?> answer, Action action) {
        return of(HandlerType.GET, path, operationId, summary, answer, action);
    }

    public static Route post(String path, String operationId, String summary, Class<?> answer, Action action) {
        return of(HandlerType.POST, path, operationId, summary, answer, action);
    }

    public static Route patch(String path, String operationId, String summary, Class<?> answer, Action action) {
        return of(HandlerType.PATCH, path, operationId, summary, answer, action);
    }

    public static Route put(String path, String operationId, String summary, Class<?> answer, Action action) {
        return of(HandlerType.PUT, path, operationId, summary, answer, action);
    }

    public static Route delete(String path, String operationId, String summary, Class<?> answer, Action action) {
        return of(HandlerType.DELETE, path, operationId, summary, answer, action);
    }

    private static Route of(
            HandlerType method, String path, String operationId, String summary, Class<?> answer, Action action) {
        Access access = path.contains("{project_id}") ? Access.PROJECT : Access.ADMINISTRATOR;
        return new Route(
                method,
                path,
                operationId,
                summary,
                List.of(),
                Optional.empty(),
                JSON,
                USUAL_BODY,
                answer,
                access,
                action);
    }

    public Route query(QueryParameter... parameters) {
        return new Route(
                method,
                path,
                operationId,
                summary,
                List.of(parameters),
                body,
                bodyType,
                largestBody,
                answer,
                access,
                action);
    }

    public Route body(Class<?> type) {
        return takes(type, JSON);
    }

    /** Takes bodies of so many bytes, which are not what most methods do with. */
    public Route largestBody(long bytes) {
        return new Route(method, path, operationId, summary, query, body, bodyType, bytes, answer, access, action);
    }

    /** Takes a form as HTML sends it. */
    public Route form(Class<?> type) {
        return takes(type, "application/x-www-form-urlencoded");
    }

    /** Whether what it is sent stands in the audit: bodies in JSON hold no secrets, the form for tokens does. */
    boolean isRecordedWithItsBody() {
        return body.isPresent() && bodyType.equals(JSON);
    }

    /** Whether it can be called without having signed in. */
    public boolean open() {
        return access == Access.ANYONE;
    }

    /** Can be called by whoever has signed in. */
    public Route forSignedIn() {
        return by(Access.SIGNED_IN);
    }

    /** Can be called by those, too, who may make branches by the catalogs' grants. */
    public Route forMakersOfBranches() {
        return by(Access.BRANCH);
    }

    /** Can be called without having signed in. */
    public Route withoutSignIn() {
        return by(Access.ANYONE);
    }

    private Route by(Access whom) {
        return new Route(method, path, operationId, summary, query, body, bodyType, largestBody, answer, whom, action);
    }

    private Route takes(Class<?> type, String mediaType) {
        return new Route(
                method,
                path,
                operationId,
                summary,
                query,
                Optional.of(type),
                mediaType,
                largestBody,
                answer,
                access,
                action);
    }
}
