package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** From the backend to the client. */
final class BackendRelay extends ChannelInboundHandlerAdapter implements FrameScanner.Frames {

    /** Longest message that is held until it is complete, in bytes. */
    private static final int HOLD = 64 * 1024;

    /** As much of an error as is read for its record, in bytes. */
    private static final int MAX_ERROR = 8 * 1024;

    /** Longest error or notice that is held where its details are taken out; no longer one is passed on. */
    private static final int HOLD_ERROR = 1 << 20;

    private final Session session;
    private final Channel client;
    private final Channel backend;
    private final Conversation conversation;
    private final Meter meter;
    private final TextReading reading;
    private final boolean hidesDetails;
    private final FrameScanner scanner;
    private @Nullable ByteBuf withoutDetails;
    private boolean saidFatal;
    private boolean keeps;
    private boolean removed;

    BackendRelay(
            Session session,
            Channel client,
            Channel backend,
            Conversation conversation,
            Meter meter,
            TextReading reading,
            boolean hidesDetails) {
        this.session = session;
        this.client = client;
        this.backend = backend;
        this.conversation = conversation;
        this.meter = meter;
        this.reading = reading;
        this.hidesDetails = hidesDetails;
        this.scanner = new FrameScanner(backend.alloc(), this);
    }

    Meter meter() {
        return meter;
    }

    /** Whether the server has told the client that the session ends. */
    boolean saidFatal() {
        return saidFatal;
    }

    /** What comes is kept until {@link #takeAnswers}. Little does, from a backend that has ended: nothing is read any more. */
    void keepAnswers() {
        keeps = true;
        scanner.pause();
    }

    /** Goes on with what was kept. */
    void takeAnswers() {
        keeps = false;
        goOn();
        client.flush();
        if (removed) {
            scanner.release();
        }
    }

    /**
     * Looks at what came behind a message that ended the session, or would have: it is not passed on, and still recorded, and nothing of it
     * is kept.
     */
    void goOn() {
        while (!keeps && scanner.isPaused()) {
            try {
                scanner.resume();
            } catch (Refusal e) {
                session.end(e);
            } catch (RuntimeException | Error e) {
                session.broken(e);
            }
        }
    }

    /** Whether the client has a part of a message whose rest has not come. */
    boolean isWithinMessage() {
        return scanner.isWithinFrame();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        long now = System.nanoTime();
        session.active(now);
        meter.tick(now);
        try {
            scanner.scan((ByteBuf) message);
        } catch (Refusal e) {
            session.end(e);
            goOn();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        client.flush();
        session.readRequests();
        session.rests();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        session.readRequests();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        session.backendGone();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        removed = true;
        if (!keeps) {
            scanner.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            // A reset: nobody is there who could be told.
            Wire.close(backend);
        } else {
            session.broken(cause);
            goOn();
        }
    }

    @Override
    public void forward(ByteBuf range) {
        if (session.isOpen()) {
            Wire.write(client, range);
        } else {
            range.release();
        }
    }

    @Override
    public int hold(byte type) {
        return hidesDetails && isReport(type) ? HOLD_ERROR : HOLD;
    }

    private static boolean isReport(byte type) {
        return type == Backend.ERROR || type == Backend.NOTICE;
    }

    @Override
    public void dropped(byte type) {
        ByteBuf message = withoutDetails;
        withoutDetails = null;
        if (message != null) {
            forward(message);
        }
    }

    @Override
    public int collect(byte type) {
        return type == Backend.ERROR ? MAX_ERROR : 0;
    }

    @Override
    public boolean frame(byte type, ByteBuf in, int at, int available, int length) throws Refusal {
        meter.toClient(FrameScanner.HEADER + length);
        switch (type) {
            case Backend.DATA_ROW, Backend.COPY_DATA -> meter.row();
            case Backend.COMMAND_COMPLETE -> conversation.completed(CommandTag.read(in, at, available));
            case Backend.PARAMETER_STATUS -> reading.told(in, at, at + available);
            case Backend.READY -> conversation.ready(available > 0 ? in.getByte(at) : Backend.IDLE);
            case Backend.ROW_DESCRIPTION, Backend.NO_DATA -> conversation.described();
            case Backend.PARSE_COMPLETE -> conversation.parseComplete();
            case Backend.BIND_COMPLETE -> conversation.bindComplete();
            case Backend.CLOSE_COMPLETE -> conversation.closeComplete();
            case Backend.EMPTY_QUERY -> conversation.completed("");
            // As the SELECT of the function that it stands for.
            case Backend.FUNCTION_RESULT -> conversation.completed("SELECT 1");
            case Backend.PORTAL_SUSPENDED -> conversation.suspended();
            case Backend.COPY_IN -> conversation.copyInBegins();
            case Backend.ERROR -> {
                ServerError error = ServerError.read(in, at, Math.min(available, MAX_ERROR), hidesDetails);
                saidFatal |= error.fatal();
                session.failed(error.sqlState());
                conversation.failed(error);
            }
            default -> {}
        }
        conversation.heard();
        if (hidesDetails && type == Backend.NOTIFICATION) {
            return false;
        }
        return !hidesDetails || !isReport(type) || !hidesOf(type, in, at, available, length);
    }

    /** @return whether there is something to hide */
    private boolean hidesOf(byte type, ByteBuf in, int at, int available, int length) throws Refusal {
        if (available < length) {
            throw new Refusal(
                    "54000",
                    "the server reports something in " + length + " bytes, and details are not shown here",
                    "Ask the administrator, who sees it in the server's log.");
        }
        withoutDetails = ServerError.withoutDetails(client.alloc(), type, in, at, available);
        return true;
    }
}
