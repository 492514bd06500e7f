package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** From the client to the backend. */
final class ClientRelay extends ChannelInboundHandlerAdapter implements FrameScanner.Frames {

    /** As much of a Bind, Execute, Describe or Close as is read for the names in it, in bytes. */
    private static final int MAX_NAMES = 8 * 1024;

    private final Session session;
    private final Channel client;
    private final Channel backend;
    private final Conversation conversation;
    private final Meter meter;
    private final Texts texts;
    private final int maxText;
    private final TextReading reading;
    private final Rewriting rewriting;
    private final FrameScanner scanner;

    ClientRelay(
            Session session,
            Channel client,
            Channel backend,
            Conversation conversation,
            Meter meter,
            TextReading reading,
            Texts texts,
            Rewriting rewriting,
            int maxText) {
        this.session = session;
        this.client = client;
        this.backend = backend;
        this.conversation = conversation;
        this.meter = meter;
        this.reading = reading;
        this.texts = texts;
        this.rewriting = rewriting;
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
        try {
            scanner.scan(in);
        } catch (Refusal e) {
            session.end(e);
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

    /** While somebody takes them, and it is known what they answer. */
    private void readAnswers() {
        if (session.isOpen()) {
            backend.config().setAutoRead(client.isWritable() && texts.allKnown());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            session.clientHalfClosed();
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
                conversation.query(text(in, at, end, available < length));
                return available < length || !replaces(type, in, at, at, end);
            }
            case Frontend.PARSE -> {
                int name = nameEnd(in, at, end);
                conversation.parse(name(in, at, name), text(in, name + 1, end, available < length));
                return available < length || !replaces(type, in, at, name + 1, end);
            }
            case Frontend.BIND -> {
                int portal = nameEnd(in, at, end);
                conversation.bind(name(in, at, portal), name(in, portal + 1, nameEnd(in, portal + 1, end)));
            }
            case Frontend.EXECUTE -> conversation.execute(name(in, at, nameEnd(in, at, end)));
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
            case Frontend.FUNCTION_CALL -> {
                FunctionCall.refuseTooLong(length);
                conversation.query(SqlText.unseen("OTHER", FunctionCall.text(in, at, end)));
                return FunctionCall.isOfLargeObject(in, at, end);
            }
            default -> {}
        }
        return true;
    }

    @Override
    public void dropped(byte type) {
        switch (type) {
            case Frontend.FUNCTION_CALL -> Wire.write(backend, Messages.query(backend.alloc(), FunctionCall.REFUSED));
            case Frontend.QUERY, Frontend.PARSE -> Wire.write(backend, rewriting.take());
            default -> {}
        }
    }

    private boolean replaces(byte type, ByteBuf in, int at, int text, int end) {
        return reading.isTheGrammars() && rewriting.replaces(type, in, at, text, in.indexOf(text, end, (byte) 0), end);
    }

    private SqlText text(ByteBuf in, int at, int end, boolean truncated) {
        int mark = in.indexOf(at, end, (byte) 0);
        byte[] sql = new byte[(mark < 0 ? end : mark) - at];
        in.getBytes(at, sql);
        SqlText text = texts.read(sql, truncated, !truncated && reading.isTheGrammars(), this::readAnswers);
        if (!texts.allKnown()) {
            readAnswers();
        }
        return text;
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
        return at == end ? "" : in.toString(at, end - at, StandardCharsets.ISO_8859_1);
    }
}
