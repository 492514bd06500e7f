package dev.espalier.demo;

import dev.espalier.cli.client.ApiClient;
import dev.espalier.cli.client.Home;
import dev.espalier.cli.client.Transport;
import dev.espalier.cli.failure.Failure;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;

/** The program of {@code ./espalier demo}: the tour on the server of this home, which must be running. */
public final class Demo {

    private static final String HELP = """
            Usage: espalier demo [option of up]...
            Starts the server of this home, if it does not run, and shows what a branch can do: makes the project "backstage"
            with a catalog of 65 MB on its branch production, or takes the one that is there, makes a branch, breaks it,
            rewinds it to a second before, resets it, lets it sleep and drops it, all through the gateway. The server goes
            on running; ./espalier down ends it.

            Options of up follow, such as --http.port=8401 --gateway.port=5401; see ./espalier up --help.
            """;

    private Demo() {}

    /** Ends with 0, with 2 after a wrong argument, or with 1 after a message that names the cause and what to do. */
    public static void main(String[] arguments) {
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "" -> run();
            case "-h", "--help" -> System.out.print(HELP);
            default -> {
                System.err.println("espalier demo: \"" + arguments[0] + "\" is no option of the tour. See --help.");
                System.exit(2);
            }
        }
    }

    private static void run() {
        Home home = Home.of(System.getenv(), Path.of(System.getProperty("user.home")));
        try {
            Home.Server server = home.server()
                    .orElseThrow(() -> new IllegalStateException(
                            "no server runs on the home " + home.directory() + ". Start it with ./espalier up."));
            ApiClient api = new ApiClient(
                    new Transport(server.url(), "espalier-demo"),
                    System.getenv(),
                    home,
                    Clock.systemUTC(),
                    System.err::println);
            new Tour(api, System.out, Boolean.getBoolean("espalier.terminal")).run();
        } catch (Failure | SQLException | IllegalStateException e) {
            System.err.println("espalier demo: " + e.getMessage());
            System.exit(1);
        }
    }
}
