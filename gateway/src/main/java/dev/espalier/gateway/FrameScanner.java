package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Walks the messages of one direction and passes the bytes on in ranges as large as they came. A message that is there in
 * part is held until it is complete if it is small, so that the other side can be told something between two messages; of a
 * larger one only the beginning is held, and its rest flows through. So the memory used does not depend on what is sent.
 */
final class FrameScanner {

    /** What happens to the messages. */
    interface Frames {

        /** Longest message of the type that is held until it is complete, in bytes; at least {@link #HEADER}. */
        int hold(byte type);

        /** How many bytes of the body of a message that flows through are looked at, at most, before any of it is passed on. */
        int collect(byte type);

        /**
         * One message, before it is passed on.
         *
         * @param in holds the body, or its beginning
         * @param at where the body begins in it
         * @param available bytes of the body that are there; all of them unless the message flows through
         * @param length bytes of the body
         * @return whether it is passed on; ignored for one that flows through
         * @throws Refusal to end the session; what came before this message is passed on, it is not, and what comes behind it waits for
         *     {@link #resume}
         */
        boolean frame(byte type, ByteBuf in, int at, int available, int length) throws Refusal;

        /**
         * A message was not passed on, and all that came before it was.
         *
         * @throws Refusal to end the session
         */
        default void dropped(byte type) throws Refusal {}

        /**
         * More of the message that flows through.
         *
         * @param in holds it; not changed
         * @param last whether the message ends with it
         */
        default void flows(ByteBuf in, int at, int bytes, boolean last) {}

        /** Passes bytes on; the receiver releases them. */
        void forward(ByteBuf range);
    }

    /** Type byte and length. */
    static final int HEADER = 5;

    /** PostgreSQL takes no message of 1 GiB or more. */
    private static final int MAX_LENGTH = 1 << 30;

    private final Frames frames;
    private final ByteBufAllocator allocator;

    /** The message that is there in part, of which nothing was passed on. */
    private @Nullable ByteBuf held;

    /** Bytes still to come of the message that flows through. */
    private int remaining;

    /** What came of it was passed on. */
    private boolean begun;

    /** A message had no possible length, so that nobody knows where the next one begins. */
    private boolean astray;

    /** Nothing is looked at, and what comes is kept. */
    private boolean paused;

    private @Nullable ByteBuf kept;

    FrameScanner(ByteBufAllocator allocator, Frames frames) {
        this.allocator = allocator;
        this.frames = frames;
    }

    /** Whether a part of a message was passed on whose rest has not come yet. */
    boolean isWithinFrame() {
        return begun && remaining > 0;
    }

    /** No later message is looked at until {@link #resume}. To be called for a message, or between two reads. */
    void pause() {
        paused = true;
    }

    /** Whether nothing is looked at: {@link #pause} was called, or a message was refused. */
    boolean isPaused() {
        return paused;
    }

    /** Whether something has come since that was not looked at. */
    boolean hasKept() {
        return kept != null;
    }

    /** Looks at what has come since; behind a message that was refused, from the next one on. */
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
        boolean thrown = true;
        try {
            if (!isStopped() && remaining > 0) {
                flow(in);
            }
            if (!isStopped() && held != null && in.isReadable()) {
                complete(held, in);
            }
            if (!isStopped() && held == null && remaining == 0) {
                walk(in);
            }
            thrown = false;
        } finally {
            paused |= thrown;
            try {
                if (paused && !astray) {
                    keep(in);
                }
            } finally {
                in.release();
            }
        }
    }

    private boolean isStopped() {
        return paused || astray;
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
    }

    /** The usual case: the read begins with a message. Whatever is thrown, the read goes on behind the message that it is about. */
    private void walk(ByteBuf in) throws Refusal {
        int end = in.writerIndex();
        int from = in.readerIndex();
        int at = from;
        int next = from;
        try {
            while (!paused && end - at >= HEADER) {
                byte type = in.getByte(at);
                int body = bodyLength(in.getInt(at + 1));
                if (body > end - at - HEADER) {
                    break;
                }
                next = at + HEADER + body;
                if (!frames.frame(type, in, at + HEADER, body, body)) {
                    pass(in, from, at);
                    from = next;
                    at = next;
                    frames.dropped(type);
                }
                at = next;
            }
        } finally {
            in.readerIndex(next);
            pass(in, from, at);
        }
        if (!paused && in.isReadable()) {
            held = allocator.buffer();
            complete(held, in);
        }
    }

    private int bodyLength(int length) throws Refusal {
        if (length < Integer.BYTES || length > MAX_LENGTH) {
            astray = true;
            throw new Refusal(
                    "08P01",
                    "a message says it has " + Integer.toUnsignedString(length) + " bytes, and between " + Integer.BYTES
                            + " and " + MAX_LENGTH + " are possible",
                    "Connect again; report it to the client's makers if it happens again.");
        }
        return length - Integer.BYTES;
    }

    /** Moves to the held message what it lacks, and passes it on when that is there. */
    private void complete(ByteBuf message, ByteBuf in) throws Refusal {
        if (!fill(message, HEADER, in)) {
            return;
        }
        byte type = message.getByte(0);
        int body = bodyLength(message.getInt(1));
        boolean flows = HEADER + body > frames.hold(type);
        int available = flows ? Math.min(frames.collect(type), body) : body;
        if (!fill(message, HEADER + available, in)) {
            return;
        }
        held = null;
        remaining = body - available;
        begun = false;
        try {
            if (frames.frame(type, message, HEADER, available, body) || flows) {
                frames.forward(message.retain());
                begun = true;
            } else {
                frames.dropped(type);
            }
        } finally {
            message.release();
        }
        if (!paused) {
            flow(in);
        }
    }

    /** @return whether the message has so many bytes now */
    private static boolean fill(ByteBuf message, int bytes, ByteBuf in) {
        int lacking = bytes - message.readableBytes();
        if (lacking > 0) {
            message.writeBytes(in, Math.min(lacking, in.readableBytes()));
        }
        return message.readableBytes() >= bytes;
    }

    /** More of the message that flows through. */
    private void flow(ByteBuf in) {
        int from = in.readerIndex();
        int bytes = Math.min(remaining, in.readableBytes());
        in.skipBytes(bytes);
        remaining -= bytes;
        if (bytes > 0) {
            frames.flows(in, from, bytes, remaining == 0);
        }
        if (begun) {
            pass(in, from, from + bytes);
        }
    }

    private void pass(ByteBuf in, int from, int to) {
        if (to > from) {
            frames.forward(in.retainedSlice(from, to - from));
        }
    }
}
