package dev.espalier.control;

import dev.espalier.control.Operation.Failure;
import dev.espalier.control.request.Caller;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.ResourceName;
import dev.espalier.postgres.SessionThreads;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what takes its time. Each operation is recorded before it begins and when it ends, so that one that is interrupted
 * is known at the next start; a fast one is answered done.
 */
public final class Operations implements AutoCloseable {

    /** The part of an operation that changes rows; runs in the transaction that begins or ends the operation. */
    @FunctionalInterface
    interface Rows {
        void change(Handle handle);
    }

    /** Ends an operation with success. */
    interface End {

        /**
         * Changes the rows, and records the success with them: all of it, whatever becomes of the control database meanwhile, or
         * nothing of it, where this fails. May change them more than once, each time as if it had not before.
         *
         * @throws EndUnknown if there is no time left to see which of the two it is
         */
        void with(Rows rows);

        /**
         * What becomes of the rows if the work fails: they change together with the failure's being recorded, whenever the control
         * database takes that.
         */
        void ifItFails(Rows rows);

        /** For an operation that found nothing left to do, of which nobody is told. */
        void nothingToDo();

        /** For an operation that changes no rows at its end. */
        default void done() {
            with(handle -> {});
        }
    }

    /** The part of an operation that takes its time. It calls {@link End} while it still holds its locks. */
    @FunctionalInterface
    interface Work {
        void run(End end);
    }

    /**
     * Espalier stops before the control database has told whether it has taken the end of an operation. Nothing that was made may
     * be undone: the rows may name it. The next start sees.
     */
    static final class EndUnknown extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private EndUnknown(String uid, RuntimeException cause) {
            super("nobody knows what the control database has taken of operation " + uid, cause);
        }
    }

    /** An operation that was interrupted, and what is left to do. */
    record Resumed(Operation operation, Work work) {}

    private static final Logger LOG = LoggerFactory.getLogger(Operations.class);

    /** How long a caller is kept waiting before he is told to ask again. */
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    private static final long STOP_SECONDS = 60;

    private static final long WRITE_AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

    private final Jdbi jdbi;
    private final Clock clock;
    private final Uids uids;
    private final OperationEnds ends;
    private final ChangeCount changes;
    private final ExecutorService executor = SessionThreads.perTask("operation");

    Operations(Jdbi jdbi, Clock clock, Uids uids, OperationEnds ends, ChangeCount changes) {
        this.jdbi = jdbi;
        this.clock = clock;
        this.uids = uids;
        this.ends = ends;
        this.changes = changes;
    }

    /** @throws ControlException if there is none of this uid */
    public Operation get(String uid) {
        return jdbi.withHandle(handle -> OperationTable.find(handle, uid))
                .orElseThrow(() -> new ControlException(
                        Code.NOT_FOUND, "there is no operation " + uid + ". Operations are kept for a week."));
    }

    /** Whether the principal has asked for the operation. */
    public boolean isOf(String uid, String principal) {
        return jdbi.withHandle(handle -> OperationTable.isOf(handle, uid, principal));
    }

    /**
     * Records the operation together with {@code begin}, and does the work. A failure of {@code begin} is thrown; a failure
     * of the work is the operation's error.
     */
    Operation run(
            Caller caller, Operation.Kind kind, ResourceName resource, String resourceUid, Rows begin, Work work) {
        return run(caller, kind, resource, resourceUid, Optional.empty(), begin, work);
    }

    /**
     * As the other.
     *
     * @param request what to store so that the work can go on after a kill; without it, a start undoes the work
     */
    Operation run(
            Caller caller,
            Operation.Kind kind,
            ResourceName resource,
            String resourceUid,
            Optional<String> request,
            Rows begin,
            Work work) {
        String uid = uids.operation();
        Future<?> result = submit(() -> {
            long[] count = new long[1];
            begin(
                    uid,
                    handle -> {
                        begin.change(handle);
                        OperationTable.insert(
                                handle, uid, kind, resource, resourceUid, request, caller, clock.instant());
                        count[0] = ChangeCount.next(handle);
                    },
                    handle -> {
                        // What it says of itself counts, not who has inserted it: this may be asked again, too.
                        ends.neverBegan(handle, uid, kind, resource, resourceUid, caller);
                        return !OperationTable.lockIsDone(handle, uid);
                    });
            changes.keep(count[0]);
            toItsEnd(uid, caller.requestId(), kind, resource, work);
        });
        try {
            result.get(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.debug("{} of {} goes on", kind, resource);
            if (jdbi.withHandle(handle -> OperationTable.find(handle, uid)).isEmpty()) {
                throw new ControlException(
                        Code.TEMPORARILY_UNAVAILABLE,
                        "the control database has not told yet whether " + kind + " of " + resource
                                + " has begun. Look at it before you ask again.");
            }
        } catch (ExecutionException e) {
            throw switch (e.getCause()) {
                case EndUnknown unknown ->
                    new ControlException(
                            Code.ABORTED,
                            "Espalier is stopping, and the control database has not told whether " + kind + " of "
                                    + resource + " has begun. Look at it when Espalier is up, and ask again.",
                            unknown);
                case RuntimeException refused -> refused;
                case null, default -> new IllegalStateException(e.getCause());
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return get(uid);
    }

    private Future<?> submit(Runnable work) {
        try {
            return executor.submit(work);
        } catch (RejectedExecutionException e) {
            throw new ControlException(
                    Code.TEMPORARILY_UNAVAILABLE, "Espalier is stopping, and begins nothing. Ask again when it is up.");
        }
    }

    /**
     * Records the beginning. Where its answer is lost, this waits until it is known whether the control database has taken it: what is
     * recorded as begun is done, and what is not never will be.
     */
    private void begin(String uid, Rows rows, Predicate<Handle> taken) {
        try {
            jdbi.useTransaction(rows::change);
        } catch (RuntimeException e) {
            if (!ControlDatabaseErrors.isUnknown(e)) {
                throw e;
            }
            boolean[] begun = new boolean[1];
            untilTaken(uid, handle -> begun[0] = taken.test(handle));
            if (!begun[0]) {
                throw e;
            }
        }
    }

    /**
     * Goes on with operations that were interrupted, one after the other, beside the caller.
     *
     * @return their end
     */
    Future<?> goOn(List<Resumed> interrupted) {
        return executor.submit(() -> interrupted.forEach(resumed -> toItsEnd(
                resumed.operation().uid(),
                "",
                resumed.operation().kind(),
                resumed.operation().resource(),
                resumed.work())));
    }

    private void toItsEnd(String uid, String requestId, Operation.Kind kind, ResourceName resource, Work work) {
        List<Rows> undo = new ArrayList<>();
        try {
            work.run(new End() {
                @Override
                public void with(Rows rows) {
                    long[] count = new long[1];
                    unlessEnded(uid, handle -> {
                        ends.end(handle, uid, requestId, Optional.empty(), List.of(rows));
                        count[0] = ChangeCount.next(handle);
                    });
                    // Volumes that the rows named before may be deleted from here on.
                    changes.keep(count[0]);
                }

                @Override
                public void nothingToDo() {
                    unlessEnded(uid, handle -> ends.endQuietly(handle, uid, Optional.empty(), List.of()));
                }

                @Override
                public void ifItFails(Rows rows) {
                    undo.add(rows);
                }
            });
        } catch (EndUnknown e) {
            LOG.warn("{} of {} is left to the next start: {}", kind, resource, e.getMessage(), e);
        } catch (RuntimeException e) {
            Failure failure = failure(uid, e);
            LOG.warn("operation {}, {} of {}, failed: {}", uid, kind, resource, failure.message(), e);
            unlessEnded(uid, handle -> ends.end(handle, uid, requestId, Optional.of(failure), undo));
        }
    }

    private void unlessEnded(String uid, Rows end) {
        untilTaken(uid, handle -> {
            if (!OperationTable.lockIsDone(handle, uid)) {
                end.change(handle);
            }
        });
    }

    /**
     * Writes down what becomes of an operation. Where the control database cannot be asked, or its answer is lost, this goes on until
     * it has taken that: what was made is neither taken for failed, nor begun again by a later start.
     */
    private void untilTaken(String uid, Rows end) {
        while (true) {
            try {
                jdbi.useTransaction(end::change);
                return;
            } catch (RuntimeException e) {
                if (ControlDatabaseErrors.isRefusal(e)) {
                    throw e;
                }
                if (executor.isShutdown() || Thread.currentThread().isInterrupted()) {
                    throw new EndUnknown(uid, e);
                }
                LOG.warn("what becomes of operation {} is written down again: {}", uid, e.getMessage());
                LockSupport.parkNanos(WRITE_AGAIN_NANOS);
            }
        }
    }

    /** Of what nobody has foreseen the log has it all, the answer only where to look. */
    private static Failure failure(String uid, RuntimeException e) {
        return ControlException.of(e)
                .map(refused -> new Failure(
                        refused.code(), String.valueOf(refused.getMessage()), refused.reason(), refused.metadata()))
                .orElseGet(() -> new Failure(
                        Code.INTERNAL_ERROR,
                        "a fault of the server. Its log has the cause under operation " + uid + "."));
    }

    /** Waits for the operations that run. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
