package dev.espalier.cli.client;

import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Users, service principals and groups of the server, by their names; the API has them by ids (SCIM 2.0). */
public final class Directory {
    private static final String ROOT = "/api/2.0/preview/scim/v2/";

    /** What a list of them has them under. */
    public static final String LIST = "Resources";

    /** The three kinds. */
    public enum Kind {
        USER("user", "Users", "userName"),
        PRINCIPAL("service principal", "ServicePrincipals", "displayName"),
        GROUP("group", "Groups", "displayName");

        private final String noun;
        private final String path;
        private final String name;

        Kind(String noun, String path, String name) {
            this.noun = noun;
            this.path = path;
            this.name = name;
        }

        public String noun() {
            return noun;
        }
    }

    private final ApiClient api;

    public Directory(ApiClient api) {
        this.api = api;
    }

    public Reply list(Kind kind) {
        return api.get(ROOT + kind.path, Query.none());
    }

    /** @param body without its name */
    public Reply create(Kind kind, String name, ObjectNode body) {
        body.put(kind.name, name);
        return api.post(ROOT + kind.path, Query.none(), body);
    }

    public Reply get(Kind kind, String name) {
        return api.get(path(kind, name), Query.none());
    }

    public void delete(Kind kind, String name) {
        api.delete(path(kind, name), Query.none());
    }

    /** Sets attributes of one. */
    public Reply update(Kind kind, String name, ObjectNode attributes) {
        ObjectNode patch = Json.object();
        patch.putArray("Operations").addObject().put("op", "replace").set("value", attributes);
        return api.patch(path(kind, name), Query.none(), patch);
    }

    public Reply addMembers(String group, Iterable<String> names) {
        ObjectNode patch = Json.object();
        ObjectNode operation =
                patch.putArray("Operations").addObject().put("op", "add").put("path", "members");
        for (String name : names) {
            operation.withArray("value").addObject().put("value", anyId(name));
        }
        return api.patch(path(Kind.GROUP, group), Query.none(), patch);
    }

    public Reply removeMembers(String group, Iterable<String> names) {
        ObjectNode patch = Json.object();
        for (String name : names) {
            patch.withArray("Operations")
                    .addObject()
                    .put("op", "remove")
                    .put("path", "members[value eq \"" + anyId(name) + "\"]");
        }
        return api.patch(path(Kind.GROUP, group), Query.none(), patch);
    }

    /** Where the secrets of a service principal are. */
    public String secrets(String principal) {
        return secretsOf(id(Kind.PRINCIPAL, principal));
    }

    /** The same, by its id. */
    public String secretsOf(String id) {
        return "/api/2.0/accounts/servicePrincipals/" + id + "/credentials/secrets";
    }

    private String path(Kind kind, String name) {
        return ROOT + kind.path + "/" + id(kind, name);
    }

    private String id(Kind kind, String name) {
        return find(kind, name)
                .orElseThrow(() -> new Failure(ExitCode.NOT_FOUND, "There is no " + kind.noun + " '" + name + "'."));
    }

    private String anyId(String name) {
        return Stream.of(Kind.values())
                .flatMap(kind -> find(kind, name).stream())
                .findFirst()
                .orElseThrow(() -> new Failure(
                        ExitCode.NOT_FOUND, "There is no user, service principal or group '" + name + "'."));
    }

    private Optional<String> find(Kind kind, String name) {
        Query filter = Query.none().with("filter", kind.name + " eq \"" + name + "\"");
        return api.get(ROOT + kind.path, filter)
                .json()
                .path(LIST)
                .valueStream()
                .map((JsonNode found) -> found.path("id").asString(""))
                .findFirst();
    }
}
