package dev.espalier.gateway;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connections to PostgreSQL servers over their Unix sockets. */
final class ServerSockets {

    private static final Logger LOG = LoggerFactory.getLogger(ServerSockets.class);

    private ServerSockets() {}

    /** @param failed hears why, if the connection cannot be made */
    static Channel connect(EventLoop loop, Path directory, ChannelHandler handler, Consumer<Throwable> failed) {
        return new Bootstrap()
                .group(loop)
                .channel(EpollDomainSocketChannel.class)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, GatewayServer.WATER_MARK)
                .option(ChannelOption.RECVBUF_ALLOCATOR, GatewayServer.reads())
                .handler(handler)
                .connect(new DomainSocketAddress(
                        directory.resolve(".s.PGSQL.5432").toFile()))
                .addListener((ChannelFuture connected) -> {
                    if (!connected.isSuccess()) {
                        failed.accept(connected.cause());
                    }
                })
                .channel();
    }

    /**
     * Asks the backend to stop what it runs. PostgreSQL answers nothing but the connection's end.
     *
     * @param patience after which the connection ends in any case: a server that hangs answers nothing at all
     */
    static Channel cancel(EventLoop loop, CancelKeys.Target target, Duration patience) {
        ChannelHandler request = new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext context) {
                Wire.flush(context.channel(), Messages.cancel(context.alloc(), target.processId(), target.secret()));
            }
        };
        Channel channel = connect(
                loop,
                target.socketDirectory(),
                request,
                cause -> LOG.warn("cannot cancel backend {}: {}", target.processId(), cause.getMessage()));
        ScheduledFuture<?> deadline =
                loop.schedule(() -> Wire.close(channel), patience.toMillis(), TimeUnit.MILLISECONDS);
        Wire.whenClosed(channel, () -> deadline.cancel(false));
        return channel;
    }
}
