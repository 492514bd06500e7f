package dev.espalier.server;

import dev.espalier.postgres.Installations;
import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.PostgresInstallation;
import dev.espalier.storage.Assessment;
import dev.espalier.storage.Backend;
import dev.espalier.storage.Space;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Looks at the machine, says what Espalier will use and why, and what would make it faster; repairs what it can. */
final class Doctor {

    private static final List<String> BTRFS_TOOLS = List.of("btrfs-progs");

    private final Settings settings;
    private final PrintStream out;
    private boolean healthy = true;

    Doctor(Settings settings) {
        this.settings = settings;
        this.out = System.out;
    }

    /** Returns whether Espalier can run. */
    boolean run(boolean fix) {
        OsUser user = OsUser.forPostgres(settings.systemUser());
        Path data = Home.dataDirectory(settings.home(), settings.dataDirectory(), user);
        good("JDK", Runtime.version() + " in " + System.getProperty("java.home"));
        good("home", settings.home() + ", data in " + data);
        good("PostgreSQL's user", user.name() + (user.dropped() ? " (Espalier runs as root and drops to it)" : ""));
        boolean running = Files.exists(settings.home().resolve("server.json"));
        if (!running) {
            // What is tried out below leaves traces; they must lie in a directory that is known to be Espalier's.
            try (Home home = Home.open(settings.home())) {
                home.dataDirectory(settings.dataDirectory(), user);
            }
        }
        postgres(data);
        if (fix) {
            installTools();
        }
        storage(data, user, fix, running);
        port(running, "http", settings.httpHost(), settings.httpPort());
        port(running, "gateway", settings.gateway().host(), settings.gateway().port());
        out.println(healthy ? "Espalier can run." : "Espalier cannot run until what is marked \"bad\" is repaired.");
        return healthy;
    }

    private void postgres(Path data) {
        Installations found = Installations.find(data.resolve("postgresql"), settings.installations());
        found.all().entrySet().stream()
                .sorted(java.util.Map.Entry.comparingByKey())
                .forEach(entry -> good(
                        "PostgreSQL " + entry.getKey(),
                        entry.getValue().version() + " in " + entry.getValue().home()));
        for (int major = PostgresInstallation.OLDEST; major <= PostgresInstallation.NEWEST; major++) {
            if (!found.all().containsKey(major)) {
                hint(
                        "PostgreSQL " + major,
                        "not found. To use it, apt-get install postgresql-" + major
                                + " or name its directory in postgres.installations");
            }
        }
    }

    private void installTools() {
        if (!Files.isExecutable(Path.of("/usr/bin/apt-get")) || OsUser.current().uid() != 0) {
            hint("file-system tools", "can be installed by --fix only as root on a system with apt-get");
            return;
        }
        if (Files.isExecutable(Path.of("/usr/bin/btrfs")) || Files.isExecutable(Path.of("/usr/sbin/mkfs.btrfs"))) {
            return;
        }
        out.println("        installing " + String.join(" ", BTRFS_TOOLS) + " ...");
        Apt.install(BTRFS_TOOLS);
        good("file-system tools", "installed " + String.join(" ", BTRFS_TOOLS));
    }

    private void storage(Path data, OsUser user, boolean fix, boolean running) {
        Storage storage = new Storage(data, user, settings.imageBytes());
        Optional<Storage.Choice> recorded = storage.recorded();
        List<Assessment> assessments = storage.assess();
        for (Assessment assessment : assessments) {
            String name = "storage " + Storage.lower(assessment.backend());
            if (assessment.available()) {
                good(name, assessment.reason());
            } else {
                hint(name, assessment.reason() + ". " + assessment.fix());
            }
        }
        Backend backend;
        if (recorded.isPresent()) {
            backend = recorded.get().backend();
            good(
                    "storage in use",
                    Storage.lower(backend) + ", recorded at the first start; change it with ./espalier storage move");
        } else {
            backend = settings.backend().orElseGet(storage::best);
            good("storage at the first start", Storage.lower(backend) + ", the best there is");
        }
        if (fix && !running) {
            try (Home home = Home.open(settings.home())) {
                Path made = home.dataDirectory(settings.dataDirectory(), user);
                Storage there = new Storage(made, user, settings.imageBytes());
                there.open(there.decide(settings.backend()).backend());
                good("storage", "made and mounted in " + there.volumes(backend));
            }
        }
        if (Files.exists(storage.volumes(backend))) {
            Space space = storage.open(backend).space();
            String free = (space.freeBytes() >> 20) + " MiB free of " + (space.totalBytes() >> 20) + " MiB";
            if (space.used() >= dev.espalier.engine.Engine.FULL) {
                bad("space", free + ": too full for new branches. Delete branches or enlarge the file system");
            } else if (space.used() >= dev.espalier.engine.Engine.NEARLY_FULL) {
                hint("space", free + ": from 90 % on no new branches are made");
            } else {
                good("space", free);
            }
        }
    }

    private void port(boolean running, String door, String host, int port) {
        String what = door + " port " + port;
        if (running) {
            good(what, "the server of this home is running");
            return;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            good(what, "free");
        } catch (IOException e) {
            bad(what, e.getMessage() + ". Stop what listens there, or set " + door + ".port to another one");
        }
    }

    private void good(String what, String finding) {
        line("good", what, finding);
    }

    private void hint(String what, String finding) {
        line("note", what, finding);
    }

    private void bad(String what, String finding) {
        healthy = false;
        line("bad ", what, finding);
    }

    private void line(String mark, String what, String finding) {
        out.printf("%s    %-26s %s%n", mark, what, finding);
    }
}
