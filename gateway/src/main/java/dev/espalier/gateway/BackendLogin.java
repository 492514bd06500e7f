package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.Map;

/** Logs in to PostgreSQL as a role over the private socket, where no password is asked. */
final class BackendLogin extends ByteToMessageDecoder {

    /** What becomes of a login; one of them is called once. */
    interface Outcome {

        /**
         * The backend is ready.
         *
         * @param reading how it reads texts
         * @param greeting what it said for the client, up to ReadyForQuery, without its key; the receiver releases it
         * @param ready its ReadyForQuery; the receiver releases it
         */
        void ready(Channel backend, int processId, Secret secret, TextReading reading, ByteBuf greeting, ByteBuf ready);

        void refused(Refusal refusal);
    }

    /** Longest message at login; PostgreSQL's own are a few hundred bytes. */
    private static final int MAX_MESSAGE = 64 * 1024;

    private final Map<String, String> parameters;
    private final Outcome outcome;
    private final TextReading reading = new TextReading();
    private ByteBuf greeting = Unpooled.EMPTY_BUFFER;
    private int processId;
    private Secret secret = new Secret(new byte[0]);
    private boolean done;

    BackendLogin(Map<String, String> parameters, Outcome outcome) {
        this.parameters = parameters;
        this.outcome = outcome;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        greeting = context.alloc().buffer();
        Wire.flush(context.channel(), Messages.startup(context.alloc(), parameters));
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (done || in.readableBytes() < FrameScanner.HEADER) {
            return;
        }
        int at = in.readerIndex();
        int length = in.getInt(at + 1);
        if (length < Integer.BYTES || length > MAX_MESSAGE) {
            refuse(context, "08P01", "the server of the branch does not speak PostgreSQL's protocol");
            return;
        }
        if (in.readableBytes() < 1 + length) {
            return;
        }
        int body = at + FrameScanner.HEADER;
        ByteBuf message = in.readSlice(1 + length);
        switch (message.getByte(0)) {
            case Backend.AUTHENTICATION -> {
                if (in.getInt(body) != 0) {
                    refuse(
                            context,
                            "28000",
                            "the server of the branch asks the gateway for a password of role "
                                    + parameters.get("user"));
                    return;
                }
                greeting.writeBytes(message);
            }
            case Backend.PARAMETER_STATUS -> {
                reading.told(in, body, at + 1 + length);
                greeting.writeBytes(message);
            }
            case Backend.KEY_DATA -> {
                processId = in.getInt(body);
                byte[] key = new byte[length - 2 * Integer.BYTES];
                in.getBytes(body + Integer.BYTES, key);
                secret = new Secret(key);
            }
            case Backend.ERROR -> {
                ServerError error = ServerError.read(in, body, length - Integer.BYTES);
                refuse(context, error.sqlState(), error.message());
            }
            case Backend.READY -> {
                done = true;
                outcome.ready(context.channel(), processId, secret, reading, greeting, message.retain());
            }
            default -> greeting.writeBytes(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        refuse(context, "57P03", "the server of the branch ended the connection before it was ready");
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        refuse(context, "57P03", "the connection to the server of the branch broke: " + cause.getMessage());
    }

    private void refuse(ChannelHandlerContext context, String sqlState, String message) {
        if (!done) {
            done = true;
            greeting.release();
            outcome.refused(new Refusal(sqlState, message, ""));
            Wire.close(context.channel());
        }
    }
}
