package dev.espalier.cli;

import static java.util.stream.Collectors.toMap;

import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ScopeType;

/** The command {@code espalier}. Start reading here: one class per noun, one method per call of the API. */
@Command(
        name = "espalier",
        description = "Instant copy-on-write branches for PostgreSQL",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Version.class,
        sortOptions = false,
        commandListHeading = "%nCommands:%n",
        exitCodeListHeading = "%nExit codes:%n")
public final class Espalier {
    private final Surroundings surroundings;

    @Mixin
    private final GlobalOptions options = new GlobalOptions();

    Espalier(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** Runs the command line and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(new Espalier(Surroundings.ofThisProcess()).run(arguments));
    }

    /** Runs one command line. Answers the exit code. */
    int run(String... arguments) {
        return commandLine().execute(arguments);
    }

    private CommandLine commandLine() {
        Session session = new Session(surroundings, options);
        CommandLine branches = new CommandLine(new Branches(session)).addSubcommand(new BranchDiff(session));
        CommandLine command = new CommandLine(this)
                .addSubcommand(new Up(session))
                .addSubcommand(new Down(session))
                .addSubcommand(new Status(session))
                .addSubcommand(new Projects(session))
                .addSubcommand(branches)
                .addSubcommand(new Endpoints(session))
                .addSubcommand(new Databases(session))
                .addSubcommand(new Roles(session))
                .addSubcommand(new Credentials(session))
                .addSubcommand(new Psql(session))
                .addSubcommand(new OperationCommands(session))
                .addSubcommand(new Calls(session))
                .addSubcommand(new SystemCommand(session))
                .addSubcommand(new Completion(surroundings.out()));
        command.getCommandSpec().usageMessage().exitCodeList(exitCodes()).footer(footer());
        return command.registerConverter(ShortDuration.class, new ShortDuration.Converter())
                .registerConverter(Timestamp.class, new Timestamp.Converter())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(surroundings.out())
                .setErr(surroundings.err())
                .setExecutionExceptionHandler((thrown, failed, parsed) -> report(session, thrown));
    }

    private static int report(Session session, Exception thrown) throws Exception {
        if (!(thrown instanceof Failure failure)) {
            throw thrown;
        }
        session.printer().note(failure.getMessage());
        if (session.printer().isJson()) {
            failure.body().ifPresent(body -> session.printer().text(body + "\n"));
        }
        return failure.exitCode().number();
    }

    private static Map<String, String> exitCodes() {
        return Arrays.stream(ExitCode.values())
                .collect(toMap(
                        code -> Integer.toString(code.number()),
                        ExitCode::meaning,
                        (one, other) -> one,
                        LinkedHashMap::new));
    }

    private static String[] footer() {
        return new String[0];
    }
}
