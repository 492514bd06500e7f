package dev.espalier.server;

import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.RunningServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The PostgreSQL servers that a server which was killed has left running. */
final class LeftServers {

    private LeftServers() {}

    /**
     * Stops them at once, as a crash would; the next start recovers. Returns how many there were.
     *
     * @throws StartException if a process holds the home after all
     */
    static int stop(Settings settings) {
        Optional<RunningMark.Server> mark = RunningMark.read(settings.home());
        Path data = mark.flatMap(RunningMark.Server::data).orElseGet(() -> configured(settings));
        if (Home.isHeld(settings.home())) {
            throw new StartException(
                    "the home " + settings.home() + " is held by process " + Home.holder(settings.home())
                            + ", which is starting a server or moving the storage. Wait until it has, or end it with kill.");
        }
        if (!Files.isDirectory(data)) {
            return 0;
        }
        try (Home home = Home.open(settings.home())) {
            int stopped = RunningServers.stopAll(data);
            RunningMark.remove(home.path());
            return stopped;
        }
    }

    /** Where a start with these settings has its data. */
    static Path configured(Settings settings) {
        return Home.dataDirectory(
                settings.home(), settings.dataDirectory(), OsUser.expectedForPostgres(settings.systemUser()));
    }
}
