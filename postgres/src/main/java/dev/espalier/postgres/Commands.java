package dev.espalier.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs a short command to its end. */
final class Commands {

    private Commands() {}

    /** So that the locale of whoever started Espalier does not decide how a program of PostgreSQL words what it says. */
    static ProcessBuilder inPlainWords(ProcessBuilder builder) {
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("LC_") || name.startsWith("PG") || name.equals("LANGUAGE"));
        builder.environment().put("LANG", "C.UTF-8");
        return builder;
    }

    /**
     * Runs the command and returns what it printed.
     *
     * @throws PostgresException with the command's own words if it cannot be run or fails
     */
    static String run(List<String> command) {
        try {
            Process process = inPlainWords(new ProcessBuilder(command))
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (status != 0) {
                throw new PostgresException(
                        String.join(" ", command) + " ended with status " + status + ": " + output.strip());
            }
            return output;
        } catch (IOException e) {
            throw new PostgresException("cannot run " + command.getFirst() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresException("interrupted while running " + command.getFirst(), e);
        }
    }
}
