package dev.espalier.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Finds and ends servers that an earlier process of Espalier has left running. */
public final class RunningServers {

    private static final long NANOS_TO_DIE = TimeUnit.SECONDS.toNanos(20);
    private static final long LOOK_MILLIS = 20;

    private RunningServers() {}

    /**
     * The servers whose data directory is this one or lies below it, each by its first process; also one that is only about
     * to become a server, and {@code initdb}, which runs servers to make a cluster.
     */
    public static List<ProcessHandle> on(Path directory) {
        String prefix = directory.toAbsolutePath().normalize().toString();
        List<ProcessHandle> all = ProcessHandle.allProcesses()
                .filter(process -> isBelow(process.pid(), prefix))
                .toList();
        // Until a child has a name of its own it has its parent's.
        return all.stream()
                .filter(process -> process.parent().filter(all::contains).isEmpty())
                .toList();
    }

    /** Stops all of them at once; the next start on their data recovers. Returns how many there were. */
    public static int stopAll(Path directory) {
        List<ProcessHandle> servers = on(directory);
        servers.forEach(server -> {
            // For initdb, which has inherited from the JVM that QUIT is blocked; a server takes the stronger of the
            // two.
            Signals.send(server.pid(), Signals.TERM);
            Signals.send(server.pid(), Signals.QUIT);
        });
        long deadline = deadline();
        servers.forEach(server -> {
            if (!waitFor(server, deadline)) {
                kill(server);
            }
        });
        killOrphans(directory);
        return servers.size();
    }

    /**
     * Ends the processes of servers whose first process was killed, which may go on writing to the directory or below it, and
     * waits for their end.
     *
     * @throws PostgresException if one does not end
     */
    public static void killOrphans(Path directory) {
        Path prefix = real(directory);
        List<ProcessHandle> orphans = ProcessHandle.allProcesses()
                .filter(process -> isAtWorkBelow(process.pid(), prefix))
                .toList();
        orphans.forEach(orphan -> Signals.send(orphan.pid(), Signals.KILL));
        long deadline = deadline();
        orphans.forEach(orphan -> {
            if (!waitFor(orphan, deadline)) {
                throw new PostgresException("process " + orphan.pid()
                        + " of a PostgreSQL server that was killed still works in " + directory
                        + " and does not end. Wait until the disk answers it, or restart the machine.");
            }
        });
    }

    /** Ends the postmaster and its children without any chance to clean up, and waits for their end. */
    static void kill(ProcessHandle server) {
        List<ProcessHandle> children = server.children().toList();
        Signals.send(server.pid(), Signals.KILL);
        children.forEach(child -> Signals.send(child.pid(), Signals.KILL));
        long deadline = deadline();
        waitFor(server, deadline);
        children.forEach(child -> waitFor(child, deadline));
    }

    private static long deadline() {
        return System.nanoTime() + NANOS_TO_DIE;
    }

    /** Waits for its end, whether or not its parent takes note of that: in a container often nobody does. */
    private static boolean waitFor(ProcessHandle process, long deadline) {
        while (true) {
            try {
                process.onExit().get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                return true;
            } catch (TimeoutException e) {
                if (isZombie(process.pid())) {
                    return true;
                }
                if (System.nanoTime() - deadline > 0) {
                    return false;
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }

    /** Its state follows its name, which stands in parentheses and may have some itself. */
    private static boolean isZombie(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
            return stat.startsWith(") Z", stat.lastIndexOf(')'));
        } catch (IOException e) {
            // Gone meanwhile.
            return false;
        }
    }

    /** The command line of a server's first process names the data directory; its children have retitled theirs. */
    private static boolean isBelow(long pid, String prefix) {
        try {
            byte[] commandLine = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "cmdline"));
            List<String> arguments = List.of(new String(commandLine, StandardCharsets.UTF_8).split("\0"));
            return isServer(arguments)
                    && dataDirectories(arguments)
                            .anyMatch(data -> data.equals(prefix) || data.startsWith(prefix + "/"));
        } catch (IOException | InvalidPathException e) {
            // Gone meanwhile, or a kernel thread.
            return false;
        }
    }

    /** All of a server's processes work in its data directory, whatever they call themselves. */
    private static boolean isAtWorkBelow(long pid, Path prefix) {
        Path process = Path.of("/proc", Long.toString(pid));
        try {
            return Files.readSymbolicLink(process.resolve("cwd")).startsWith(prefix)
                    && Files.readSymbolicLink(process.resolve("exe"))
                            .getFileName()
                            .toString()
                            .startsWith("postgres");
        } catch (IOException e) {
            // Gone meanwhile, or not ours to see.
            return false;
        }
    }

    private static Path real(Path directory) {
        try {
            return directory.toRealPath();
        } catch (IOException e) {
            return directory.toAbsolutePath().normalize();
        }
    }

    /** Also while the command that changes the user has not yet become the server. */
    private static boolean isServer(List<String> arguments) {
        return arguments.stream().map(Path::of).anyMatch(path -> path.endsWith("postgres") || path.endsWith("initdb"));
    }

    private static Stream<String> dataDirectories(List<String> arguments) {
        return Stream.concat(
                IntStream.range(1, arguments.size())
                        .filter(i -> arguments.get(i - 1).equals("-D"))
                        .mapToObj(arguments::get),
                arguments.stream()
                        .filter(argument -> argument.startsWith(PostgresInstallation.DATA_DIRECTORY))
                        .map(argument -> argument.substring(PostgresInstallation.DATA_DIRECTORY.length())));
    }
}
