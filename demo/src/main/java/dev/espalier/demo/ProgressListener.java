package dev.espalier.demo;

/** Hears how far a load has come. It is called on the loading thread. */
@FunctionalInterface
public interface ProgressListener {

    /** Steps of a load, in this order. */
    enum Step {
        /** Rows written: a part for each division in each table. */
        ROWS,
        /** Indexes built: 0 of 1, then 1 of 1. */
        INDEXES,
        /** Keys and foreign keys added: 0 of 1, then 1 of 1. */
        CONSTRAINTS,
        /** Committed, then vacuumed and sampled for the planner: 0 of 1, then 1 of 1. */
        VACUUM
    }

    /**
     * Reports progress.
     *
     * @param done how much of the step is done
     * @param total what the step amounts to
     */
    void progress(Step step, long done, long total);
}
