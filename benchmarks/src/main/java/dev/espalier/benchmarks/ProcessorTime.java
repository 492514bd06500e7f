package dev.espalier.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Processor time as the kernel counts it, in its ticks of 10 ms (proc(5)). */
final class ProcessorTime {

    private static final double SECONDS_PER_TICK = 0.01;
    private static final int USER_TIME = 11;
    private static final int IDLE = 4;
    private static final int WAITING = 5;

    private ProcessorTime() {}

    /** Seconds that the process has used. */
    static double of(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        // The name, in parentheses, may have blanks in it.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[USER_TIME + 1])) * SECONDS_PER_TICK;
    }

    /** Nanoseconds that the main thread of the process has run, by the scheduler's count: a server process of PostgreSQL's has no other. */
    static long nanosOf(long pid) throws IOException {
        String ran = Files.readString(Path.of("/proc", Long.toString(pid), "schedstat"));
        return Long.parseLong(ran.substring(0, ran.indexOf(' ')));
    }

    /** Seconds that all processors together were busy. */
    static double ofMachine() throws IOException {
        String[] fields =
                Files.readAllLines(Path.of("/proc/stat")).getFirst().strip().split("\\s+");
        long busy = 0;
        for (int i = 1; i < fields.length && i <= 8; i++) {
            if (i != IDLE && i != WAITING) {
                busy += Long.parseLong(fields[i]);
            }
        }
        return busy * SECONDS_PER_TICK;
    }
}
