package dev.espalier.api.http;

import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Gives up on bodies that come so slowly that they only hold a thread. One that stops altogether ends with the connection's idle timeout. */
final class SlowBodies extends Handler.Wrapper {

    /** How long a body may take whatever it is. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Bytes in a second, on an average, below which one that takes longer is given up. */
    static final long SLOWEST = 1024;

    /** A body came too slowly. */
    static final class SlowBodyException extends IOException {

        private static final long serialVersionUID = 1L;

        private SlowBodyException() {
            super("less than " + SLOWEST + " bytes of it came in a second");
        }
    }

    private final LongSupplier nanos;

    /** @param nanos a clock as {@link System#nanoTime} */
    SlowBodies(LongSupplier nanos) {
        this.nanos = nanos;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        return super.handle(new Timed(request), response, callback);
    }

    /** Counts from when somebody began to read: before that it is not the client who is slow. */
    private final class Timed extends Request.Wrapper {

        private long begun;
        private boolean reading;
        private long bytes;
        private Content.@Nullable Chunk end;

        private Timed(Request request) {
            super(request);
        }

        @Override
        public Content.@Nullable Chunk read() {
            if (end != null) {
                return end;
            }
            if (!reading) {
                reading = true;
                begun = nanos.getAsLong();
            }
            Content.Chunk chunk = super.read();
            if (chunk == null || chunk.isLast() || Content.Chunk.isFailure(chunk)) {
                return chunk;
            }
            bytes += chunk.remaining();
            if (isTooSlow()) {
                chunk.release();
                end = Content.Chunk.from(new SlowBodyException(), true);
                return end;
            }
            return chunk;
        }

        private boolean isTooSlow() {
            Duration taken = Duration.ofNanos(nanos.getAsLong() - begun);
            return taken.compareTo(PATIENCE) > 0 && bytes < SLOWEST * taken.toSeconds();
        }
    }
}
