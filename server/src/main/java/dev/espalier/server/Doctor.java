package dev.espalier.server;

import dev.espalier.engine.Engine;
import dev.espalier.postgres.Installations;
import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.PostgresInstallation;
import dev.espalier.postgres.RunningServers;
import dev.espalier.storage.Assessment;
import dev.espalier.storage.Backend;
import dev.espalier.storage.Space;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Looks at the machine, says what Espalier will use and why, and what would make it faster. It changes nothing unless it is
 * told to repair; whatever is wrong with one thing, it looks at the others too.
 */
final class Doctor {

    private static final List<String> BTRFS_TOOLS = List.of("btrfs-progs");

    private final Settings settings;
    private final Findings findings = new Findings();

    Doctor(Settings settings) {
        this.settings = settings;
    }

    /** @param fix whether to make what is missing */
    Findings look(boolean fix) {
        findings.good("JDK", Runtime.version() + " in " + System.getProperty("java.home"));
        OsUser user = user(fix);
        Optional<RunningMark.Server> mark =
                attempt("server", () -> RunningMark.read(settings.home())).flatMap(found -> found);
        boolean held = attempt("server", () -> Home.isHeld(settings.home())).orElse(true);
        mark.flatMap(RunningMark.Server::data)
                .or(() -> attempt(
                        "data directory", () -> Home.dataDirectory(settings.home(), settings.dataDirectory(), user)))
                .ifPresent(data -> look(data, user, held, mark, fix));
        if (!held) {
            port("http", settings.httpHost(), settings.httpPort());
            port("gateway", settings.gateway().host(), settings.gateway().port());
        }
        return findings;
    }

    /** What depends on where the data lie. */
    private void look(Path data, OsUser user, boolean held, Optional<RunningMark.Server> mark, boolean fix) {
        home(data, user);
        server(held, mark, data);
        boolean mayMake = fix && !held && findings.canRun();
        if (mayMake) {
            attempt("home", () -> makeHome(user));
            installTools();
        }
        attempt("PostgreSQL", () -> postgres(data, mayMake));
        attempt("storage", () -> storage(data, user, mayMake));
    }

    /** What goes wrong is a finding too. */
    private <T> Optional<T> attempt(String subject, Supplier<T> look) {
        try {
            return Optional.of(look.get());
        } catch (RuntimeException e) {
            findings.bad(subject, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private void attempt(String subject, Runnable look) {
        try {
            look.run();
        } catch (RuntimeException e) {
            findings.bad(subject, String.valueOf(e.getMessage()));
        }
    }

    private OsUser user(boolean fix) {
        OsUser expected = OsUser.expectedForPostgres(settings.systemUser());
        OsUser user = fix && !expected.isThere()
                ? attempt("PostgreSQL's user", () -> OsUser.forPostgres(settings.systemUser()))
                        .orElse(expected)
                : expected;
        findings.good(
                "PostgreSQL's user",
                user.name()
                        + (user.dropped() ? " (Espalier runs as root and drops to it)" : "")
                        + (user.isThere() ? "" : ", made at the first start"));
        return user;
    }

    private void home(Path data, OsUser user) {
        Home.homeProblem(settings.home())
                .ifPresentOrElse(
                        problem -> findings.bad("home", problem),
                        () -> findings.good(
                                "home",
                                settings.home() + ", data in " + data
                                        + (Files.exists(data) ? "" : ", which the first start makes")));
        attempt(
                "data directory",
                () -> Home.dataProblem(data, user).ifPresent(problem -> findings.bad("data directory", problem)));
    }

    private void server(boolean held, Optional<RunningMark.Server> mark, Path data) {
        if (!held) {
            int left = RunningServers.on(data).size();
            if (mark.isPresent() || left > 0) {
                findings.note(
                        "server",
                        "does not run: it was killed"
                                + (left == 0 ? "" : ", and " + left + " of its PostgreSQL servers still run")
                                + ". ./espalier up starts it again and recovers; ./espalier down ends what it has left");
            } else {
                findings.good("server", "does not run");
            }
            return;
        }
        mark.ifPresentOrElse(
                server -> {
                    findings.good("server", "runs (process " + server.pid() + ")");
                    findings.good("http", server.api());
                    server.gateway().ifPresent(gateway -> findings.good("gateway", gateway));
                },
                () -> findings.note("server", "is starting, or its storage is being moved: the home is held"));
    }

    private void makeHome(OsUser user) {
        try (Home home = Home.open(settings.home())) {
            findings.good("home", "data directory made in " + home.dataDirectory(settings.dataDirectory(), user));
        }
    }

    private void postgres(Path data, boolean make) {
        Path binaries = data.resolve("postgresql");
        Map<Integer, PostgresInstallation> found = (make
                        ? Installations.find(binaries, settings.installations())
                        : Installations.look(binaries, settings.installations()))
                .all();
        for (int major = PostgresInstallation.OLDEST; major <= PostgresInstallation.NEWEST; major++) {
            String subject = "PostgreSQL " + major;
            PostgresInstallation installation = found.get(major);
            if (installation != null) {
                findings.good(subject, installation.version() + " in " + installation.home());
            } else if (major == Installations.BUNDLED && Installations.isBundled()) {
                findings.good(subject, "comes with Espalier, unpacked at the first start");
            } else {
                findings.note(
                        subject,
                        "not found. To use it, apt-get install postgresql-" + major
                                + " or name its directory in postgres.installations");
            }
        }
    }

    private void installTools() {
        if (!Files.isExecutable(Path.of("/usr/bin/apt-get")) || OsUser.current().uid() != 0) {
            findings.note("file-system tools", "can be installed by --fix only as root on a system with apt-get");
            return;
        }
        if (Files.isExecutable(Path.of("/usr/bin/btrfs")) || Files.isExecutable(Path.of("/usr/sbin/mkfs.btrfs"))) {
            return;
        }
        System.err.println("installing " + String.join(" ", BTRFS_TOOLS) + " ...");
        attempt("file-system tools", () -> {
            Apt.install(BTRFS_TOOLS);
            findings.good("file-system tools", "installed " + String.join(" ", BTRFS_TOOLS));
        });
    }

    private void storage(Path data, OsUser user, boolean make) {
        Storage storage = new Storage(data, user, settings.imageBytes());
        Storage.Probe probe = storage.probe();
        for (Assessment assessment : probe.assessments()) {
            String subject = "storage " + Storage.lower(assessment.backend());
            if (assessment.available()) {
                findings.good(subject, assessment.reason());
            } else {
                findings.note(subject, assessment.reason() + ". " + assessment.fix());
            }
        }
        Optional<Backend> recorded = storage.recorded().map(Storage.Choice::backend);
        Backend backend = recorded.or(settings::backend).orElse(probe.best());
        recorded.flatMap(storage::missing)
                .ifPresent(problem -> findings.bad("volumes", String.valueOf(problem.getMessage())));
        recorded.ifPresentOrElse(this::recordedStorage, () -> firstStorage(backend, probe.best(), probe.of(backend)));
        if (make) {
            storage.open(settings.backend());
            findings.good("storage", "made and mounted in " + storage.volumes(backend));
        }
        space(storage, backend, data);
    }

    private void recordedStorage(Backend used) {
        Optional<Backend> other = settings.backend().filter(set -> set != used);
        if (other.isPresent()) {
            findings.bad("storage in use", Storage.disagreement(other.get(), used));
        } else {
            findings.good(
                    "storage in use",
                    Storage.lower(used) + ", recorded at the first start; change it with ./espalier storage move");
        }
    }

    private void firstStorage(Backend chosen, Backend best, Assessment assessment) {
        String subject = "storage at the first start";
        if (!assessment.available()) {
            findings.bad(
                    subject,
                    Storage.lower(chosen) + ", set by storage.backend, cannot be used here. " + assessment.fix()
                            + "; or set storage.backend=" + Storage.lower(best));
        } else if (settings.backend().isEmpty()) {
            findings.good(subject, Storage.lower(chosen) + ", the best there is");
        } else {
            findings.good(
                    subject,
                    Storage.lower(chosen) + ", set by storage.backend"
                            + (chosen == best ? "" : "; the best there is would be " + Storage.lower(best)));
        }
    }

    private void space(Storage storage, Backend backend, Path data) {
        Optional<Space> there = storage.space(backend);
        Space space = there.orElseGet(() -> ofDisk(Storage.existing(data)));
        String free = (space.freeBytes() >> 20) + " MiB free of " + (space.totalBytes() >> 20) + " MiB"
                + (there.isPresent() ? "" : " on the disk of " + Storage.existing(data));
        if (space.used() >= Engine.FULL) {
            findings.bad("space", free + ": too full for new branches. Delete branches or enlarge the file system");
        } else if (space.used() >= Engine.NEARLY_FULL) {
            findings.note("space", free + ": from 90 % on no new branches are made");
        } else {
            findings.good("space", free);
        }
    }

    private static Space ofDisk(Path place) {
        try {
            FileStore disk = Files.getFileStore(place);
            return new Space(disk.getTotalSpace(), disk.getUsableSpace());
        } catch (IOException e) {
            throw new StartException("cannot look at the disk of " + place + ": " + e, e);
        }
    }

    private void port(String door, String host, int port) {
        String subject = door + " port " + port;
        PortCheck.problem(door, host, port)
                .ifPresentOrElse(
                        problem -> findings.bad(subject, problem),
                        () -> findings.good(subject, port == 0 ? "any that is free" : "free"));
    }
}
