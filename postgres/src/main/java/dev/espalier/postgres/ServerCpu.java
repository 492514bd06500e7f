package dev.espalier.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The CPU that a server's processes have used since its start, by the kernel's accounting: what the postmaster and each of its
 * children have run in nanoseconds, and what the children that have ended had run, which the kernel keeps with the postmaster.
 *
 * <p>The kernel tells the latter in ticks of 10 ms, from nanoseconds that it adds up: of the sum up to two ticks are not told
 * yet, however many children there were. The same goes for what a living child has started, as the archiver does. A child that
 * ends while this reads may be missing in this reading, and is in the next; nothing is there twice.
 */
final class ServerCpu {

    private static final long NANOS_PER_TICK = 10_000_000L;

    /** Fields of {@code /proc/PID/stat} behind the name in parentheses: CPU of children that were waited for. */
    private static final int CUTIME = 13;

    private static final int CSTIME = 14;

    private ServerCpu() {}

    /** Nanoseconds; empty when the server has ended. */
    static OptionalLong nanos(long postmaster) {
        try {
            long ended = endedChildren(postmaster);
            long sum = ended + own(postmaster);
            for (long child : children(postmaster)) {
                sum += ofChild(child);
            }
            return OptionalLong.of(sum);
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    private static long ofChild(long pid) {
        try {
            return endedChildren(pid) + own(pid);
        } catch (IOException e) {
            // It has ended meanwhile, and is with the postmaster from the next reading on.
            return 0;
        }
    }

    private static long own(long pid) throws IOException {
        String schedstat = read(pid, "schedstat");
        return Long.parseLong(schedstat.substring(0, schedstat.indexOf(' ')));
    }

    private static long endedChildren(long pid) throws IOException {
        String stat = read(pid, "stat");
        // The name may hold blanks and parentheses.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", CSTIME + 2);
        return (Long.parseLong(fields[CUTIME]) + Long.parseLong(fields[CSTIME])) * NANOS_PER_TICK;
    }

    private static List<Long> children(long pid) throws IOException {
        try {
            List<Long> children = new ArrayList<>();
            for (String child : read(pid, "task/" + pid + "/children").strip().split(" ")) {
                if (!child.isEmpty()) {
                    children.add(Long.parseLong(child));
                }
            }
            return children;
        } catch (NoSuchFileException e) {
            // A kernel without CONFIG_PROC_CHILDREN: the same from the whole process list.
            return ProcessHandle.of(pid).stream()
                    .flatMap(ProcessHandle::children)
                    .map(ProcessHandle::pid)
                    .toList();
        }
    }

    private static String read(long pid, String file) throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(pid), file), StandardCharsets.ISO_8859_1);
    }
}
