package dev.espalier.cli;

import static java.util.stream.Collectors.toMap;

import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import dev.espalier.cli.output.Printer;
import dev.espalier.cli.output.Table;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code espalier}. Start reading here: one class per noun, one method per call of the API. */
@Command(
        name = "espalier",
        description = "Instant copy-on-write branches for PostgreSQL",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Version.class,
        sortOptions = false,
        commandListHeading = "%nCommands:%n")
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
        Map<String, Supplier<Object>> all = subcommands(new Session(surroundings, options));
        // Setting up all commands takes longer than running one; those that no argument names are left out.
        Map<String, Supplier<Object>> named = new LinkedHashMap<>(all);
        List<String> words = Arrays.asList(arguments);
        named.keySet()
                .removeIf(name -> !words.contains(name)
                        && singular(name).filter(words::contains).isEmpty());
        return commandLine(named.isEmpty() ? all : named).execute(arguments);
    }

    /** By name, in the order of the help text. */
    private Map<String, Supplier<Object>> subcommands(Session session) {
        Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
        commands.put("up", () -> new Up(session));
        commands.put("down", () -> new Down(session));
        commands.put("status", () -> new Status(session));
        commands.put("projects", () -> new Projects(session));
        commands.put("branches", () -> new CommandLine(new Branches(session)).addSubcommand(new BranchDiff(session)));
        commands.put("endpoints", () -> new Endpoints(session));
        commands.put("ports", () -> new Ports(session));
        commands.put("databases", () -> new Databases(session));
        commands.put("roles", () -> new Roles(session));
        commands.put("users", () -> new Users(session));
        commands.put("groups", () -> new Groups(session));
        commands.put("principals", () -> new Principals(session));
        commands.put("permissions", () -> new Permissions(session));
        commands.put("metastore", () -> new Metastore(session));
        commands.put("catalogs", () -> new Catalogs(session));
        commands.put("schemas", () -> new Schemas(session));
        commands.put("tables", () -> new Tables(session));
        commands.put("functions", () -> new Functions(session));
        commands.put("grants", () -> new Grants(session));
        commands.put("effective-grants", () -> new EffectiveGrants(session));
        commands.put("tags", () -> new Tags(session));
        commands.put("policies", () -> new Policies(session));
        commands.put("credentials", () -> new Credentials(session));
        commands.put("psql", () -> new Psql(session));
        commands.put("operations", () -> new OperationCommands(session));
        commands.put("calls", () -> new Calls(session));
        commands.put("audit", () -> new Audit(session));
        commands.put("prices", () -> new Prices(session));
        commands.put("usage", () -> new Usage(session));
        commands.put("system", () -> new SystemCommand(session));
        commands.put("openapi", () -> new OpenApi(session));
        commands.put(
                "completion",
                () -> new Completion(surroundings.out(), () -> LauncherCommands.addTo(commandLine(commands))));
        return commands;
    }

    private CommandLine commandLine(Map<String, Supplier<Object>> subcommands) {
        CommandLine command = new CommandLine(this);
        subcommands.forEach((name, subcommand) -> command.addSubcommand(
                name, subcommand.get(), singular(name).stream().toArray(String[]::new)));
        command.getCommandSpec()
                .usageMessage()
                .exitCodeListHeading("%nExit codes:%n")
                .exitCodeList(exitCodes())
                .footer(LauncherCommands.help());
        return command.registerConverter(ShortDuration.class, new ShortDuration.Converter())
                .registerConverter(Timestamp.class, new Timestamp.Converter())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(surroundings.out())
                .setErr(surroundings.err())
                .setParameterExceptionHandler((wrong, arguments) -> report(wrong))
                .setExecutionExceptionHandler((thrown, failed, parsed) -> report(thrown));
    }

    /** By which a group is called, too: {@code branch verify dev}. But {@code table} is what {@code --output} takes. */
    private static Optional<String> singular(String name) {
        if (name.equals("tables")) {
            return Optional.empty();
        }
        if (name.endsWith("ies")) {
            return Optional.of(name.substring(0, name.length() - "ies".length()) + "y");
        }
        if (name.endsWith("ches")) {
            return Optional.of(name.substring(0, name.length() - "es".length()));
        }
        return name.endsWith("s") && !name.endsWith("us")
                ? Optional.of(name.substring(0, name.length() - 1))
                : Optional.empty();
    }

    /** In a few lines; a group without its command shows what there is. */
    private int report(ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        PrintWriter err = surroundings.err();
        err.println(Table.printable(String.valueOf(wrong.getMessage())));
        UnmatchedArgumentException.printSuggestions(wrong, err);
        if (command.getSubcommands().isEmpty()) {
            err.println("See: " + command.getCommandSpec().qualifiedName() + " --help");
        } else {
            command.usage(err);
        }
        err.flush();
        return ExitCode.USAGE.number();
    }

    private int report(Exception thrown) throws Exception {
        if (!(thrown instanceof Failure failure)) {
            throw thrown;
        }
        Printer printer = new Printer(surroundings.out(), surroundings.err(), options.output);
        printer.note(failure.getMessage());
        failure.body().flatMap(_ -> Flags.in(failure.getMessage())).ifPresent(printer::note);
        if (printer.isJson()) {
            failure.body().ifPresent(body -> printer.text(body + "\n"));
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
}
