package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.output.View;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** Calls about projects. */
@Command(
        name = "projects",
        description = "Projects: a PostgreSQL version, its branches, and how long their history is kept")
final class Projects {
    private final Session session;

    Projects(Session session) {
        this.session = session;
    }

    /** What creating and updating a project have in common. */
    static final class Settings {
        @Option(names = "--display-name", paramLabel = "TEXT", description = "a name for people")
        @Nullable
        String displayName;

        @Option(
                names = "--history-retention",
                paramLabel = "DURATION",
                description = "how far back branches can be made, from 2d to 35d")
        @Nullable
        ShortDuration historyRetention;

        @Option(
                names = "--native-login",
                negatable = true,
                description = "refused: sign-in is the gateway's; --no-native-login says so")
        @Nullable
        Boolean nativeLogin;

        @Option(names = "--tag", paramLabel = "KEY=VALUE", description = "a tag for the bill; may be repeated")
        @Nullable
        Map<String, String> tags;

        @Option(
                names = "--extensions",
                split = ",",
                paramLabel = "NAME",
                description = "the extensions that may be made in its databases; * for all that PostgreSQL trusts")
        @Nullable
        List<String> extensions;

        @Mixin
        ComputeOptions compute = new ComputeOptions();

        Spec spec() {
            Spec spec = new Spec()
                    .set("display_name", displayName)
                    .set("history_retention_duration", historyRetention)
                    .set("enable_pg_native_login", nativeLogin)
                    .set("custom_tags", tags == null ? null : asList(tags))
                    .set("extensions_allowed", extensions);
            compute.intoProject(spec);
            return spec;
        }

        private static List<Map<String, String>> asList(Map<String, String> tags) {
            return tags.entrySet().stream()
                    .map(tag -> Map.of("key", tag.getKey(), "value", tag.getValue()))
                    .toList();
        }
    }

    @Command(description = "Create a project, with its branch production")
    void create(
            @Parameters(paramLabel = "PROJECT", description = "its id: small letters, digits, hyphens") String project,
            @Option(names = "--postgres", paramLabel = "MAJOR", description = "PostgreSQL's major version") @Nullable
                    Integer postgres,
            @Option(names = "--protected", description = "protect the branch production") boolean protect,
            @Mixin Settings settings) {
        ObjectNode resource = settings.spec().set("pg_version", postgres).resource();
        if (protect) {
            resource.putObject("initial_branch_spec").put("is_protected", true);
        }
        Reply begun = session.api().post("projects", Query.none().with("project_id", project), resource);
        session.finish(begun, View.PROJECT, "Created " + project);
    }

    @Command(description = "Show a project")
    void get(@Parameters(paramLabel = "PROJECT") String project) {
        session.printer().details(session.api().get(session.names().project(project), Query.none()));
    }

    @Command(description = "List the projects")
    void list(
            @Mixin Paging paging,
            @Option(names = "--deleted", description = "also those that are deleted and not yet purged")
                    boolean deleted) {
        session.list("projects", "projects", View.PROJECT, paging, Query.none().withFlag("show_deleted", deleted));
    }

    @Command(description = "Change a project")
    void update(
            @Parameters(paramLabel = "PROJECT") String project,
            @Option(
                            names = "--default-branch",
                            paramLabel = "BRANCH",
                            description = "the branch that others are made from if nothing else is said")
                    @Nullable
                    String defaultBranch,
            @Mixin Settings settings) {
        String name = session.names().project(project);
        Spec spec = settings.spec();
        if (defaultBranch != null) {
            spec.set("default_branch", session.names().branch(defaultBranch, name));
        }
        session.finish(
                session.api().patch(name, spec.updateMask(), spec.resource()), View.PROJECT, "Updated " + project);
    }

    @Command(description = "Delete a project and all its branches")
    void delete(
            @Parameters(paramLabel = "PROJECT") String project,
            @Option(names = "--purge", description = "at once and for good; there is no undelete") boolean purge) {
        Reply begun = session.api()
                .delete(session.names().project(project), Query.none().withFlag("purge", purge));
        session.finish(begun, View.PROJECT, "Deleted " + project);
    }

    @Command(description = "Bring a deleted project back")
    void undelete(@Parameters(paramLabel = "PROJECT") String project) {
        Reply begun = session.act(session.names().project(project), "undelete");
        session.finish(begun, View.PROJECT, "Undeleted " + project);
    }
}
