package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.testing.TestWait;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks for what a killed process may have left, after the next one has started. */
final class Remains {

    private static final String NAMED = """
            SELECT volume FROM control.branch
            UNION ALL SELECT replica_volume FROM control.endpoint WHERE replica_volume IS NOT NULL
            UNION ALL SELECT s.volume FROM control.snapshot s JOIN control.branch b ON b.volume = s.of_volume
            """;

    private Remains() {}

    /** Fails if anything is left, or if anything that must be there is gone. */
    static void assertNone(TestPlane test) {
        awaitNoStrangers(test.directory);
        // What was being purged is purged on.
        TestWait.until(() -> test.rows("SELECT uid FROM control.branch WHERE purge_time <= now() "
                        + "UNION ALL SELECT uid FROM control.project WHERE purge_time <= now() "
                        + "UNION ALL SELECT uid FROM control.operation WHERE NOT done")
                .isEmpty());
        assertThat(
                        test.rows(
                                "SELECT branch_id || state FROM control.branch WHERE state = 'INIT' OR pending_state IS NOT NULL"))
                .isEmpty();
        assertThat(
                        test.rows(
                                "SELECT volume FROM control.snapshot WHERE of_volume NOT IN (SELECT volume FROM control.branch)"))
                .as("snapshots of no branch")
                .isEmpty();
        // A snapshot that is being taken just now has no row yet.
        TestWait.until(() -> {
            assertThat(volumes(test)).containsExactlyInAnyOrderElementsOf(new HashSet<>(test.rows(NAMED)));
            return true;
        });
        Set<String> volumes = volumes(test);
        assertThat(volumes).containsAll(names(test.directory.resolve("volumes/.wal")));
        assertThat(test.engine.running()).containsAll(names(test.directory.resolve("run")));
        assertThat(test.rows("SELECT uid || '.log' FROM control.endpoint"))
                .as("logs")
                .containsAll(names(test.directory.resolve("log")));
        for (Path mount : mountsBelow(test.directory)) {
            assertThat(volumes).contains(mount.getFileName().toString());
        }
    }

    /** A command that a server was running when it was killed may take a moment to end. */
    static void awaitNoStrangers(Path directory) {
        TestWait.until("processes of nobody to end", () -> {
            assertThat(strangers(directory)).isEmpty();
            return true;
        });
    }

    private static Set<String> volumes(TestPlane test) {
        // Bases are nobody's: they serve whoever forks next, and go when they are swept.
        return test.engine.volumes().stream()
                .map(Object::toString)
                .filter(name -> !name.contains(".base-"))
                .collect(Collectors.toSet());
    }

    static List<String> names(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Processes that name the directory and do not descend from this one. */
    private static List<String> strangers(Path directory) {
        return ProcessHandle.allProcesses()
                .filter(process -> commandLine(process.pid()).contains(directory.toString()))
                // Asked of the process itself, and last: this plane goes on starting and ending servers meanwhile.
                .filter(process -> !isOwn(process) && process.isAlive())
                .map(process -> process.pid() + " " + commandLine(process.pid()))
                .toList();
    }

    private static boolean isOwn(ProcessHandle process) {
        return Stream.iterate(Optional.of(process), Optional::isPresent, one -> one.flatMap(ProcessHandle::parent))
                .flatMap(Optional::stream)
                .anyMatch(ProcessHandle.current()::equals);
    }

    static String commandLine(long pid) {
        try {
            byte[] line = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "cmdline"));
            return new String(line, StandardCharsets.UTF_8).replace('\0', ' ');
        } catch (IOException e) {
            // It has ended.
            return "";
        }
    }

    private static List<Path> mountsBelow(Path directory) {
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mounts"))) {
            return mounts.map(line -> Path.of(line.split(" ")[1]))
                    .filter(mount -> mount.startsWith(directory))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
