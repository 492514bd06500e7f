package dev.espalier.api.unitycatalog;

import static dev.espalier.api.http.QueryParameter.UPDATE_MASK;

import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.api.wire.NoFields;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.GovernedTag;
import dev.espalier.control.metastore.GovernedTags;
import java.util.List;

/** The methods for governed tags, which Databricks calls tag policies. Who may change one, its own privileges say. */
public final class GovernedTagRoutes {

    private static final String ALL = "/api/2.1/tag-policies";
    private static final String ONE = ALL + "/{tag_key}";

    private final GovernedTags tags;

    public GovernedTagRoutes(GovernedTags tags) {
        this.tags = tags;
    }

    public List<Route> routes() {
        return List.of(
                Route.post(
                                ALL,
                                "createTagPolicy",
                                "Makes a governed tag: a key that may be assigned.",
                                GovernedTagBody.class,
                                this::create)
                        .body(GovernedTagBody.class),
                Route.get(ALL, "listTagPolicies", "Lists the governed tags.", GovernedTagList.class, this::list)
                        .forSignedIn(),
                Route.get(ONE, "getTagPolicy", "Shows a governed tag.", GovernedTagBody.class, this::get)
                        .forSignedIn(),
                Route.patch(
                                ONE,
                                "updateTagPolicy",
                                "Changes a governed tag's description or values.",
                                GovernedTagBody.class,
                                this::update)
                        .query(UPDATE_MASK)
                        .body(GovernedTagBody.class)
                        .forSignedIn(),
                Route.delete(
                                ONE,
                                "deleteTagPolicy",
                                "Removes a governed tag that is not in use.",
                                NoFields.class,
                                this::delete)
                        .forSignedIn());
    }

    private Object create(Request request) {
        GovernedTagBody wanted = request.body(GovernedTagBody.class);
        return answer(
                request,
                tags.create(
                        request.principal(),
                        UnityCatalog.required(wanted.tagKey(), "tag_key"),
                        wanted.description(),
                        wanted.names()));
    }

    private Object list(Request request) {
        return new GovernedTagList(tags.list().stream().map(GovernedTagBody::of).toList());
    }

    private Object get(Request request) {
        return GovernedTagBody.of(tags.get(request.path("tag_key")));
    }

    private Object update(Request request) {
        GovernedTagBody wanted = request.body(GovernedTagBody.class);
        UpdateMask mask = UpdateMask.parse(request.query(UPDATE_MASK.name()), GovernedTagBody.FIELDS);
        return answer(
                request,
                tags.update(request.principal(), request.path("tag_key"), before -> wanted.applied(before, mask)));
    }

    private Object delete(Request request) {
        audit(request, tags.delete(request.principal(), request.path("tag_key")));
        return new NoFields();
    }

    private static GovernedTagBody answer(Request request, Changed<GovernedTag> changed) {
        audit(request, changed);
        return GovernedTagBody.of(changed.after().orElseThrow());
    }

    private static void audit(Request request, Changed<GovernedTag> changed) {
        request.changed(
                changed.before().map(GovernedTagBody::of), changed.after().map(GovernedTagBody::of));
    }
}
