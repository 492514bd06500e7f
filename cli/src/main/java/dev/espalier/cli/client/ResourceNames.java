package dev.espalier.cli.client;

import static java.util.stream.Collectors.joining;

import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns what people type into the API's resource names. A full name ({@code projects/shop/branches/dev}) is taken as it is
 * everywhere; a short one is completed from what else was said.
 */
public final class ResourceNames {
    private static final int LONGEST_ID = 63;

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

    /**
     * Something on a branch.
     *
     * @param kind {@code endpoints}, {@code databases} or {@code roles}
     * @param given its full name, its id, or its name in PostgreSQL
     */
    public String onBranch(String kind, String given, @Nullable String branch, @Nullable String project) {
        return isFull(given) ? given : under(requiredBranch(branch, project), kind, idOf(given));
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

    /**
     * The resource id that the server makes from a name that PostgreSQL knows: ids begin with a letter, and have no capital
     * letters and no characters but letters, digits and hyphens ({@code app_data} is {@code app-data}, {@code 2024} is
     * {@code r-2024}).
     */
    static String idOf(String postgresName) {
        String id = postgresName
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-+|-+$", "");
        String named = id.matches("[a-z].*") ? id : "r-" + id;
        return named.substring(0, Math.min(named.length(), LONGEST_ID));
    }

    private static boolean isFull(String given) {
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
