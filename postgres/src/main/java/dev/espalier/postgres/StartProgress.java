package dev.espalier.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;

/**
 * Whether a server that starts gets on. How long a replay takes is decided by the log that is left, so that only one that stands
 * still is given up: none of it would be kept, and the next start would begin anew.
 */
final class StartProgress {

    private static final long LOOK_NANOS = 500_000_000;

    private final ProcessHandle postmaster;
    private final long mostNanos;
    private long looked = System.nanoTime();
    private long advanced = looked;
    private String seen = "";

    /** @param most how long it may stand still */
    StartProgress(ProcessHandle postmaster, Duration most) {
        this.postmaster = postmaster;
        this.mostNanos = most.toNanos();
    }

    boolean standsStill() {
        long now = System.nanoTime();
        if (now - looked >= LOOK_NANOS) {
            looked = now;
            String found = sign();
            if (!found.equals(seen)) {
                seen = found;
                advanced = now;
            }
        }
        return now - advanced > mostNanos;
    }

    /** Which segment is being replayed, and how much those have read and written who replay and write out what was replayed. */
    private String sign() {
        return postmaster
                .children()
                .map(child -> ProcessTitles.title(child.pid()) + transfers(child.pid()))
                .filter(child -> child.contains("startup") || child.contains("checkpointer"))
                .sorted()
                .collect(Collectors.joining());
    }

    private static String transfers(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "io")).stream()
                    .filter(line -> line.startsWith("read_bytes") || line.startsWith("write_bytes"))
                    .collect(Collectors.joining());
        } catch (IOException e) {
            // Gone meanwhile, or not ours to see.
            return "";
        }
    }
}
