package dev.espalier.postgres;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The programs of one PostgreSQL version.
 *
 * @param home directory with {@code bin/postgres} and {@code bin/initdb}
 * @param version as the program says it, for instance {@code 18.6}
 */
public record PostgresInstallation(Path home, String version) {

    /** The oldest and newest major version that Espalier is tested with. */
    public static final int OLDEST = 15;

    /** See {@link #OLDEST}. */
    public static final int NEWEST = 18;

    /** Name of the superuser that owns every cluster and that nobody but Espalier can sign in as. */
    public static final String SUPERUSER = "espalier";

    /** The option of initdb that names the data directory. */
    static final String DATA_DIRECTORY = "--pgdata=";

    private static final Pattern VERSION = Pattern.compile("postgres \\(PostgreSQL\\) (\\d+(\\.\\d+)*)");

    private static final Pattern FATAL = Pattern.compile("(?m)FATAL: +(.*)$");

    /** Asks the programs below {@code home} for their version. */
    public static PostgresInstallation at(Path home) {
        Path program = home.resolve("bin/postgres");
        if (!Files.isExecutable(program)) {
            throw new PostgresException("there is no program " + program + ". Name the directory above bin/postgres.");
        }
        String output = Commands.run(List.of(program.toString(), "--version"));
        Matcher matcher = VERSION.matcher(output);
        if (!matcher.find()) {
            throw new PostgresException(program + " does not say a PostgreSQL version but: " + output.strip());
        }
        return new PostgresInstallation(home, matcher.group(1));
    }

    public int major() {
        int dot = version.indexOf('.');
        return Integer.parseInt(dot < 0 ? version : version.substring(0, dot));
    }

    /**
     * What a server on the data directory would say against the settings, without starting one.
     *
     * @return PostgreSQL's own words; empty if it takes all of them
     */
    public Optional<String> refusalOf(Map<String, String> settings, Path dataDirectory, OsUser user) {
        List<String> command =
                new ArrayList<>(List.of(program("postgres").toString(), "-D", dataDirectory.toString(), "-C", "port"));
        settings.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        try {
            Commands.run(user.command(command));
            return Optional.empty();
        } catch (PostgresException e) {
            String words = String.valueOf(e.getMessage());
            return Optional.of(FATAL.matcher(words)
                    .results()
                    .map(found -> found.group(1))
                    .findFirst()
                    .orElse(words));
        }
    }

    Path program(String name) {
        return home.resolve("bin").resolve(name);
    }

    /**
     * Makes a new cluster in an empty directory that belongs to {@code user}: UTF-8, the C.UTF-8 locale of the built-in
     * or the C library's provider (the same order on every machine), data checksums on, no way to sign in but the
     * Unix socket.
     */
    public void initialise(Path dataDirectory, OsUser user) {
        List<String> locale = major() >= 17
                ? List.of("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
                : List.of("--locale=C.UTF-8");
        List<String> command = new ArrayList<>(List.of(
                program("initdb").toString(),
                DATA_DIRECTORY + dataDirectory,
                "--username=" + SUPERUSER,
                "--auth-local=peer",
                "--auth-host=reject",
                "--encoding=UTF8",
                "--data-checksums",
                "--no-instructions"));
        command.addAll(locale);
        Commands.run(user.command(command));
    }
}
