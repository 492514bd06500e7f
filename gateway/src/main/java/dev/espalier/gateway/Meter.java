package dev.espalier.gateway;

/** What a session's statements cost: time, CPU, rows and bytes since the one before. */
final class Meter {

    private final BackendCpu cpu;
    private final WorkerCpu workers;

    private long now;
    private long lastDone;
    private long lastCpu;
    private long firstRow;
    private long rows;
    private long toClient;
    private long fromClient;
    private long batchBegan;

    Meter(BackendCpu cpu, WorkerCpu workers) {
        this.cpu = cpu;
        this.workers = workers;
        this.lastCpu = cpu.nanos();
    }

    /** A read brought something. */
    void tick(long nanoTime) {
        now = nanoTime;
    }

    void fromClient(long bytes) {
        fromClient += bytes;
    }

    void toClient(long bytes) {
        toClient += bytes;
    }

    void row() {
        if (rows++ == 0) {
            firstRow = now;
        }
    }

    /** Rows that were sent since. */
    long rows() {
        return rows;
    }

    /**
     * A message came that prepares a statement.
     *
     * @return when the first came that prepares what is executed next
     */
    long prepares() {
        if (batchBegan == 0) {
            batchBegan = now;
        }
        return batchBegan;
    }

    /** What was prepared so far is not executed now. */
    void batchEnds() {
        batchBegan = 0;
    }

    /** The server owes no answer any more. */
    void rests() {
        workers.rests();
    }

    /** When the statement began that is executed now, with the messages that prepared it. */
    long began() {
        long began = batchBegan == 0 ? now : batchBegan;
        batchBegan = 0;
        workers.runs(now);
        return began;
    }

    /** The bytes that came since this was asked last. */
    long takeFromClient() {
        long bytes = fromClient;
        fromClient = 0;
        return bytes;
    }

    /**
     * What one statement cost.
     *
     * @param agoNanos how long ago it was done
     */
    record Reading(long durationNanos, long firstRowNanos, long cpuNanos, long bytesToClient, long agoNanos) {}

    /** When the last read came, by {@link System#nanoTime}. */
    long now() {
        return now;
    }

    /**
     * What was prepared and never executed. Its bytes, and its CPU if anything was done since, are in the account of what was done next.
     *
     * @param began when what prepared it came
     * @param done when that was answered
     */
    Reading prepared(long began, long done) {
        return new Reading(done - began, done - began, done < lastDone ? 0 : takeCpu(), 0, now - done);
    }

    /**
     * Closes the account of a statement. CPU is read once, here: what the backend does between two statements counts for
     * the later one, so that nothing is lost and the sum over a session's records is what its backend used, and its parallel
     * workers as far as {@link WorkerWatch} has seen.
     *
     * @param began when the statement came; it could not start before the one ahead of it was done
     */
    Reading close(long began) {
        long start = Math.max(began, lastDone);
        long first = firstRow == 0 ? now : firstRow;
        Reading reading = new Reading(now - start, first - start, takeCpu(), toClient, 0);
        lastDone = now;
        firstRow = 0;
        rows = 0;
        toClient = 0;
        return reading;
    }

    private long takeCpu() {
        long used = cpu.nanos() + workers.nanos();
        long since = used - lastCpu;
        lastCpu = used;
        return since;
    }
}
