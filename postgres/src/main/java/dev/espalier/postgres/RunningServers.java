package dev.espalier.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Finds and ends servers that an earlier process of Espalier has left running. */
public final class RunningServers {

    private static final int SECONDS_TO_DIE = 20;

    private RunningServers() {}

    /** The postmasters whose data directory is this one or lies below it. */
    public static List<ProcessHandle> on(Path directory) {
        String prefix = directory.toAbsolutePath().normalize().toString();
        return ProcessHandle.allProcesses()
                .filter(process -> isPostmasterBelow(process.pid(), prefix))
                .toList();
    }

    /** Stops all of them at once; the next start on their data recovers. Returns how many there were. */
    public static int stopAll(Path directory) {
        List<ProcessHandle> servers = on(directory);
        servers.forEach(server -> Signals.send(server.pid(), Signals.QUIT));
        servers.forEach(server -> {
            if (!waitFor(server)) {
                kill(server);
            }
        });
        return servers.size();
    }

    /** Ends the postmaster and its children without any chance to clean up, and waits for their end. */
    static void kill(ProcessHandle server) {
        List<ProcessHandle> children = server.children().toList();
        Signals.send(server.pid(), Signals.KILL);
        children.forEach(child -> Signals.send(child.pid(), Signals.KILL));
        waitFor(server);
        children.forEach(RunningServers::waitFor);
    }

    private static boolean waitFor(ProcessHandle process) {
        try {
            process.onExit().get(SECONDS_TO_DIE, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** A postmaster's command line holds {@code -D} and the directory; its children have retitled theirs. */
    private static boolean isPostmasterBelow(long pid, String prefix) {
        try {
            String[] arguments = new String(
                            Files.readAllBytes(Path.of("/proc", Long.toString(pid), "cmdline")), StandardCharsets.UTF_8)
                    .split("\0");
            if (!Path.of(arguments[0]).endsWith("postgres")) {
                return false;
            }
            return Stream.iterate(1, i -> i < arguments.length, i -> i + 1)
                    .anyMatch(i -> arguments[i - 1].equals("-D")
                            && (arguments[i].equals(prefix) || arguments[i].startsWith(prefix + "/")));
        } catch (IOException | java.nio.file.InvalidPathException e) {
            // Gone meanwhile, or a kernel thread.
            return false;
        }
    }
}
