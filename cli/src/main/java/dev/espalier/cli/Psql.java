package dev.espalier.cli;

import dev.espalier.cli.client.GatewayLogin;
import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.ResourceNames;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code psql}: opens PostgreSQL's own client on a branch, through the gateway, signed in as who calls. */
@Command(
        name = "psql",
        description = "Open psql on a branch; what follows -- goes to psql, whose exit code is passed on")
final class Psql implements Callable<Integer> {
    static final String USUAL_DATABASE = "databricks_postgres";

    private static final String ROOT_CERTIFICATE = "PGSSLROOTCERT";

    /** What libpq takes for the certificates of the system, and refuses where the server's name is not checked, too. */
    private static final String SYSTEM = "system";

    private final Session session;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "BRANCH",
            description = "(default: the one in PGOPTIONS, or the project's default branch)")
    private @Nullable String branch;

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
            description = "the database (default: " + USUAL_DATABASE + ")")
    private @Nullable String database;

    @Option(
            names = "--endpoint",
            paramLabel = "ENDPOINT",
            description = "a read-only endpoint of the branch (default: its read-write one)")
    private @Nullable String endpoint;

    Psql(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path psql = installed();
        if (branch != null && branch.startsWith("-")) {
            // No branch begins so: without one, what follows -- begins in its place.
            arguments.addFirst(branch);
            branch = null;
        }
        String place = place();
        GatewayLogin gateway = GatewayLogin.of(session.api());
        List<String> command = new ArrayList<>(List.of(
                psql.toString(),
                "--host=" + gateway.host(),
                "--port=" + gateway.port(),
                "--username=" + gateway.user(),
                "--dbname=" + address(place)));
        command.addAll(arguments);
        ProcessBuilder process = new ProcessBuilder(command).inheritIO();
        process.environment().remove("CLASSPATH");
        process.environment().put("PGSSLMODE", "require");
        process.environment().put(ROOT_CERTIFICATE, rootCertificate(psql));
        // Not as an argument, which everyone on the machine can read.
        process.environment().put("PGPASSWORD", password(place));
        return process.start().waitFor();
    }

    /**
     * Name of the branch, or of the project: the gateway knows its default branch. With an endpoint it is always a branch, since a
     * credential names that.
     */
    private String place() {
        ResourceNames names = session.names();
        if (branch != null) {
            return names.branch(branch, in.project);
        }
        if (endpoint == null) {
            return names.project(in.project);
        }
        return ResourceNames.isFull(endpoint) ? ResourceNames.branchOf(endpoint) : names.defaultBranch(in.project);
    }

    /**
     * The one that the user names, else none, as there is none below a file: libpq would hold the gateway's certificate, which it has mostly
     * signed itself, against the one in ~/.postgresql, which is there for other servers, or against the system's.
     */
    private String rootCertificate(Path psql) {
        return Optional.ofNullable(session.surroundings().variables().get(ROOT_CERTIFICATE))
                .filter(named -> !named.equals(SYSTEM))
                .orElse(psql.resolve("none").toString());
    }

    /** A credential for an endpoint leads to that one alone. */
    private String password(String place) {
        if (endpoint == null) {
            return session.api().accessToken();
        }
        String chosen = session.names().endpoint(endpoint, place, in.project);
        ObjectNode body = Json.object().put("endpoint", chosen);
        return session.api()
                .post("credentials", Query.none(), body)
                .json()
                .path("token")
                .asString("");
    }

    /** {@code PROJECT/DATABASE[@BRANCH]}, as the gateway reads it. */
    private String address(String place) {
        String project = place.replaceFirst("/branches/.*", "");
        return ResourceNames.shortName(project) + "/" + (database == null ? USUAL_DATABASE : database)
                + (place.equals(project) ? "" : "@" + ResourceNames.shortName(place));
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
