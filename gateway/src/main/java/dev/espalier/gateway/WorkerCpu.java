package dev.espalier.gateway;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The CPU of the parallel workers that one session's statements have had. The session's loop says when something runs, which
 * costs it a store; {@link WorkerWatch} counts, on its own thread.
 */
final class WorkerCpu {

    private static final VarHandle RUNS_SINCE;
    private static final long NOTHING = 0;

    static {
        try {
            RUNS_SINCE = MethodHandles.lookup().findVarHandle(WorkerCpu.class, "runsSince", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int backend;

    /** By System.nanoTime. Another thread may see it a little later. */
    @SuppressWarnings("unused") // By its handle.
    private long runsSince = NOTHING;

    /** Written by the watch alone. */
    private volatile long nanos;

    WorkerCpu(int backend) {
        this.backend = backend;
    }

    /** Process id of the session's backend, which leads its workers. */
    int backend() {
        return backend;
    }

    /** The backend has something to run. */
    void runs(long now) {
        if ((long) RUNS_SINCE.get(this) == NOTHING) {
            RUNS_SINCE.setOpaque(this, now);
        }
    }

    /** The backend has nothing to run. */
    void rests() {
        RUNS_SINCE.setOpaque(this, NOTHING);
    }

    /** Whether something has run for so long. */
    boolean runsFor(long nanos, long now) {
        long since = (long) RUNS_SINCE.getOpaque(this);
        return since != NOTHING && now - since >= nanos;
    }

    /** What workers have used so far, as far as it was seen. */
    long nanos() {
        return nanos;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // There is one writer.
    void add(long more) {
        nanos += more;
    }
}
