package dev.espalier.gateway;

import dev.espalier.gateway.Exchange.Bind;
import dev.espalier.gateway.Exchange.Close;
import dev.espalier.gateway.Exchange.Describe;
import dev.espalier.gateway.Exchange.EarlyCopy;
import dev.espalier.gateway.Exchange.Execute;
import dev.espalier.gateway.Exchange.Parse;
import dev.espalier.gateway.Exchange.Portal;
import dev.espalier.gateway.Exchange.Query;
import dev.espalier.gateway.Exchange.Run;
import dev.espalier.gateway.Exchange.Sync;
import dev.espalier.gateway.StatementRecord.Outcome;
import dev.espalier.gateway.StatementRecord.Protocol;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One session's messages, as PostgreSQL understands them: what the client sent waits here for the server's answer, and takes
 * effect when that comes. So a record says what ran even where the client sends far ahead, an error skips what follows, or a
 * statement's name is used again.
 */
final class Conversation {

    private static final int MAX_NAME = 63;

    private final Recorder recorder;
    private final Meter meter;
    private final ArrayDeque<Exchange> waiting = new ArrayDeque<>();
    private final Map<String, SqlText> statements = new HashMap<>();
    private final Map<String, Portal> portals = new HashMap<>();

    /** The server takes COPY data, as far as it has said. */
    private boolean copyIn;

    /** The server passes over everything until the next Sync, none of which is waiting. */
    private boolean skipping;

    Conversation(Recorder recorder, Meter meter) {
        this.recorder = recorder;
        this.meter = meter;
    }

    /** Whether the server owes no answer. */
    boolean isIdle() {
        return waiting.isEmpty();
    }

    boolean takesCopyData() {
        return copyIn;
    }

    // What the client says.

    void query(SqlText text) {
        send(new Query(text, meter.began(), meter.takeFromClient()));
    }

    void parse(String name, SqlText text) {
        meter.prepares();
        send(new Parse(shortened(name), text));
    }

    void bind(String portal, String statement) {
        meter.prepares();
        send(new Bind(shortened(portal), shortened(statement)));
    }

    void describe(boolean ofPortal, String name) {
        send(new Describe(ofPortal, shortened(name)));
    }

    void close(boolean ofPortal, String name) {
        send(new Close(ofPortal, shortened(name)));
    }

    void execute(String portal) {
        send(new Execute(shortened(portal), meter.began(), meter.takeFromClient()));
    }

    /** Not to be called while {@link #takesCopyData}: the server passes over it then. */
    void sync() {
        meter.batchEnds();
        skipping = false;
        waiting.add(Sync.SYNC);
    }

    void copyData() {
        if (!copyIn && !waiting.isEmpty() && waiting.peekLast() != EarlyCopy.DATA) {
            send(EarlyCopy.DATA);
        }
    }

    void copyEnds() {
        if (copyIn) {
            copyIn = false;
        } else if (!waiting.isEmpty()) {
            send(EarlyCopy.END);
        }
    }

    private void send(Exchange message) {
        if (!skipping) {
            waiting.add(message);
        }
    }

    /** PostgreSQL tells names apart by their first 63 bytes. */
    private static String shortened(String name) {
        return name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME);
    }

    // What the server answers.

    void parseComplete() throws Refusal {
        if (!(next() instanceof Parse parse)) {
            throw outOfStep("ParseComplete");
        }
        waiting.remove();
        statements.put(parse.name(), parse.text());
    }

    void bindComplete() throws Refusal {
        if (!(next() instanceof Bind bind)) {
            throw outOfStep("BindComplete");
        }
        waiting.remove();
        portals.put(bind.portal(), new Portal(statements.get(bind.statement())));
    }

    void closeComplete() throws Refusal {
        if (!(next() instanceof Close close)) {
            throw outOfStep("CloseComplete");
        }
        waiting.remove();
        (close.ofPortal() ? portals : statements).remove(close.name());
    }

    /** RowDescription or NoData: the answer to Describe, or a part of the answer to Query. */
    void described() {
        if (next() instanceof Describe) {
            waiting.remove();
        }
    }

    /** CommandComplete, or EmptyQueryResponse with an empty tag. */
    void completed(String tag) throws Refusal {
        boolean endsCopy = copyIn || tag.startsWith("COPY ");
        copyIn = false;
        switch (next()) {
            case Query query -> {
                StatementInfo statement = query.text.statement(query.completed++);
                recorder.append(
                        query.text,
                        statement,
                        recorder.nextNumber(),
                        1,
                        Protocol.SIMPLE,
                        meter.close(query.came),
                        rows(tag),
                        bytes(query, query.completed == 1, endsCopy),
                        new Outcome.Completed(tag));
                prepared(tag, statement, query.text);
            }
            case Execute execute -> {
                waiting.remove();
                Portal portal = executed(execute);
                StatementInfo statement = portal.text.statement(0);
                recorder.append(
                        portal.text,
                        statement,
                        portal.number,
                        portal.parts,
                        Protocol.EXTENDED,
                        meter.close(execute.came),
                        rows(tag),
                        bytes(execute, true, endsCopy),
                        new Outcome.Completed(tag));
                prepared(tag, statement, portal.text);
            }
            case null, default -> throw outOfStep("CommandComplete");
        }
    }

    void suspended() throws Refusal {
        if (!(next() instanceof Execute execute)) {
            throw outOfStep("PortalSuspended");
        }
        waiting.remove();
        Portal portal = executed(execute);
        Meter.Reading reading = meter.close(execute.came);
        recorder.append(
                portal.text,
                portal.text.statement(0),
                portal.number,
                portal.parts,
                Protocol.EXTENDED,
                reading,
                reading.rows(),
                execute.bytes,
                new Outcome.Suspended());
    }

    void failed(ServerError error) throws Refusal {
        fails(new Outcome.Failed(error.sqlState(), error.message()));
        copyIn = false;
        if (error.fatal()) {
            waiting.clear();
        } else if (next() instanceof Query query) {
            query.failed = true;
        } else {
            skipToSync();
        }
    }

    private void skipToSync() {
        while (!waiting.isEmpty() && waiting.peek() != Sync.SYNC) {
            waiting.remove();
        }
        skipping = waiting.isEmpty();
    }

    /** The backend is gone. */
    void lost(String reason) throws Refusal {
        if (next() instanceof Run run && !(run instanceof Query query && query.failed)) {
            fails(new Outcome.Lost(reason));
        }
        waiting.clear();
    }

    /** @param inTransaction whether a transaction is open; portals end with theirs */
    void ready(boolean inTransaction) throws Refusal {
        if (!(next() instanceof Query || next() instanceof Sync)) {
            throw outOfStep("ReadyForQuery");
        }
        waiting.remove();
        if (!inTransaction && !portals.isEmpty()) {
            portals.clear();
        }
    }

    /**
     * CopyInResponse. The server passes over a Sync that came before, until COPY's end. Where a Sync stands between COPY data
     * that came before, it depends on the data which of both it was; no client does that.
     */
    void copyInBegins() throws Refusal {
        if (!(next() instanceof Run)) {
            throw outOfStep("CopyInResponse");
        }
        copyIn = true;
        boolean data = false;
        Iterator<Exchange> later = waiting.iterator();
        later.next();
        while (copyIn && later.hasNext()) {
            Exchange message = later.next();
            if (message == Sync.SYNC && data) {
                throw new Refusal(
                        "08P01",
                        "a Sync came among COPY data that was sent before the server asked for it",
                        "Wait for CopyInResponse, or send Sync after CopyDone.");
            }
            if (message == Sync.SYNC || message instanceof EarlyCopy) {
                later.remove();
                data |= message == EarlyCopy.DATA;
                copyIn = message != EarlyCopy.END;
            }
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
            case Query query ->
                recorder.append(
                        query.text,
                        query.text.statement(query.completed),
                        recorder.nextNumber(),
                        1,
                        Protocol.SIMPLE,
                        meter.close(query.came),
                        0,
                        bytes(query, query.completed == 0, copyIn),
                        outcome);
            case Execute execute -> {
                Portal portal = executed(execute);
                recorder.append(
                        portal.text,
                        portal.text.statement(0),
                        portal.number,
                        portal.parts,
                        Protocol.EXTENDED,
                        meter.close(execute.came),
                        0,
                        bytes(execute, true, copyIn),
                        outcome);
            }
            case Parse parse -> refused(parse.text(), outcome);
            case Bind bind -> refused(new Portal(statements.get(bind.statement())).text, outcome);
            case Describe describe -> refused(named(describe.ofPortal(), describe.name()), outcome);
            case Close close -> refused(named(close.ofPortal(), close.name()), outcome);
            case Sync _ -> refused(SqlText.unseen("COMMIT", "COMMIT (by Sync)"), outcome);
            case EarlyCopy _ -> throw new IllegalStateException("passed over by next()");
        }
    }

    /** A statement that did not come to be executed. */
    private void refused(SqlText text, Outcome outcome) throws Refusal {
        Meter.Reading reading = meter.close(meter.began());
        recorder.append(
                text,
                text.statement(0),
                recorder.nextNumber(),
                1,
                Protocol.EXTENDED,
                reading,
                0,
                meter.takeFromClient(),
                outcome);
    }

    private SqlText named(boolean ofPortal, String name) {
        return new Portal(ofPortal ? portals.containsKey(name) ? portals.get(name).text : null : statements.get(name))
                .text;
    }

    private Portal executed(Execute execute) {
        Portal portal = portals.computeIfAbsent(execute.portal, name -> new Portal(null));
        if (portal.parts++ == 0) {
            portal.number = recorder.nextNumber();
        }
        return portal;
    }

    /** PREPARE and DEALLOCATE in SQL share their names with Parse and Close. */
    private void prepared(String tag, StatementInfo statement, SqlText text) {
        switch (tag) {
            case "PREPARE" -> statement.prepared().ifPresent(name -> statements.put(bytes(name), text.only(statement)));
            case "DEALLOCATE" -> statement.prepared().ifPresent(name -> statements.remove(bytes(name)));
            case "DEALLOCATE ALL", "DISCARD ALL" -> statements.clear();
            default -> {}
        }
    }

    /** A name as it comes in messages, where each byte is a character here. */
    private static String bytes(String name) {
        return shortened(new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
    }

    private long bytes(Run run, boolean first, boolean copied) {
        return (first ? run.bytes : 0) + (copied ? meter.takeFromClient() : 0);
    }

    private static long rows(String tag) {
        return CommandTag.rows(tag);
    }

    private static Refusal outOfStep(String answer) {
        return new Refusal(
                "08P01",
                "the server answered " + answer + " to nothing that was asked",
                "Connect again; report how it came to this if it happens again.");
    }
}
