package dev.espalier.server;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What {@code --help} says of the commands that this program runs. */
final class Help {

    private static final String SERVER = """
            Usage: espalier server [--KEY=VALUE]...
            Runs the server in the foreground until it is told to stop. ./espalier up runs it in the background.

            Settings, each also in espalier.toml in the home and, for instance, as ESPALIER_HTTP_PORT in the environment:
            """;

    private static final String DOCTOR = """
            Usage: espalier doctor [--fix] [-o table|json] [--KEY=VALUE]...
            Checks what this machine has and lacks for Espalier, and changes nothing; settings may follow as for the server.

              --fix                  make what is missing: the home, PostgreSQL's user and binaries, tools, the storage
              -o, --output=FORMAT    table, or json

            Ends with 0 if Espalier can run, with 1 if it cannot.
            """;

    private static final String STORAGE = """
            Usage: espalier storage move BACKEND [--KEY=VALUE]...
            Moves all volumes and their archives to btrfs, overlay, reflink or copy while no server runs (./espalier down).
            ./espalier doctor says which of them can be used here; docs/storage.md says what each costs.
            """;

    private Help() {}

    /** @param command {@code doctor}, {@code storage}, or anything else for the server */
    static String of(String command) {
        return switch (command) {
            case "doctor" -> DOCTOR;
            case "storage" -> STORAGE;
            default -> SERVER + settings();
        };
    }

    private static String settings() {
        return Arrays.stream(Setting.values())
                .map(setting ->
                        "  --" + setting.key() + "=" + setting.defaultValue() + "\n      " + setting.meaning() + "\n")
                .collect(Collectors.joining());
    }
}
