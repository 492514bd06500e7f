package dev.espalier.cli.client;

import static java.util.stream.Collectors.joining;

import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Turns what people type into the API's resource names. A full name ({@code projects/shop/branches/dev}) is taken as it is
 * everywhere; a short one is completed from what else was said.
 */
public final class ResourceNames {
    private final ApiClient api;
    private final Map<String, String> variables;

    public ResourceNames(ApiClient api, Map<String, String> variables) {
        this.api = api;
        this.variables = variables;
    }

    /** The project that was given, else {@code $ESPALIER_PROJECT}, else the only one there is. */
    public String project(@Nullable String given) {
        String id = given == null ? variables.getOrDefault("ESPALIER_PROJECT", "") : given;
        return id.isBlank() ? onlyProject() : under("", "projects", id);
    }

    public String branch(String given, @Nullable String project) {
        return isFull(given) ? given : under(project(project), "branches", given);
    }

    /** The default branch of the project, as the server says. */
    public String defaultBranch(@Nullable String project) {
        return api.get(project(project), Query.none())
                .json()
                .at("/status/default_branch")
                .asString("");
    }

    /** An endpoint of a branch, by its full name or its id. */
    public String endpoint(String given, @Nullable String branch, @Nullable String project) {
        return isFull(given) ? given : under(requiredBranch(branch, project), "endpoints", given);
    }

    /** A database of a branch, by its full name, its name in PostgreSQL or its id. */
    public String database(String given, @Nullable String branch, @Nullable String project) {
        return isFull(given) ? given : lookUp("database", given, requiredBranch(branch, project));
    }

    /** A role of a branch, by its full name, its name in PostgreSQL or its id. */
    public String role(String given, @Nullable String branch, @Nullable String project) {
        return isFull(given) ? given : lookUp("role", given, requiredBranch(branch, project));
    }

    /**
     * The one that has the name in PostgreSQL or the id. Ids made from names lose what tells these apart ({@code app_data} and
     * {@code app-data}), so that only the branch's own list says which one is meant.
     */
    private String lookUp(String noun, String given, String branch) {
        String kind = noun + "s";
        List<JsonNode> all = new Pages(api)
                .all(branch + "/" + kind, kind, Query.none())
                .json()
                .path(kind)
                .valueStream()
                .toList();
        Set<String> found = new LinkedHashSet<>();
        for (JsonNode one : all) {
            String name = one.path("name").asString("");
            if (given.equals(one.at("/status/postgres_" + noun).asString("")) || given.equals(shortName(name))) {
                found.add(name);
            }
        }
        return switch (found.size()) {
            case 1 -> found.iterator().next();
            case 0 ->
                throw new Failure(
                        ExitCode.NOT_FOUND,
                        "There is no " + noun + " '" + given + "' on " + branch + ". espalier " + kind
                                + " list shows those there are.");
            default ->
                throw new Failure(
                        ExitCode.USAGE,
                        "'" + given + "' is the name in PostgreSQL of one " + noun + " and the id of another: "
                                + String.join(", ", found) + ". Give one of these full names.");
        };
    }

    /** The branch that an option named, for calls that cannot do without. */
    public String requiredBranch(@Nullable String given, @Nullable String project) {
        if (given == null) {
            throw new Failure(
                    ExitCode.USAGE, "Which branch? Add --branch, or give the full name (projects/…/branches/…).");
        }
        return branch(given, project);
    }

    /** The last part of a name: {@code dev} of {@code projects/shop/branches/dev}. */
    public static String shortName(String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    /** The branch that something is on: {@code projects/shop/branches/dev} of {@code projects/shop/branches/dev/roles/anna}. */
    public static String branchOf(String name) {
        return name.replaceFirst("(/branches/[^/]+)/.*", "$1");
    }

    /** Whether it needs no completion. */
    public static boolean isFull(String given) {
        return given.startsWith("projects/");
    }

    private static String under(String parent, String kind, String given) {
        if (isFull(given)) {
            return given;
        }
        if (given.isBlank() || given.contains("/")) {
            throw new Failure(
                    ExitCode.USAGE,
                    "'" + given + "' is neither an id nor a full name (projects/…) of one of the " + kind + ".");
        }
        return (parent.isEmpty() ? "" : parent + "/") + kind + "/" + given;
    }

    private String onlyProject() {
        List<String> projects = new Pages(api)
                .all("projects", "projects", Query.none())
                .json()
                .path("projects")
                .valueStream()
                .map(project -> project.path("name").asString(""))
                .toList();
        return switch (projects.size()) {
            case 1 -> projects.getFirst();
            case 0 ->
                throw new Failure(
                        ExitCode.NOT_FOUND, "There is no project yet. Make one with: espalier projects create NAME");
            default ->
                throw new Failure(
                        ExitCode.USAGE,
                        "Which project? Add --project or set ESPALIER_PROJECT; there are: "
                                + projects.stream()
                                        .map(ResourceNames::shortName)
                                        .collect(joining(", ")));
        };
    }
}
