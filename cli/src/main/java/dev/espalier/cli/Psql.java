package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code psql}: wakes a branch's primary endpoint and opens PostgreSQL's own client on it. */
@Command(
        name = "psql",
        description = "Open psql on a branch; what follows -- goes to psql, whose exit code is passed on")
final class Psql implements Callable<Integer> {
    private static final String USUAL_DATABASE = "databricks_postgres";
    private static final String SUPERUSER = "DATABRICKS_SUPERUSER";

    private final Session session;

    @Parameters(index = "0", paramLabel = "BRANCH")
    private String branch = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "[-- ARGS...]",
            hideParamSyntax = true,
            description = "arguments of psql")
    private List<String> arguments = new ArrayList<>();

    @Mixin
    private ProjectOption in = new ProjectOption();

    @Option(
            names = {"-d", "--database"},
            paramLabel = "NAME",
            description = "the database (default: " + USUAL_DATABASE + ", else the only one)")
    private @Nullable String database;

    @Option(
            names = {"-r", "--role"},
            paramLabel = "NAME",
            description = "the role to sign in as (default: the one that is a member of " + SUPERUSER + ")")
    private @Nullable String role;

    Psql(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path psql = installed();
        String name = session.names().branch(branch, in.project);
        String host = wake(name);
        List<String> command = new ArrayList<>(List.of(
                psql.toString(),
                "--host=" + host,
                "--port=5432",
                "--dbname=" + (database == null ? usualDatabase(name) : database),
                "--username=" + (role == null ? usualRole(name) : role)));
        command.addAll(arguments);
        ProcessBuilder process = new ProcessBuilder(command).inheritIO();
        process.environment().remove("CLASSPATH");
        return process.start().waitFor();
    }

    private String wake(String branchName) {
        Reply woken = session.await(session.act(branchName + "/endpoints/" + Endpoints.PRIMARY, "wake"));
        String host = woken.json().at("/response/status/hosts/host").asString("");
        if (host.isEmpty()) {
            throw new Failure(ExitCode.OTHER, "The server does not say where the endpoint of " + branchName + " is.");
        }
        return host;
    }

    private String usualDatabase(String branchName) {
        List<JsonNode> databases = list(branchName, "databases");
        return one(
                databases.stream()
                                .anyMatch(each ->
                                        nameOf(each, "postgres_database").equals(USUAL_DATABASE))
                        ? List.of(USUAL_DATABASE)
                        : databases.stream()
                                .map(each -> nameOf(each, "postgres_database"))
                                .toList(),
                "database",
                "--database");
    }

    private String usualRole(String branchName) {
        List<JsonNode> roles = list(branchName, "roles");
        List<JsonNode> superusers = roles.stream()
                .filter(each -> each.at("/status/membership_roles")
                        .valueStream()
                        .anyMatch(of -> of.asString("").equals(SUPERUSER)))
                .toList();
        return one(
                (superusers.isEmpty() ? roles : superusers)
                        .stream().map(each -> nameOf(each, "postgres_role")).toList(),
                "role",
                "--role");
    }

    private List<JsonNode> list(String branchName, String kind) {
        return session.pages()
                .all(branchName + "/" + kind, kind, Query.none())
                .json()
                .path(kind)
                .valueStream()
                .toList();
    }

    private static String nameOf(JsonNode resource, String field) {
        return resource.path("status").path(field).asString("");
    }

    private static String one(List<String> candidates, String what, String option) {
        if (candidates.size() != 1) {
            throw new Failure(
                    ExitCode.USAGE,
                    candidates.isEmpty()
                            ? "The branch has no " + what + ". Name one with " + option + "."
                            : "Which " + what + "? Add " + option + "; there are: " + String.join(", ", candidates));
        }
        return candidates.getFirst();
    }

    private Path installed() {
        String path = session.surroundings().variables().getOrDefault("PATH", "");
        return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
                .splitAsStream(path)
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, "psql"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new Failure(ExitCode.OTHER, """
                        psql, PostgreSQL's client, is not installed.
                          Debian, Ubuntu:  sudo apt install postgresql-client
                          Fedora:          sudo dnf install postgresql
                          macOS:           brew install libpq && brew link --force libpq"""));
    }
}
