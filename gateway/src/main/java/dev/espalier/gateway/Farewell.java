package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.ScheduledFuture;

/**
 * Says a last message to a client and closes its connection. What the client still sends is read for a moment and dropped:
 * closing a TCP connection with unread bytes resets it, and the client would lose the message.
 */
final class Farewell extends ChannelInboundHandlerAdapter {

    private static final long LINGER_MILLIS = 1_000;

    private Farewell() {}

    /** On the channel's loop. Of the handlers only TLS sees the channel from now on, and only until it has said that nothing more comes. */
    static void say(Channel client, ByteBuf message) {
        ChannelPipeline pipeline = client.pipeline();
        Farewell farewell = new Farewell();
        pipeline.addLast(farewell);
        pipeline.toMap().values().stream()
                .filter(handler -> handler != farewell && !(handler instanceof SslHandler))
                .forEach(pipeline::remove);
        client.config().setAutoRead(true);
        Wire.flush(client, message);
        SslHandler tls = pipeline.get(SslHandler.class);
        if (tls == null) {
            Wire.endOutput(client);
        } else {
            ChannelFuture _ = tls.closeOutbound().addListener(sent -> {
                if (sent.isSuccess()) {
                    pipeline.remove(tls);
                    Wire.endOutput(client);
                }
            });
        }
        ScheduledFuture<?> deadline = Wire.later(client, LINGER_MILLIS, () -> Wire.close(client));
        Wire.whenClosed(client, () -> deadline.cancel(false));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            Wire.close(context.channel());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Wire.close(context.channel());
    }
}
