package dev.espalier.gateway;

import dev.espalier.gateway.Rewriting.Reading;
import dev.espalier.gateway.SessionRules.Later;
import dev.espalier.gateway.SessionRules.Refused;
import dev.espalier.gateway.SessionRules.Sent;
import dev.espalier.gateway.SessionRules.Work;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From the client to the backend. */
final class ClientRelay extends ChannelInboundHandlerAdapter implements FrameScanner.Frames {

    private static final Logger LOG = LoggerFactory.getLogger(ClientRelay.class);

    /** As much of a Bind, Execute, Describe or Close as is read for the names in it, in bytes. */
    private static final int MAX_NAMES = 8 * 1024;

    /** In PostgreSQL's words. */
    private static final Refused IN_FAILED_TRANSACTION = new Refused(new Refusal(
            "25P02", "current transaction is aborted, commands ignored until end of transaction block", ""));

    private final Session session;
    private final Channel client;
    private final Channel backend;
    private final Conversation conversation;
    private final Meter meter;
    private final Texts texts;
    private final int maxText;
    private final TextReading reading;
    private final Rewriting rewriting;
    private final Executor longTexts;
    private final Executor blocking;
    private final FrameScanner scanner;

    private final Runnable whenTextsAreKnown = this::textsAreKnown;

    /** How the server reads the text of the last message. */
    private Reading told = Reading.TOLD;

    /** What the server gets for the last message is still to be found out. */
    private boolean waits;

    /** The text whose rest flows through. */
    private @Nullable LongText longText;

    /** The client sends nothing more. */
    private boolean ended;

    /** The server gets nothing more. */
    private boolean endPassedOn;

    ClientRelay(
            Session session,
            Channel client,
            Channel backend,
            Conversation conversation,
            Meter meter,
            TextReading reading,
            Texts texts,
            Rewriting rewriting,
            Executor longTexts,
            Executor blocking,
            int maxText) {
        this.session = session;
        this.client = client;
        this.backend = backend;
        this.conversation = conversation;
        this.meter = meter;
        this.reading = reading;
        this.texts = texts;
        this.rewriting = rewriting;
        this.longTexts = longTexts;
        this.blocking = blocking;
        this.maxText = maxText;
        this.scanner = new FrameScanner(client.alloc(), this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (!session.isOpen()) {
            in.release();
            return;
        }
        long now = System.nanoTime();
        session.active(now);
        meter.tick(now);
        texts.readBegins(now);
        try {
            scanner.scan(in);
        } catch (Refusal e) {
            session.end(e);
        }
        if (!conversation.takesMore()) {
            readRequests();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        backend.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        readAnswers();
    }

    /** While somebody takes them, or nobody is there any more, and it is known what they answer. */
    void readAnswers() {
        backend.config().setAutoRead((client.isWritable() || !session.isOpen()) && texts.allKnown());
    }

    /** Whether nothing that the server answers to is still to be taken apart. */
    boolean allTextsAreKnown() {
        return texts.allKnown();
    }

    /** What is not taken apart yet is recorded by its length and digest. */
    void giveTextsUp() {
        texts.giveUp(whenTextsAreKnown);
    }

    private void textsAreKnown() {
        try {
            conversation.textsAreKnown();
        } catch (Refusal e) {
            session.end(e);
        }
        session.textsAreKnown();
        readAnswers();
        lookOn();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ended = true;
            endPassesOn();
        } else if (event == GatewayServer.Stop.STOP) {
            session.end(GatewayServer.Stop.reason());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        session.clientGone();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        scanner.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            // A reset: nobody is there who could be told.
            Wire.close(client);
        } else {
            session.broken(cause);
        }
    }

    @Override
    public void forward(ByteBuf range) {
        Wire.write(backend, range);
    }

    @Override
    public int hold(byte type) {
        return switch (type) {
            case Frontend.FUNCTION_CALL -> FunctionCall.LONGEST;
            case Frontend.QUERY, Frontend.PARSE -> rewriting.hold();
            default -> FrameScanner.HEADER;
        };
    }

    @Override
    public int collect(byte type) {
        return switch (type) {
            case Frontend.QUERY, Frontend.PARSE -> maxText;
            case Frontend.BIND, Frontend.EXECUTE, Frontend.DESCRIBE, Frontend.CLOSE -> MAX_NAMES;
            default -> 0;
        };
    }

    @Override
    public boolean frame(byte type, ByteBuf in, int at, int available, int length) throws Refusal {
        meter.fromClient(FrameScanner.HEADER + length);
        int end = at + available;
        switch (type) {
            case Frontend.QUERY -> {
                session.refuseIfNothingMayBegin();
                refuseTooLong(available < length);
                SqlText text = text(in, at, end, available < length);
                conversation.query(text);
                return isPassedOn(in, at, at, end, available < length);
            }
            case Frontend.PARSE -> {
                session.refuseIfNothingMayBegin();
                refuseTooLong(available < length);
                int name = nameEnd(in, at, end);
                SqlText text = text(in, name + 1, end, available < length);
                conversation.parse(name(in, at, name), text);
                return isPassedOn(in, at, name + 1, end, available < length);
            }
            case Frontend.BIND -> {
                session.refuseIfNothingMayBegin();
                int portal = nameEnd(in, at, end);
                conversation.bind(name(in, at, portal), name(in, portal + 1, nameEnd(in, portal + 1, end)));
            }
            case Frontend.EXECUTE -> {
                session.refuseIfNothingMayBegin();
                conversation.execute(name(in, at, nameEnd(in, at, end)));
            }
            case Frontend.DESCRIBE, Frontend.CLOSE -> {
                boolean ofPortal = available > 0 && in.getByte(at) == 'P';
                String name = name(in, at + 1, nameEnd(in, at + 1, end));
                if (type == Frontend.DESCRIBE) {
                    conversation.describe(ofPortal, name);
                } else {
                    conversation.close(ofPortal, name);
                }
            }
            case Frontend.SYNC -> {
                if (conversation.takesCopyData()) {
                    return false;
                }
                conversation.sync();
            }
            case Frontend.COPY_DATA -> conversation.copyData();
            case Frontend.COPY_DONE, Frontend.COPY_FAIL -> conversation.copyEnds();
            case Frontend.TERMINATE -> session.terminated();
            case Frontend.FLUSH -> refuseBodyOfFlush(length);
            case Frontend.FUNCTION_CALL -> {
                session.refuseIfNothingMayBegin();
                FunctionCall.refuseTooLong(length);
                conversation.query(SqlText.unseen("OTHER", FunctionCall.text(in, at, end)));
                return FunctionCall.isOfLargeObject(in, at, end);
            }
            default -> {}
        }
        return true;
    }

    /** The server would answer it with an error that belongs to no other message, and pass over all that comes up to the next Sync. */
    private static void refuseBodyOfFlush(int length) throws Refusal {
        if (length > 0) {
            throw new Refusal(
                    "08P01",
                    "a Flush message has " + length + " bytes, and it has none",
                    "Connect again; report it to the client's makers if it happens again.");
        }
    }

    @Override
    public void flows(ByteBuf in, int at, int bytes, boolean last) {
        LongText text = longText;
        if (text != null) {
            text.flows(in, at, bytes, last);
            longText = last ? null : text;
        }
    }

    @Override
    public void dropped(byte type) throws Refusal {
        switch (type) {
            case Frontend.FUNCTION_CALL -> Wire.write(backend, Messages.query(backend.alloc(), FunctionCall.REFUSED));
            case Frontend.QUERY, Frontend.PARSE -> {
                if (conversation.isSkipping()) {
                    return;
                }
                if (told == Reading.TOLD_LATER) {
                    whenItIsNext(() -> goOn(type, rewriting.lookAgain(reading.isTheGrammars())));
                } else if (!(rewriting.sent() instanceof Later work)) {
                    Wire.write(backend, rewriting.message(type, rewriting.sent()));
                } else if (conversation.isLastNext()) {
                    later(type, work);
                } else {
                    whenItIsNext(() -> later(type, work));
                    // The server may keep the answers to what came before until it is asked for them.
                    Wire.flush(backend, Messages.flush(backend.alloc()));
                }
            }
            default -> {}
        }
    }

    /**
     * Holds the last message until everything that came before it is answered, and for good where the server passes over it. Goes
     * on behind what the loop does now: the answers that it has read come first, whatever becomes of the session.
     */
    private void whenItIsNext(Runnable action) throws Refusal {
        conversation.whenTold(skipped -> client.eventLoop().execute(skipped ? this::goOn : action));
        holdBack();
    }

    private void holdBack() {
        scanner.pause();
        waits = true;
        readRequests();
    }

    private void later(byte type, Later later) {
        if (!session.isOpen()) {
            return;
        }
        holdBack();
        if (later.work() == Work.ACTS && conversation.isInFailedTransaction()) {
            client.eventLoop().execute(() -> goOn(type, IN_FAILED_TRANSACTION));
            return;
        }
        Executor where = later.work() == Work.READS ? longTexts : blocking;
        where.execute(() -> {
            Sent found = found(later.sent());
            client.eventLoop().execute(() -> {
                if (later.work() == Work.ACTS && session.isOpen()) {
                    conversation.textIsReplaced();
                }
                goOn(type, found);
            });
        });
    }

    /** It is known what the server gets for the message that was held. */
    private void goOn(byte type, Sent found) {
        if (!session.isOpen()) {
            return;
        }
        if (found instanceof Later later) {
            later(type, later);
            return;
        }
        Wire.flush(backend, rewriting.message(type, found));
        goOn();
    }

    /** Nothing is to be done any more about the message that was held. */
    private void goOn() {
        waits = false;
        lookOn();
    }

    /** Looks at what has come since, unless something is still to be found out. */
    private void lookOn() {
        if (waits || !texts.allKnown() || !session.isOpen()) {
            return;
        }
        texts.readBegins(System.nanoTime());
        try {
            scanner.resume();
            backend.flush();
        } catch (Refusal e) {
            session.end(e);
        }
        readRequests();
        endPassesOn();
    }

    /** Behind all that came before it. */
    private void endPassesOn() {
        if (ended && !endPassedOn && !waits && !scanner.hasKept()) {
            endPassedOn = true;
            session.clientHalfClosed();
        }
    }

    private static Sent found(Supplier<Sent> work) {
        try {
            return work.get();
        } catch (RuntimeException | Error e) {
            LOG.error("a statement could not be carried out", e);
            return new Refused(new Refusal(
                    "XX000",
                    "the statement could not be carried out: " + e.getMessage(),
                    "The server's log has the details."));
        }
    }

    /** While the backend takes them, and little is waited for: so a session holds few texts and messages, whatever it sends. */
    void readRequests() {
        // The end has been read then, and Netty cannot begin again behind it; or the session's end is being said.
        if (!ended && session.isOpen()) {
            client.config().setAutoRead(backend.isWritable() && !waits && texts.allKnown() && conversation.takesMore());
        }
    }

    private void refuseTooLong(boolean flows) throws Refusal {
        if (flows) {
            rewriting.refuseTooLong();
        }
    }

    private boolean isPassedOn(ByteBuf in, int at, int text, int end, boolean flows) throws Refusal {
        if (flows) {
            return true;
        }
        if (rewriting.looks() && conversation.isSkipping()) {
            return false;
        }
        return !rewriting.replaces(in, at, text, in.indexOf(text, end, (byte) 0), end, told, reading.isTheGrammars());
    }

    private SqlText text(ByteBuf in, int at, int end, boolean flows) {
        int mark = in.indexOf(at, end, (byte) 0);
        byte[] sql = new byte[(mark < 0 ? end : mark) - at];
        in.getBytes(at, sql);
        boolean toldNow = conversation.isToldHowTextsAreRead();
        boolean open = !(toldNow && reading.isTheGrammars()) && !TextReading.isPlain(sql);
        told = toldNow || !open || !rewriting.looks() ? Reading.TOLD : toldBehindWhatIsOnItsWay();
        boolean cut = flows && mark < 0;
        // Of one whose end is not here a character may be cut, and of one sent ahead the encoding is not known.
        byte[] seen = toldNow && open && !cut ? reading.inUtf8(sql) : sql;
        SqlText text = texts.read(seen, cut, open, whenTextsAreKnown);
        longText = cut ? new LongText(text, sql) : null;
        if (!texts.allKnown()) {
            scanner.pause();
            session.textsAreToBeKnown();
            readAnswers();
            readRequests();
        }
        return text;
    }

    private Reading toldBehindWhatIsOnItsWay() {
        if (conversation.leavesReadingAsItIs()) {
            return Reading.TOLD;
        }
        return conversation.tellsHowTextsAreRead() ? Reading.TOLD_LATER : Reading.UNTOLD;
    }

    private static int nameEnd(ByteBuf in, int at, int end) throws Refusal {
        int mark = at < end ? in.indexOf(at, end, (byte) 0) : -1;
        if (mark < 0) {
            throw new Refusal(
                    "08P01",
                    "a message ends within the name of a statement or portal, or the name is longer than " + MAX_NAMES
                            + " bytes",
                    "Use shorter names.");
        }
        return mark;
    }

    /** Bytes as characters: names are compared, never shown. */
    private static String name(ByteBuf in, int at, int end) {
        return at == end
                ? ""
                : in.toString(at, Math.min(end - at, PreparedNames.MAX_NAME), StandardCharsets.ISO_8859_1);
    }
}
