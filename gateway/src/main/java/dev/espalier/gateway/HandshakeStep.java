package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.IOException;
import java.util.List;
import javax.net.ssl.SSLException;

/** A step of the handshake: reads what the client says next; what it cannot accept ends the connection with the reason. */
abstract class HandshakeStep extends ByteToMessageDecoder {

    final Handshake handshake;

    HandshakeStep(Handshake handshake) {
        this.handshake = handshake;
    }

    /** Takes what it can use off the buffer, or nothing until more has come. */
    abstract void read(ChannelHandlerContext context, ByteBuf in) throws Refusal;

    @Override
    protected final void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (handshake.isOver()) {
            in.skipBytes(in.readableBytes());
            return;
        }
        try {
            read(context, in);
        } catch (Refusal e) {
            handshake.refuse(e);
        }
    }

    /** Netty's decoder would read on until it has a message, also where nothing is to be read. */
    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        if (context.channel().config().isAutoRead()) {
            super.channelReadComplete(context);
        } else {
            context.fireChannelReadComplete();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event == GatewayServer.Stop.STOP) {
            handshake.refuse(GatewayServer.Stop.reason());
        } else if (event instanceof ChannelInputShutdownEvent) {
            Wire.close(context.channel());
        } else {
            super.userEventTriggered(context, event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            // A reset, or TLS that failed and said so itself: nobody is there who could be told.
            Wire.close(context.channel());
        } else {
            handshake.broken(cause);
        }
    }
}
