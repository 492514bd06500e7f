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

    private Demo() {}

    /** Ends with 0, or with 1 after a message that names the cause and what to do. */
    public static void main(String[] arguments) {
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
