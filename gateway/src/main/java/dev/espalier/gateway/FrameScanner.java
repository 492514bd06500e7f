package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Walks the messages of one direction and passes the bytes on in ranges as large as they came. A message that is there in
 * part is held until it is complete if it is small, so that the other side can be told something between two messages; a
 * larger one flows through, and only its beginning is collected. So the memory used does not depend on what is sent.
 */
final class FrameScanner {

    /** What happens to the messages. */
    interface Frames {

        /** Longest message of the type that is held until it is complete, in bytes; at least {@link #HEADER}. */
        int hold(byte type);

        /** How many bytes of the body of a message that flows through are wanted, at most. */
        int collect(byte type);

        /**
         * One message, before it is passed on.
         *
         * @param in holds the body, or its beginning
         * @param at where the body begins in it
         * @param available bytes of the body that are there; all of them unless the message flows through
         * @param length bytes of the body
         * @return whether it is passed on; ignored for one that flows through
         * @throws Refusal to end the session; what came before this message is passed on
         */
        boolean frame(byte type, ByteBuf in, int at, int available, int length) throws Refusal;

        /**
         * A message was not passed on, and all that came before it was.
         *
         * @throws Refusal to end the session
         */
        default void dropped(byte type) throws Refusal {}

        /** Passes bytes on; the receiver releases them. */
        void forward(ByteBuf range);
    }

    /** Type byte and length. */
    static final int HEADER = 5;

    /** PostgreSQL takes no message of 1 GiB or more. */
    private static final int MAX_LENGTH = 1 << 30;

    private final Frames frames;
    private final ByteBufAllocator allocator;

    /** The message that is there in part and was not passed on. */
    private @Nullable ByteBuf held;

    /** The message that flows through: its type, the bytes of its body still to come, what was collected of it. */
    private byte type;

    private int length;
    private int remaining;
    private int wanted;
    private @Nullable ByteBuf collected;

    /** Nothing is looked at, and what comes is kept. */
    private boolean paused;

    private @Nullable ByteBuf kept;

    FrameScanner(ByteBufAllocator allocator, Frames frames) {
        this.allocator = allocator;
        this.frames = frames;
    }

    /** Whether a part of a message was passed on whose rest has not come yet. */
    boolean isWithinFrame() {
        return remaining > 0;
    }

    /** No later message is looked at until {@link #resume}. To be called for a message, or between two reads. */
    void pause() {
        paused = true;
    }

    /** Whether something has come since that was not looked at. */
    boolean hasKept() {
        return kept != null;
    }

    /** Looks at what has come since. */
    void resume() throws Refusal {
        paused = false;
        ByteBuf in = kept;
        kept = null;
        if (in != null) {
            scan(in);
        }
    }

    private void keep(ByteBuf in) {
        if (!in.isReadable()) {
            return;
        }
        ByteBuf buffer = kept;
        if (buffer == null) {
            buffer = allocator.buffer(in.readableBytes());
            kept = buffer;
        }
        buffer.writeBytes(in);
    }

    /** Takes what one read brought and releases it. */
    void scan(ByteBuf in) throws Refusal {
        try {
            if (paused) {
                keep(in);
                return;
            }
            if (remaining > 0) {
                flow(in);
            }
            if (held != null && in.isReadable()) {
                complete(held, in);
            }
            if (paused) {
                keep(in);
            } else if (held == null && remaining == 0) {
                walk(in);
            }
        } finally {
            in.release();
        }
    }

    /** Drops what is held. */
    void release() {
        if (held != null) {
            held.release();
            held = null;
        }
        if (kept != null) {
            kept.release();
            kept = null;
        }
        collected = null;
    }

    /** The usual case: the read begins with a message. */
    private void walk(ByteBuf in) throws Refusal {
        int end = in.writerIndex();
        int from = in.readerIndex();
        int at = from;
        try {
            while (end - at >= HEADER) {
                byte frameType = in.getByte(at);
                int body = bodyLength(in.getInt(at + 1));
                int next = at + HEADER + body;
                if (next < 0 || next > end) {
                    if (HEADER + body <= frames.hold(frameType)) {
                        break;
                    }
                    begin(frameType, body);
                    collect(in, at + HEADER, end - at - HEADER);
                    at = end;
                    return;
                }
                if (!frames.frame(frameType, in, at + HEADER, body, body)) {
                    pass(in, from, at);
                    from = next;
                    at = next;
                    frames.dropped(frameType);
                }
                at = next;
                if (paused) {
                    in.readerIndex(next);
                    keep(in);
                    return;
                }
            }
            if (at < end) {
                held = allocator.buffer(end - at).writeBytes(in, at, end - at);
            }
        } finally {
            pass(in, from, at);
        }
    }

    private static int bodyLength(int length) throws Refusal {
        if (length < Integer.BYTES || length > MAX_LENGTH) {
            throw new Refusal(
                    "08P01",
                    "a message says it has " + Integer.toUnsignedString(length) + " bytes, and between " + Integer.BYTES
                            + " and " + MAX_LENGTH + " are possible",
                    "Connect again; report it to the client's makers if it happens again.");
        }
        return length - Integer.BYTES;
    }

    /** Moves to the held message what it lacks, and passes it on when it is complete. */
    private void complete(ByteBuf message, ByteBuf in) throws Refusal {
        move(in, message, HEADER - message.readableBytes());
        if (message.readableBytes() < HEADER) {
            return;
        }
        byte frameType = message.getByte(0);
        int body = bodyLength(message.getInt(1));
        if (HEADER + body > frames.hold(frameType)) {
            held = null;
            begin(frameType, body);
            frames.forward(message);
            flow(in);
            return;
        }
        move(in, message, HEADER + body - message.readableBytes());
        if (message.readableBytes() < HEADER + body) {
            return;
        }
        boolean forward = frames.frame(frameType, message, HEADER, body, body);
        held = null;
        if (forward) {
            frames.forward(message);
        } else {
            message.release();
            frames.dropped(frameType);
        }
    }

    private static void move(ByteBuf from, ByteBuf to, int bytes) {
        if (bytes > 0) {
            to.writeBytes(from, Math.min(bytes, from.readableBytes()));
        }
    }

    /** A message begins that flows through. */
    private void begin(byte frameType, int body) throws Refusal {
        type = frameType;
        length = body;
        remaining = body;
        wanted = Math.min(frames.collect(frameType), body);
        if (wanted == 0) {
            frames.frame(type, Unpooled.EMPTY_BUFFER, 0, 0, length);
        }
    }

    /** More of the message that flows through. */
    private void flow(ByteBuf in) throws Refusal {
        int start = in.readerIndex();
        int bytes = Math.min(remaining, in.readableBytes());
        in.skipBytes(bytes);
        collect(in, start, bytes);
        pass(in, start, start + bytes);
    }

    private void collect(ByteBuf in, int at, int bytes) throws Refusal {
        remaining -= bytes;
        if (wanted == 0 || bytes == 0) {
            return;
        }
        ByteBuf body = collected;
        if (body == null) {
            body = Unpooled.buffer(Math.min(wanted, bytes), wanted);
            collected = body;
        }
        body.writeBytes(in, at, Math.min(bytes, wanted - body.readableBytes()));
        if (body.readableBytes() == wanted) {
            int available = wanted;
            wanted = 0;
            collected = null;
            frames.frame(type, body, 0, available, length);
        }
    }

    private void pass(ByteBuf in, int from, int to) {
        if (to > from) {
            frames.forward(in.retainedSlice(from, to - from));
        }
    }
}
