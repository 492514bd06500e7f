package dev.espalier.cli;

import dev.espalier.cli.client.Home;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The process of the server that a home names. */
record ServerProcess(Home.Server server, ProcessHandle handle) {
    private static final String MAIN_CLASS = "dev.espalier.server.Main";

    /**
     * The process, if it still runs. Process ids are used again after a crash or a restart of the machine, so that the
     * command line has to say that it is an Espalier server.
     */
    static Optional<ServerProcess> find(Home home) {
        return home.server()
                .flatMap(server -> ProcessHandle.of(server.pid())
                        .filter(ProcessHandle::isAlive)
                        .filter(handle -> commandLine(handle).contains(MAIN_CLASS))
                        .map(handle -> new ServerProcess(server, handle)));
    }

    private static String commandLine(ProcessHandle handle) {
        // Java's own answer is cut off after a page, which a long class path fills.
        Path whole = Path.of("/proc/" + handle.pid() + "/cmdline");
        try {
            return Files.isReadable(whole)
                    ? Files.readString(whole, StandardCharsets.ISO_8859_1)
                    : handle.info().commandLine().orElseThrow(() -> hidden(handle));
        } catch (IOException endedMeanwhile) {
            return "";
        }
    }

    private static Failure hidden(ProcessHandle handle) {
        return new Failure(
                ExitCode.NOT_ALLOWED,
                "Process " + handle.pid()
                        + ", which may be the server, belongs to another user and cannot be looked at."
                        + " Run this as the user that started the server.");
    }
}
