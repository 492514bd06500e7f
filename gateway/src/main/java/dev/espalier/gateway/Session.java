package dev.espalier.gateway;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client and its backend, from the sign-in to the end of both. All of it happens on the loop they share. */
final class Session {

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    /** How long a backend may take to end after its client is gone, before it is told to, and between two times. */
    private static final long DRAIN_MILLIS = 10_000;

    /** How long a client that closed its side may take nothing before it counts as gone. */
    private static final long HALF_CLOSED_MILLIS = 30_000;

    private enum State {
        /** Both sides are there. */
        OPEN,
        /** The client is gone or told to go; the backend ends what it does, and its last words are recorded. */
        DRAINING,
        /** Both are gone. */
        ENDED
    }

    private final Gateway gateway;
    private final SessionInfo info;
    private final Channel client;
    private final Channel backend;
    private final CancelKeys.Target cancel;
    private final Runnable giveBack;
    private final Recall recall;
    private final Recorder recorder;
    private final Conversation conversation;
    private final BackendRelay fromBackend;
    private final WorkerCpu workers;

    /** The backend; not another one that gets its number when it has ended. */
    private final Optional<ProcessHandle> process;

    /** There from {@link #begin} on. */
    private @Nullable ClientRelay fromClient;

    private State state = State.OPEN;
    private String reason = "";
    private long lastActivity;

    /** The client said that it sends nothing more. */
    private boolean clientEnds;

    /** The backend has ended, and what was run on it is still to be taken apart. */
    private boolean backendIsGone;

    private @Nullable ScheduledFuture<?> idleWatch;
    private @Nullable ScheduledFuture<?> halfClosedWatch;
    private @Nullable ScheduledFuture<?> drainDeadline;

    private Session(
            Gateway gateway,
            SessionInfo info,
            Channel client,
            Channel backend,
            CancelKeys.Target cancel,
            TextReading reading,
            Runnable giveBack) {
        this.gateway = gateway;
        this.info = info;
        this.client = client;
        this.backend = backend;
        this.cancel = cancel;
        this.giveBack = giveBack;
        this.recall = info.route().recall();
        this.recorder =
                new Recorder(info, gateway.ports().sink(), gateway.settings().strict(), gateway.clock());
        this.process = ProcessHandle.of(cancel.processId());
        this.workers = gateway.workers().watch(cancel.processId());
        Meter meter = new Meter(new BackendCpu(cancel.processId()), workers);
        this.conversation = new Conversation(recorder, meter, reading);
        this.fromBackend = new BackendRelay(
                this,
                client,
                backend,
                conversation,
                meter,
                reading,
                info.route().rules().map(SessionRules::hidesDetails).orElse(false));
        this.lastActivity = System.nanoTime();
    }

    /** The server has answered with an error. */
    void failed(String sqlState) {
        info.route().rules().flatMap(rules -> rules.afterError(sqlState)).ifPresent(gateway.blocking()::execute);
    }

    /**
     * Takes over both channels; what they have read already goes its way first.
     *
     * @param giveBack called once, when the session has ended
     */
    static void begin(
            Gateway gateway,
            SessionInfo info,
            Channel client,
            Channel backend,
            CancelKeys.Target cancel,
            TextReading reading,
            Runnable giveBack) {
        Session session = new Session(gateway, info, client, backend, cancel, reading, giveBack);
        gateway.sessions().begins(session);
        Executor longTexts =
                task -> gateway.longTexts().execute(info.principal().name(), task);
        backend.pipeline().addLast(session.fromBackend);
        backend.pipeline().remove(BackendLogin.class);
        ClientRelay fromClient = new ClientRelay(
                session,
                client,
                backend,
                session.conversation,
                session.fromBackend.meter(),
                reading,
                new Texts(gateway.ports().classifier(), client.eventLoop(), longTexts),
                new Rewriting(
                        info.route().rules(),
                        backend.alloc(),
                        gateway.settings().maxText()),
                longTexts,
                gateway.blocking(),
                gateway.settings().maxText());
        session.fromClient = fromClient;
        client.pipeline().addLast(fromClient);
        client.pipeline().remove(SignInHandler.class);
        // Not where what came with the password is looked at for a while.
        fromClient.readRequests();
        session.watchIdle();
        session.recall.heardBy(() -> client.eventLoop().execute(session::rests));
    }

    /** Nothing is on its way to the client now, or the session has been recalled. */
    void rests() {
        Refusal why = recall.reason();
        if (why != null && conversation.isIdle()) {
            end(why);
        }
    }

    /** @throws Refusal if nothing more is to begin */
    void refuseIfNothingMayBegin() throws Refusal {
        recorder.refuseWhatCannotBeRecorded();
        Refusal why = recall.reason();
        if (why != null) {
            throw why;
        }
    }

    /** The backend may take more, or no more. */
    void readRequests() {
        if (fromClient != null && isOpen()) {
            fromClient.readRequests();
        }
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    /** Something came from either side. */
    void active(long now) {
        lastActivity = now;
    }

    private void watchIdle() {
        Duration timeout = gateway.settings().idleTimeout();
        if (timeout.isZero() || state != State.OPEN) {
            return;
        }
        long left = timeout.toNanos() - (System.nanoTime() - lastActivity);
        if (left <= 0 && conversation.isIdle()) {
            end(new Refusal(
                    "57P05",
                    "the session ran nothing for " + timeout.toSeconds() + " s",
                    "Connect again when there is something to run."));
        } else {
            long next = left > 0 ? left : timeout.toNanos();
            idleWatch = Wire.later(client, 1 + TimeUnit.NANOSECONDS.toMillis(next), this::watchIdle);
        }
    }

    /** The gateway ends the session and tells the client why. */
    void end(Refusal refusal) {
        if (state != State.OPEN) {
            return;
        }
        reason = refusal.reason();
        LOG.info("session {} of {} ends: {}", info.id(), info.principal().name(), reason);
        boolean withinMessage = fromBackend.isWithinMessage();
        drain();
        sayAndClose(refusal, withinMessage);
    }

    /** An error of the gateway's own. */
    void broken(Throwable cause) {
        LOG.error("session {} of {} broke", info.id(), info.principal().name(), cause);
        end(new Refusal(
                "XX000",
                "the session ended for a reason of the gateway's own",
                "Ask the administrator to look for session " + info.id() + " in the server's log."));
    }

    /** The client says that it ends. */
    void terminated() {
        clientEnds = true;
        reason = "the client ended it";
    }

    /** The client sends nothing more but may still read. */
    void clientHalfClosed() {
        clientEnds = true;
        if (reason.isEmpty()) {
            reason = "the client closed the connection";
        }
        Wire.endOutput(backend);
        watchHalfClosed(lastActivity, Wire.unsent(client));
    }

    /** It counts as gone while it takes nothing of what is there for it; what the server works on may take as long as it does. */
    private void watchHalfClosed(long activity, long unsent) {
        halfClosedWatch = Wire.later(client, HALF_CLOSED_MILLIS, () -> {
            long left = Wire.unsent(client);
            if (left > 0 && left == unsent && lastActivity == activity) {
                Wire.close(client);
            } else if (state == State.OPEN) {
                watchHalfClosed(lastActivity, left);
            }
        });
    }

    void clientGone() {
        if (state == State.OPEN) {
            if (reason.isEmpty()) {
                reason = "the client's connection is gone";
            }
            drain();
        }
    }

    /** Nobody reads what the backend says, so it stops what it runs and ends; its last words are still recorded. */
    private void drain() {
        state = State.DRAINING;
        conversation.ends();
        fromBackend.goOn();
        if (fromClient == null) {
            backend.config().setAutoRead(true);
        } else {
            fromClient.readAnswers();
        }
        if (!conversation.isIdle()) {
            Channel _ = ServerSockets.cancel(
                    backend.eventLoop(), cancel, gateway.settings().handshakeTimeout());
        }
        Wire.endOutput(backend);
        giveTimeToDrain();
    }

    /**
     * Only the backend's end is the session's: were its connection closed before, what it still runs would be in no record and
     * count for no limit.
     */
    private void giveTimeToDrain() {
        drainDeadline = Wire.later(backend, DRAIN_MILLIS, () -> {
            if (allTextsAreKnown()) {
                terminate();
            }
            giveTimeToDrain();
        });
    }

    /** As pg_terminate_backend() does it. Unlike a cancel request, nothing that runs can catch it. */
    private void terminate() {
        if (process.filter(backendsOwn -> !backendsOwn.isAlive()).isPresent()) {
            // A program that it has begun holds the connection open.
            Wire.close(backend);
            return;
        }
        boolean told = process.map(ProcessHandle::destroy).orElse(false);
        LOG.warn(
                "session {}: backend {} has not ended within {} s and {}",
                info.id(),
                cancel.processId(),
                TimeUnit.MILLISECONDS.toSeconds(DRAIN_MILLIS),
                told ? "is terminated" : "cannot be terminated");
    }

    private boolean allTextsAreKnown() {
        return fromClient == null || fromClient.allTextsAreKnown();
    }

    /** Nothing is recorded of a text before it is taken apart, whatever becomes of the session meanwhile. */
    void textsAreToBeKnown() {
        fromBackend.keepAnswers();
    }

    void textsAreKnown() {
        fromBackend.takeAnswers();
        if (backendIsGone) {
            backendGone();
        }
        rests();
    }

    void backendGone() {
        if (state == State.ENDED) {
            return;
        }
        if (!allTextsAreKnown()) {
            backendIsGone = true;
            return;
        }
        boolean expected = fromBackend.saidFatal() || (clientEnds && conversation.isIdle());
        if (reason.isEmpty()) {
            reason = fromBackend.saidFatal() ? "the server ended it" : "the server's connection is gone";
        }
        conversation.lost("the backend ended before the statement did");
        if (state == State.OPEN) {
            if (expected) {
                Wire.afterWrites(client, () -> Wire.close(client));
            } else {
                sayAndClose(
                        new Refusal(
                                "57P01",
                                "the server of branch " + info.route().branch().name() + " ended the connection",
                                "Connect again. The outcome of a statement that ran is unknown."),
                        fromBackend.isWithinMessage());
            }
        }
        finish();
    }

    /** No text is waited for any more; what the server has answered is recorded without. From any thread. */
    void giveTextsUp() {
        client.eventLoop().execute(() -> {
            if (fromClient != null) {
                fromClient.giveTextsUp();
            }
        });
    }

    /** A message can only be said between two of the backend's. */
    private void sayAndClose(Refusal refusal, boolean withinMessage) {
        if (withinMessage) {
            Wire.close(client);
        } else {
            Farewell.say(client, Messages.fatal(client.alloc(), refusal));
        }
    }

    private void finish() {
        state = State.ENDED;
        // A watch that is left would keep the session in memory until its time comes.
        for (ScheduledFuture<?> watch :
                new @Nullable ScheduledFuture<?>[] {idleWatch, halfClosedWatch, drainDeadline}) {
            if (watch != null) {
                watch.cancel(false);
            }
        }
        gateway.workers().forget(workers);
        giveBack.run();
        gateway.keepIfPossible(
                new SessionRecord.SignedOut(gateway.clock().instant(), info, recorder.statements(), reason));
        gateway.sessions().ended(this);
    }
}
