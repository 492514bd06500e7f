package dev.espalier.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Whether a server that starts gets on. How long a replay takes is decided by the log that is left, so that only one that stands
 * still is given up: none of it would be kept, and the next start would begin anew. A replica's log has no end; there only what
 * its primary had written before counts.
 */
final class StartProgress {

    private static final long LOOK_NANOS = 500_000_000;
    private static final int TIMELINE_DIGITS = 8;

    private static final Pattern SEGMENT = Pattern.compile("startup.*\\b[0-9A-F]{8}([0-9A-F]{16})");

    private final ProcessHandle postmaster;
    private final long mostNanos;
    private final Optional<String> last;
    private long looked = System.nanoTime();
    private long advanced = looked;
    private String seen = "";

    /**
     * @param most how long it may stand still
     * @param last name of the last segment of the log whose replay counts
     */
    StartProgress(ProcessHandle postmaster, Duration most, Optional<String> last) {
        this.postmaster = postmaster;
        this.mostNanos = most.toNanos();
        this.last = last.map(name -> name.substring(TIMELINE_DIGITS));
    }

    boolean standsStill() {
        long now = System.nanoTime();
        if (now - looked >= LOOK_NANOS) {
            looked = now;
            String found = sign();
            if (!found.equals(seen) && !isBeyondTheLast(found)) {
                seen = found;
                advanced = now;
            }
        }
        return now - advanced > mostNanos;
    }

    private boolean isBeyondTheLast(String found) {
        Matcher replayed = SEGMENT.matcher(found);
        return last.isPresent() && replayed.find() && replayed.group(1).compareTo(last.get()) > 0;
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
