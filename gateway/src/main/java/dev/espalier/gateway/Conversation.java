package dev.espalier.gateway;

import dev.espalier.gateway.Exchange.Bind;
import dev.espalier.gateway.Exchange.Close;
import dev.espalier.gateway.Exchange.Describe;
import dev.espalier.gateway.Exchange.EarlyCopy;
import dev.espalier.gateway.Exchange.Execute;
import dev.espalier.gateway.Exchange.Parse;
import dev.espalier.gateway.Exchange.Query;
import dev.espalier.gateway.Exchange.Run;
import dev.espalier.gateway.Exchange.Sync;
import dev.espalier.gateway.StatementRecord.Outcome;
import dev.espalier.gateway.StatementRecord.Protocol;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One session's messages, as PostgreSQL understands them: what the client sent waits here for the server's answer, and takes
 * effect when that comes. So a record says what ran even where the client sends far ahead, an error skips what follows, or a
 * statement's name is used again.
 */
final class Conversation {

    /**
     * So many messages may wait for answers, and what one more read brings. Answers to fewer than half of them fill the 8 KiB that
     * PostgreSQL keeps before it sends, so that a client that is held back is always let on.
     */
    static final int MOST_WAITING = 4096;

    /** Statements of Queries that get a record each when the backend is lost; a text of a mebibyte has a quarter of a million. */
    static final int MOST_LOST = 1_000;

    private final Recorder recorder;
    private final Meter meter;
    private final ArrayDeque<Exchange> waiting = new ArrayDeque<>();
    private final CopySentAhead sentAhead = new CopySentAhead(waiting);
    private final TextReading reading;
    private final KeptTexts kept = new KeptTexts();
    private final PreparedNames names;

    /** Something ran since the server told last how it reads texts. */
    private boolean stirred;

    /** Hears of the last message when everything that came before it is answered. */
    private @Nullable Told whenTold;

    /** What the server never gets, to be recorded behind all that came before it. */
    private @Nullable Withheld withheld;

    /** The server takes COPY data, as far as it has said. */
    private boolean copyIn;

    /** The server passes over everything until the next Sync, none of which is waiting. */
    private boolean skipping;

    /** As far as the server has told. */
    private boolean inFailedTransaction;

    /** The Query that is answered was broken off, and only its ReadyForQuery is missing. */
    private boolean queryFailed;

    /** A message, and why the server never gets it. */
    private record Withheld(Exchange message, Outcome outcome) {}

    Conversation(Recorder recorder, Meter meter, TextReading reading) {
        this.reading = reading;
        this.recorder = recorder;
        this.meter = meter;
        this.names = new PreparedNames(kept, recorder, meter);
    }

    /** Whether the server owes no answer. */
    boolean isIdle() {
        return waiting.isEmpty();
    }

    /** Whether more may be read from the client. */
    boolean takesMore() {
        return waiting.size() < MOST_WAITING;
    }

    /** Whether the server runs nothing but what ends the transaction, or a part of it. */
    boolean isInFailedTransaction() {
        return inFailedTransaction;
    }

    boolean takesCopyData() {
        return copyIn;
    }

    /** Whether {@link TextReading} tells how the server reads a text that is sent now. */
    boolean isToldHowTextsAreRead() {
        return waiting.isEmpty() && !stirred;
    }

    /** Whether it does as well as nothing that is on its way can change it. */
    boolean leavesReadingAsItIs() {
        return !stirred && OnTheWay.leavesReadingAsItIs(waiting, names);
    }

    /** Whether it will when all that is on its way is answered, without more from the client. */
    boolean tellsHowTextsAreRead() {
        return !copyIn && OnTheWay.endsWithReady(waiting);
    }

    /** Whether the server passes over what comes now, up to the next Sync. */
    boolean isSkipping() {
        return skipping;
    }

    /** Whether everything that came before the last message is answered. */
    boolean isLastNext() {
        return next() != null && waiting.size() == 1;
    }

    /**
     * @param told is told once about the message that came last
     * @throws Refusal if the client owes COPY data first
     */
    void whenTold(Told told) throws Refusal {
        if (copyIn) {
            throw amongCopyData();
        }
        whenTold = told;
    }

    /** Follows each message of the server's. */
    void heard() {
        if (whenTold != null && isLastNext()) {
            tell(false);
        }
    }

    private void tell(boolean skipped) {
        Told told = whenTold;
        if (told != null) {
            whenTold = null;
            told.isTold(skipped);
        }
    }

    // What the client says.

    void query(SqlText text) {
        send(new Query(text, meter.began(), meter.takeFromClient()));
    }

    /** @throws Refusal if there is no room for the text */
    void parse(String name, SqlText text) throws Refusal {
        long came = meter.prepares();
        if (!skipping) {
            kept.hold(text);
            kept.refuseIfFull();
            waiting.add(new Parse(name, text, came));
        }
    }

    /** The text of the message that came last is taken apart now. */
    void textsAreKnown() throws Refusal {
        if (waiting.peekLast() instanceof Parse parse) {
            kept.changed(parse.text());
            kept.refuseIfFull();
        }
    }

    /** The server gets an answer to read out instead of the message that came last, which has been carried out. */
    void textIsReplaced() {
        switch (waiting.peekLast()) {
            case Parse parse -> parse.text().isReplaced();
            case Query query -> query.text.isReplaced();
            case null, default -> {}
        }
    }

    void bind(String portal, String statement) {
        send(new Bind(portal, statement, meter.prepares()));
    }

    void describe(boolean ofPortal, String name) {
        send(new Describe(ofPortal, name));
    }

    void close(boolean ofPortal, String name) {
        send(new Close(ofPortal, name));
    }

    void execute(String portal) {
        send(new Execute(portal, meter.began(), meter.takeFromClient()));
    }

    /** Not to be called while {@link #takesCopyData}: the server passes over it then. */
    void sync() {
        meter.batchEnds();
        skipping = false;
        waiting.add(Sync.SYNC);
    }

    void copyData() {
        if (!copyIn) {
            sentAhead.data();
        }
    }

    void copyEnds() {
        if (copyIn) {
            copyIn = false;
        } else {
            sentAhead.ends();
        }
    }

    private void send(Exchange message) {
        if (!skipping) {
            waiting.add(message);
        }
    }

    // What the server answers.

    void parseComplete() throws Refusal {
        if (!(next() instanceof Parse parse)) {
            throw outOfStep("ParseComplete");
        }
        waiting.remove();
        names.parsed(parse.name(), read(parse.text()), parse.came());
        kept.release(parse.text());
        kept.refuseIfFull();
    }

    void bindComplete() throws Refusal {
        if (!(next() instanceof Bind bind)) {
            throw outOfStep("BindComplete");
        }
        waiting.remove();
        // Planning may run functions.
        stirs(names.bound(bind.portal(), bind.statement(), bind.came()));
        kept.refuseIfFull();
    }

    void closeComplete() throws Refusal {
        if (!(next() instanceof Close close)) {
            throw outOfStep("CloseComplete");
        }
        waiting.remove();
        names.closed(close.ofPortal(), close.name());
    }

    /** RowDescription or NoData: the answer to Describe, or a part of the answer to Query. */
    void described() {
        if (next() instanceof Describe) {
            waiting.remove();
        }
    }

    /** CommandComplete, or EmptyQueryResponse with an empty tag. */
    void completed(String tag) throws Refusal {
        boolean copied = copyIn || tag.startsWith("COPY ");
        copyIn = false;
        if (!(next() instanceof Run run)) {
            throw outOfStep("CommandComplete");
        }
        Recorder.Execution known = execution(run);
        boolean asAsked = known.text().mayCompleteAs(tag, known.statement());
        Recorder.Execution execution = asAsked ? known : known.another();
        ended(run, execution, CommandTag.rows(tag), copied, new Outcome.Completed(tag));
        inFailedTransaction = inFailedTransaction && !tag.equals("ROLLBACK");
        names.completed(tag, execution.statement(), execution.text());
        if (!asAsked && run instanceof Query) {
            throw outOfStep(tag);
        }
        kept.refuseIfFull();
    }

    void suspended() throws Refusal {
        if (!(next() instanceof Execute execute)) {
            throw outOfStep("PortalSuspended");
        }
        ended(execute, execution(execute), meter.rows(), false, new Outcome.Suspended());
        kept.refuseIfFull();
    }

    /** A text that the server answers to now. */
    private SqlText read(SqlText text) {
        text.isReadBy(reading, !stirred);
        return text;
    }

    private void stirs(SqlText text) {
        stirred = stirred || !text.leavesReadingAsItIs();
    }

    /** The statement that a message runs now. */
    private Recorder.Execution execution(Run run) throws Refusal {
        return switch (run) {
            case Query query -> recorder.execution(read(query.text), query.completed, Protocol.SIMPLE);
            case Execute execute -> recorder.execution(names.portal(execute.portal));
        };
    }

    /** @param copied whether the bytes that came since are the statement's own */
    private void ended(Run run, Recorder.Execution execution, long rows, boolean copied, Outcome outcome)
            throws Refusal {
        boolean first = true;
        if (run instanceof Query query) {
            first = query.completed++ == 0;
        } else {
            waiting.remove();
        }
        long bytes = (first ? run.bytes : 0) + (copied ? meter.takeFromClient() : 0);
        stirs(execution.text());
        names.ran(execution.statement(), outcome);
        recorder.append(execution, meter.close(run.came), rows, bytes, outcome);
    }

    void failed(ServerError error) throws Refusal {
        if (error.fatal()) {
            withholdWhatIsHeld();
        }
        boolean byQuery = next() instanceof Query;
        try {
            // The session may end while a Query is broken off that is recorded as such.
            if (!byQuery || !queryFailed) {
                fails(new Outcome.Failed(error.sqlState(), error.message()));
            }
        } finally {
            // Whatever becomes of the record, the server passes over the rest.
            copyIn = false;
            if (error.fatal()) {
                waiting.clear();
            } else if (byQuery) {
                queryFailed = true;
            } else {
                skipToSync();
            }
        }
    }

    private void skipToSync() {
        while (!waiting.isEmpty() && waiting.peek() != Sync.SYNC) {
            if (waiting.remove() instanceof Parse parse) {
                kept.release(parse.text());
            }
        }
        skipping = waiting.isEmpty();
        if (skipping) {
            tell(true);
        }
    }

    /** The session ends: nothing is refused or denied any more, as nobody would hear of it, and what ran or may have run is recorded. */
    void ends() {
        withholdWhatIsHeld();
        kept.refusesNoMore();
        recorder.deniesNoMore();
    }

    /** The backend is gone. It may have run all that it has not answered, as answers wait to be sent together. */
    void lost(String reason) {
        ends();
        Outcome.Lost lost = new Outcome.Lost(reason);
        names.lost(lost);
        try {
            for (int apart = MOST_LOST; next() != null; ) {
                switch (waiting.element()) {
                    case Query query -> {
                        waiting.remove();
                        apart = lost(query, lost, apart);
                    }
                    case Execute execute -> ended(execute, execution(execute), meter.rows(), copyIn, lost);
                    case Parse _ -> parseComplete();
                    case Bind _ -> bindComplete();
                    case Close _ -> closeComplete();
                    case Describe _, Sync _ -> waiting.remove();
                    case EarlyCopy _ -> throw new IllegalStateException("passed over by next()");
                }
            }
            recordWithheld();
            names.sessionEnds();
        } catch (Refusal e) {
            throw new IllegalStateException("refused though the session ends: " + e.reason(), e);
        }
    }

    /**
     * @param apart how many statements may get a record each; all behind them get one together
     * @return how many still may
     */
    private int lost(Query query, Outcome lost, int apart) throws Refusal {
        int left = queryFailed ? 0 : Math.max(0, read(query.text).left(query.completed));
        queryFailed = false;
        // One alone needs no more room by itself than within another record.
        int alone = left == 1 ? 1 : Math.min(left, apart);
        for (int i = 0; i < alone; i++) {
            ended(query, execution(query), meter.rows(), copyIn, lost);
        }
        if (left > alone) {
            ended(
                    query,
                    recorder.execution(query.text.rest(query.completed), 0, Protocol.SIMPLE),
                    meter.rows(),
                    copyIn,
                    lost);
        }
        return Math.max(0, apart - alone);
    }

    /** @param status of the transaction, {@link Backend#IDLE} where none is open; portals end with theirs */
    void ready(byte status) throws Refusal {
        if (!(next() instanceof Query || next() instanceof Sync)) {
            throw outOfStep("ReadyForQuery");
        }
        waiting.remove();
        queryFailed = false;
        stirred = false;
        if (next() == null) {
            meter.rests();
        }
        inFailedTransaction = status == Backend.FAILED;
        if (status == Backend.IDLE) {
            names.transactionEnds();
        }
    }

    /** CopyInResponse. */
    void copyInBegins() throws Refusal {
        if (!(next() instanceof Run)) {
            throw outOfStep("CopyInResponse");
        }
        // Also where it is refused: what came is COPY's.
        copyIn = true;
        copyIn = sentAhead.take();
        if (copyIn && whenTold != null) {
            throw amongCopyData();
        }
    }

    private Refusal amongCopyData() {
        Refusal why = new Refusal(
                "08P01", "a statement came where the server takes COPY data", "Send it behind CopyDone or CopyFail.");
        withhold(why.sqlState(), why.reason());
        return why;
    }

    private void withholdWhatIsHeld() {
        if (whenTold != null) {
            withhold("08006", "the session ended before the server got it");
        }
    }

    /** The server does not get the message that came last. */
    private void withhold(String sqlState, String why) {
        whenTold = null;
        withheld = new Withheld(waiting.removeLast(), new Outcome.Failed(sqlState, why));
    }

    private void recordWithheld() throws Refusal {
        Withheld last = withheld;
        if (last != null) {
            withheld = null;
            waiting.add(last.message());
            fails(last.outcome());
            waiting.clear();
        }
    }

    /** What the server answers next; COPY data that it did not ask for is passed over. */
    private @Nullable Exchange next() {
        while (waiting.peek() instanceof EarlyCopy) {
            waiting.remove();
        }
        return waiting.peek();
    }

    private void fails(Outcome outcome) throws Refusal {
        switch (next()) {
            case null -> {}
            case Run run -> ended(run, execution(run), meter.rows(), copyIn, outcome);
            case Parse parse -> neverRan(read(parse.text()), outcome);
            case Bind bind -> neverRan(names.shown(false, bind.statement()), outcome);
            case Describe describe -> neverRan(names.shown(describe.ofPortal(), describe.name()), outcome);
            case Close close -> neverRan(names.shown(close.ofPortal(), close.name()), outcome);
            case Sync _ -> neverRan(SqlText.unseen("COMMIT", "COMMIT (by Sync)"), outcome);
            case EarlyCopy _ -> throw new IllegalStateException("passed over by next()");
        }
    }

    /** A statement that was refused before it could be executed. */
    private void neverRan(SqlText text, Outcome outcome) throws Refusal {
        recorder.neverRan(text, meter.close(meter.began()), meter.takeFromClient(), outcome);
    }

    private static Refusal outOfStep(String answer) {
        return new Refusal(
                "08P01",
                "the server answered " + answer + " to nothing that was asked",
                "Connect again; report how it came to this if it happens again.");
    }
}
