package dev.espalier.cli;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.client.ResourceNames;
import dev.espalier.cli.output.View;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Calls about who may use a project. */
@Command(name = "permissions", description = "Who may use a project besides the administrators")
final class Permissions {
    private static final String LIST = "access_control_list";

    private final Session session;

    Permissions(Session session) {
        this.session = session;
    }

    /** What can be given. */
    enum Level {
        CAN_USE,
        CAN_MANAGE
    }

    @Command(description = "List who may use a project")
    void list(@Mixin ProjectOption in) {
        session.printer().list(session.api().get(path(in), Query.none()), LIST, View.PERMISSION);
    }

    @Command(description = "List what can be given")
    void levels(@Mixin ProjectOption in) {
        session.printer()
                .list(
                        session.api().get(path(in) + "/permissionLevels", Query.none()),
                        "permission_levels",
                        View.PERMISSION_LEVEL);
    }

    @Command(description = "Let a user, a service principal or a group use or manage a project")
    void grant(
            @Parameters(paramLabel = "LEVEL", description = "${COMPLETION-CANDIDATES}") Level level,
            @Parameters(paramLabel = "PRINCIPAL") String principal,
            @Mixin ProjectOption in) {
        ObjectNode body = Json.object();
        body.putArray(LIST).addObject().put("principal", principal).put("permission_level", level.name());
        show(session.api().patch(path(in), Query.none(), body));
    }

    @Command(description = "Let these, and nobody else but the administrators, use or manage a project")
    void set(
            @Parameters(paramLabel = "PRINCIPAL=LEVEL", description = "LEVEL is can_use or can_manage", arity = "1..*")
                    Map<String, Level> all,
            @Mixin ProjectOption in) {
        ObjectNode body = Json.object();
        ArrayNode list = body.putArray(LIST);
        all.forEach((principal, level) ->
                list.addObject().put("principal", principal).put("permission_level", level.name()));
        show(session.api().put(path(in), Query.none(), body));
    }

    @Command(description = "Take a user, a service principal or a group off a project's list")
    void revoke(@Parameters(paramLabel = "PRINCIPAL") String principal, @Mixin ProjectOption in) {
        Query query = Query.none().with("principal", principal);
        show(session.api().delete(path(in), query));
    }

    private void show(Reply changed) {
        session.printer().list(changed, LIST, View.PERMISSION);
        UnityCatalog.warn(session, changed);
    }

    private String path(ProjectOption in) {
        return "/api/2.0/permissions/database-projects/"
                + ResourceNames.shortName(session.names().project(in.project));
    }
}
