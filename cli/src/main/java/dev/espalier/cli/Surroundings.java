package dev.espalier.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * What the command has around it.
 *
 * @param variables the environment variables
 * @param userHome the user's home directory
 * @param terminal whether {@code err} is a terminal; a JVM cannot tell, the launcher can
 * @param launcher the launcher {@code ./espalier} that started this JVM, if one did
 */
record Surroundings(
        Map<String, String> variables,
        Path userHome,
        PrintWriter out,
        PrintWriter err,
        boolean terminal,
        Optional<Path> launcher,
        Clock clock) {

    /** Output is UTF-8 whatever the locale, so that what the API sent arrives unchanged. */
    static Surroundings ofThisProcess() {
        return new Surroundings(
                System.getenv(),
                Path.of(System.getProperty("user.home")),
                new PrintWriter(System.out, false, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                Boolean.getBoolean("espalier.terminal"),
                Optional.ofNullable(System.getProperty("espalier.launcher")).map(Path::of),
                Clock.systemUTC());
    }
}
