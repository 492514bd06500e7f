package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * What is done with channels. Nobody waits for a result here: a write that fails closes its channel, and the channel's end
 * is what the others see.
 */
final class Wire {

    private Wire() {}

    /** Puts bytes behind those that wait already; {@link #flush} sends them. */
    static void write(Channel channel, ByteBuf bytes) {
        ChannelFuture _ = channel.write(bytes);
    }

    static void flush(Channel channel, ByteBuf bytes) {
        ChannelFuture _ = channel.writeAndFlush(bytes);
    }

    static void close(Channel channel) {
        ChannelFuture _ = channel.close();
    }

    /** Runs the action on the loop when all that waits has been sent, or cannot be. */
    static void afterWrites(Channel channel, Runnable action) {
        ChannelFuture _ = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> action.run());
    }

    /** Sends what waits, then tells the other side that nothing more comes. */
    static void endOutput(Channel channel) {
        afterWrites(channel, () -> {
            ChannelFuture _ = ((DuplexChannel) channel).shutdownOutput();
        });
    }

    /** Bytes that wait for the other side to take what came before them; more than fit count as one more than fit. */
    static long unsent(Channel channel) {
        return channel.config().getWriteBufferHighWaterMark() + 1L - channel.bytesBeforeUnwritable();
    }

    static void whenClosed(Channel channel, Runnable action) {
        ChannelFuture _ = channel.closeFuture().addListener(_ -> action.run());
    }

    static ScheduledFuture<?> later(Channel channel, long millis, Runnable action) {
        return channel.eventLoop().schedule(action, millis, TimeUnit.MILLISECONDS);
    }
}
