package dev.espalier.api.scim;

import dev.espalier.api.http.QueryParameter;
import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.api.wire.NoFields;
import dev.espalier.control.Directory;
import dev.espalier.control.Directory.Change;
import dev.espalier.control.Directory.Entry;
import dev.espalier.control.metastore.Changed;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.PrincipalKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The methods for users, groups and service principals, in the shape of SCIM 2.0 (RFC 7644) as Databricks has it. */
public final class ScimRoutes {

    private static final String ROOT = "/api/2.0/preview/scim/v2";
    private static final long MOST = 10_000;
    private static final QueryParameter FILTER =
            QueryParameter.optional("filter", "Which to list, such as: displayName eq \"ann\".");
    private static final QueryParameter START =
            new QueryParameter("startIndex", QueryParameter.Type.NUMBER, false, "The first to list, counted from 1.");
    private static final QueryParameter COUNT =
            new QueryParameter("count", QueryParameter.Type.NUMBER, false, "Most items to answer with.");

    /**
     * One of the three kinds of resource.
     *
     * @param noun name in the names of methods
     * @param body what a client sends
     * @param resource what it gets
     */
    private record Kind<B extends ScimBody>(
            PrincipalKind kind,
            String path,
            String noun,
            Class<B> body,
            Function<Entry, Object> resource,
            Class<?> type) {

        String one() {
            return ROOT + path + "/{id}";
        }
    }

    private final Directory directory;

    public ScimRoutes(Directory directory) {
        this.directory = directory;
    }

    public List<Route> routes() {
        List<Route> routes = new ArrayList<>();
        routes.add(Route.get(ROOT + "/Me", "getMe", "Tells who has signed in.", MeResource.class, this::me)
                .forSignedIn());
        routes.addAll(of(new Kind<>(
                PrincipalKind.USER, "/Users", "User", UserBody.class, UserResource::of, UserResource.class)));
        routes.addAll(of(new Kind<>(
                PrincipalKind.SERVICE_PRINCIPAL,
                "/ServicePrincipals",
                "ServicePrincipal",
                ServicePrincipalBody.class,
                ServicePrincipalResource::of,
                ServicePrincipalResource.class)));
        routes.addAll(of(new Kind<>(
                PrincipalKind.GROUP, "/Groups", "Group", GroupBody.class, GroupResource::of, GroupResource.class)));
        return routes;
    }

    private <B extends ScimBody> List<Route> of(Kind<B> kind) {
        String noun = kind.kind().noun();
        return List.of(
                Route.get(
                                ROOT + kind.path(),
                                "list" + kind.noun() + "s",
                                "Lists the " + noun + "s.",
                                ScimList.class,
                                request -> list(kind, request))
                        .query(FILTER, START, COUNT),
                Route.post(
                                ROOT + kind.path(),
                                "create" + kind.noun(),
                                "Makes a " + noun + ".",
                                kind.type(),
                                request -> answer(
                                        kind,
                                        request,
                                        directory.create(
                                                request.principal(),
                                                request.body(kind.body()).create())))
                        .body(kind.body()),
                Route.get(
                        kind.one(),
                        "get" + kind.noun(),
                        "Shows a " + noun + ".",
                        kind.type(),
                        request -> kind.resource().apply(directory.get(kind.kind(), id(request)))),
                Route.put(
                                kind.one(),
                                "update" + kind.noun(),
                                "Replaces what there is of a " + noun + ".",
                                kind.type(),
                                request -> change(kind, request, request.body(kind.body())::replace))
                        .body(kind.body()),
                Route.patch(
                                kind.one(),
                                "patch" + kind.noun(),
                                "Changes a " + noun + ", or who is in a group.",
                                kind.type(),
                                request -> change(kind, request, request.body(ScimPatch.class)::apply))
                        .body(ScimPatch.class),
                Route.delete(
                        kind.one(),
                        "delete" + kind.noun(),
                        "Removes a " + noun + " for good.",
                        NoFields.class,
                        request -> answer(
                                kind, request, directory.delete(request.principal(), kind.kind(), id(request)))));
    }

    private Object me(Request request) {
        return MeResource.of(directory.get(request.principal()), request.principal());
    }

    private Object list(Kind<?> kind, Request request) {
        long start = Math.max(1, request.number(START.name(), 1));
        Directory.Found found = directory.list(
                kind.kind(),
                request.query(FILTER.name()).map(text -> ScimFilter.read(kind.kind(), text)),
                start - 1,
                Math.min(MOST, request.number(COUNT.name(), MOST)));
        return ScimList.of(found.entries().stream().map(kind.resource()).toList(), start, found.total());
    }

    private Object change(Kind<?> kind, Request request, Function<Entry, Change> change) {
        return answer(kind, request, directory.change(request.principal(), kind.kind(), id(request), entry -> {
            // Also of what is refused.
            request.changed(Optional.of(kind.resource().apply(entry)), Optional.empty());
            return change.apply(entry);
        }));
    }

    /** SCIM has no place for warnings: they stand in the audit. */
    private static Object answer(Kind<?> kind, Request request, Changed<Entry> changed) {
        Optional<Object> after = changed.after().map(kind.resource());
        request.changed(changed.before().map(kind.resource()), after);
        request.warned(changed.warnings());
        return after.orElseGet(NoFields::new);
    }

    private static long id(Request request) {
        String id = request.path("id");
        try {
            return Long.parseLong(id);
        } catch (NumberFormatException e) {
            throw new ControlException(
                    Code.NOT_FOUND, "there is nothing with the id " + id + ": an id is a number. List to find it.", e);
        }
    }
}
