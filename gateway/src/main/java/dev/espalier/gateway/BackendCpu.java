package dev.espalier.gateway;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The CPU time of one backend process, from the scheduler's accounting in nanoseconds: the process' own clock of
 * clock_gettime(2). It is the number that {@code /proc/PID/schedstat} begins with, for a third of the price. The kernel
 * brings it up to date when the process leaves the processor, and at each of its ticks.
 */
final class BackendCpu {

    /** clock_gettime, found once for all sessions. */
    private static final MethodHandle CLOCK_GETTIME = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("clock_gettime"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS),
                    Linker.Option.critical(true));

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** The scheduler's clock of a whole process (CPUCLOCK_SCHED in the kernel's posix-timers.h). */
    private static final int CPUCLOCK_SCHED = 2;

    private final int clock;

    /** A struct timespec on the heap: two longs. */
    private final MemorySegment time = MemorySegment.ofArray(new long[2]);

    private long last;

    BackendCpu(int pid) {
        this.clock = ~pid << 3 | CPUCLOCK_SCHED;
    }

    /** What it has used so far; for a process that has ended, what it had used when last asked. */
    long nanos() {
        try {
            if ((int) CLOCK_GETTIME.invokeExact(clock, time) == 0) {
                last = time.get(ValueLayout.JAVA_LONG, 0) * NANOS_PER_SECOND + time.get(ValueLayout.JAVA_LONG, 8);
            }
        } catch (Throwable e) {
            throw new IllegalStateException("clock_gettime cannot be called", e);
        }
        return last;
    }
}
