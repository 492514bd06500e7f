package dev.espalier.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs a program of the system; for what is done once, never for what a branch waits for. */
final class Command {

    private Command() {}

    /**
     * Waits for the program and returns what it printed.
     *
     * @param fix what to do if it cannot be run or fails
     */
    static String run(String fix, String... command) {
        String shown = String.join(" ", List.of(command));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int status = process.waitFor();
            if (status != 0) {
                throw new StorageException(shown + " ended with status " + status + ": " + output, fix);
            }
            return output;
        } catch (IOException e) {
            throw new StorageException("cannot run " + shown + ": " + e.getMessage(), fix, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StorageException("interrupted while " + shown + " was running", e);
        }
    }

    /** Whether the program did what it was asked; for what is good to have and not needed. */
    static boolean tried(String... command) {
        try {
            run("", command);
            return true;
        } catch (StorageException e) {
            return false;
        }
    }
}
