package dev.espalier.api.unitycatalog;

import static dev.espalier.api.http.QueryParameter.UPDATE_MASK;

import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.TagAssignment;
import dev.espalier.control.metastore.TagAssignments;
import dev.espalier.control.metastore.TagAssignments.Entity;
import java.util.List;
import java.util.Optional;

/** The methods for tags on catalogs, schemas, tables and columns. */
public final class TagAssignmentRoutes {

    private static final String ALL = UnityCatalog.ROOT + "/entity-tag-assignments";
    private static final String OF_ONE = ALL + "/{entity_type}/{entity_name}/tags";
    private static final String ONE = OF_ONE + "/{tag_key}";

    private final TagAssignments tags;

    public TagAssignmentRoutes(TagAssignments tags) {
        this.tags = tags;
    }

    public List<Route> routes() {
        return List.of(
                Route.post(
                                ALL,
                                "createEntityTagAssignment",
                                "Assigns a governed tag; policies heed it on every branch when this is answered.",
                                TagAssignmentBody.class,
                                this::create)
                        .body(TagAssignmentBody.class)
                        .forSignedIn(),
                Route.get(
                                OF_ONE,
                                "listEntityTagAssignments",
                                "Lists the tags of an entity itself.",
                                TagAssignmentList.class,
                                this::list)
                        .forSignedIn(),
                Route.get(
                                ONE,
                                "getEntityTagAssignment",
                                "Shows a tag of an entity.",
                                TagAssignmentBody.class,
                                this::get)
                        .forSignedIn(),
                Route.patch(
                                ONE,
                                "updateEntityTagAssignment",
                                "Gives a tag of an entity another value.",
                                TagAssignmentBody.class,
                                this::update)
                        .query(UPDATE_MASK)
                        .body(TagAssignmentBody.class)
                        .forSignedIn(),
                Route.delete(
                                ONE,
                                "deleteEntityTagAssignment",
                                "Takes a tag from an entity.",
                                Removed.class,
                                this::delete)
                        .forSignedIn());
    }

    private Object create(Request request) {
        TagAssignmentBody wanted = request.body(TagAssignmentBody.class);
        Entity entity = TaggedEntity.of(
                UnityCatalog.required(wanted.entityType(), "entity_type"),
                UnityCatalog.required(wanted.entityName(), "entity_name"));
        return answer(
                request,
                tags.create(
                        request.principal(),
                        entity,
                        UnityCatalog.required(wanted.tagKey(), "tag_key"),
                        wanted.tagValue().orElse("")));
    }

    private Object list(Request request) {
        return new TagAssignmentList(tags.list(request.principal(), entity(request)).stream()
                .map(tag -> TagAssignmentBody.of(tag, Optional.empty()))
                .toList());
    }

    private Object get(Request request) {
        return TagAssignmentBody.of(
                tags.get(request.principal(), entity(request), request.path("tag_key")), Optional.empty());
    }

    private Object update(Request request) {
        UpdateMask mask = UpdateMask.parse(request.query(UPDATE_MASK.name()), TagAssignmentBody.FIELDS);
        Optional<String> value = request.body(TagAssignmentBody.class).changed(mask);
        return value.isEmpty()
                ? get(request)
                : answer(
                        request,
                        tags.update(request.principal(), entity(request), request.path("tag_key"), value.get()));
    }

    private Object delete(Request request) {
        Changed<TagAssignment> changed = tags.delete(request.principal(), entity(request), request.path("tag_key"));
        audit(request, changed);
        return new Removed(changed.warnings());
    }

    private static TagAssignmentBody answer(Request request, Changed<TagAssignment> changed) {
        audit(request, changed);
        return TagAssignmentBody.of(changed.after().orElseThrow(), Optional.of(changed.warnings()));
    }

    private static void audit(Request request, Changed<TagAssignment> changed) {
        request.changed(
                changed.before().map(tag -> TagAssignmentBody.of(tag, Optional.empty())),
                changed.after().map(tag -> TagAssignmentBody.of(tag, Optional.empty())));
    }

    private static Entity entity(Request request) {
        return TaggedEntity.of(request.path("entity_type"), request.path("entity_name"));
    }
}
