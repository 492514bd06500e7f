package dev.espalier.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** How much memory is used (proc(5)). */
final class Memory {

    private Memory() {}

    /** KiB that programs could still get without swapping, of the whole machine. */
    static long availableKib() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("MemAvailable:"))
                    .mapToLong(Memory::number)
                    .sum();
        }
    }

    /**
     * KiB of the process and all it has started, as proportional set size: what is shared is divided among those that share
     * it. It lacks the shared memory that only processes touched that have ended.
     */
    static long pssOfTreeKib(long pid) {
        ProcessHandle root = ProcessHandle.of(pid).orElseThrow();
        return Stream.concat(Stream.of(root), root.descendants())
                .mapToLong(process -> pssKib(process.pid()))
                .sum();
    }

    /** KiB of the process alone, as proportional set size. */
    static long pssKib(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), "smaps_rollup"))) {
            return lines.filter(line -> line.startsWith("Pss:"))
                    .mapToLong(Memory::number)
                    .sum();
        } catch (IOException | java.io.UncheckedIOException e) {
            // Ended meanwhile.
            return 0;
        }
    }

    private static long number(String line) {
        return Long.parseLong(line.replaceAll("\\D+", ""));
    }
}
