package dev.espalier.gateway;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The one door: listens for PostgreSQL clients and relays their sessions to the branches they may reach. */
public final class GatewayServer implements AutoCloseable {

    /** Bytes waiting for one side at which the other is not read, and at which it is again. */
    static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 * 1024, 256 * 1024);

    private static final int FIRST_READ = 2 * 1024;
    private static final int LARGEST_READ = 64 * 1024;
    private static final int SMALLEST_READ = 512;
    private static final int READS_PER_WAKE_UP = 4;
    private static final int BACKLOG = 1024;
    private static final int FAREWELL_SECONDS = 5;

    /** For what the server of a session has answered, when its text is not waited for any more. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private static final long QUIET_MILLIS = 100;
    private static final long STOP_MILLIS = 5_000;
    private static final int KEEPALIVE_IDLE_SECONDS = 60;
    private static final int KEEPALIVE_INTERVAL_SECONDS = 15;
    private static final int KEEPALIVE_PROBES = 4;

    private final EventLoopGroup loops;
    private final ExecutorService blocking;
    private final Gateway gateway;
    private final SslContext tls;
    private final ChannelGroup clients;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    private GatewayServer(EventLoopGroup loops, ExecutorService blocking, Gateway gateway, SslContext tls) {
        this.clients = new DefaultChannelGroup(loops.next());
        this.loops = loops;
        this.blocking = blocking;
        this.gateway = gateway;
        this.tls = tls;
    }

    /**
     * Starts a gateway that does not listen yet.
     *
     * @throws IllegalStateException if the machine is not one that the gateway runs on, or the certificate is none
     */
    public static GatewayServer start(
            GatewaySettings settings, Ports ports, ServerCertificate certificate, Clock clock) {
        if (!Epoll.isAvailable()) {
            throw new IllegalStateException(
                    "the gateway needs Linux on x86_64 or aarch64: epoll is not available here",
                    Epoll.unavailabilityCause());
        }
        SslContext tls = certificate.context();
        // No virtual threads: what blocks here may do so in native code, and would hold up others with it.
        ExecutorService blocking = Executors.newCachedThreadPool(
                Thread.ofPlatform().daemon().name("gateway-blocking-", 1).factory());
        Gateway gateway = new Gateway(
                settings,
                ports,
                new ConnectionLimits(settings),
                new CancelKeys(),
                new RefusedSignIns(),
                new SessionIds(clock),
                new OpenSessions(),
                WorkerWatch.start(),
                clock,
                blocking,
                new TextWorkers());
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                settings.loops(), new DefaultThreadFactory("gateway"), EpollIoHandler.newFactory());
        return new GatewayServer(loops, blocking, gateway, tls);
    }

    /**
     * Listens for clients that say where they want to go.
     *
     * @param port 0 for any that is free
     * @throws IllegalStateException if the port cannot be had
     */
    public Listener listen(String host, int port) {
        return listen(host, port, Optional.empty());
    }

    /** Listens for clients of one branch. */
    public Listener listen(String host, int port, String branch) {
        return listen(host, port, Optional.of(branch));
    }

    private Listener listen(String host, int port, Optional<String> branch) {
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(EpollChannelOption.TCP_KEEPIDLE, KEEPALIVE_IDLE_SECONDS)
                .childOption(EpollChannelOption.TCP_KEEPINTVL, KEEPALIVE_INTERVAL_SECONDS)
                .childOption(EpollChannelOption.TCP_KEEPCNT, KEEPALIVE_PROBES)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, reads())
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        clients.add(channel);
                        channel.pipeline().addLast(new StartupHandler(new Handshake(gateway, channel, branch), tls));
                    }
                })
                .bind(host, port)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IllegalStateException(
                    "the gateway cannot listen on " + host + ":" + port + ": "
                            + bound.cause().getMessage() + ". Choose another port, or end what listens there.",
                    bound.cause());
        }
        Listener listener = new Listener(bound.channel());
        listeners.add(listener);
        return listener;
    }

    /** Few large reads in a row: what they bring is written on before more is read. */
    static RecvByteBufAllocator reads() {
        return new AdaptiveRecvByteBufAllocator(SMALLEST_READ, FIRST_READ, LARGEST_READ)
                .maxMessagesPerRead(READS_PER_WAKE_UP);
    }

    /**
     * Tells all clients that the gateway stops, and waits until they and their backends are gone and what ran is recorded. Of sessions that
     * take longer than {@link GatewaySettings#stopTimeout} what is known by then is recorded, and what still runs as lost.
     */
    @Override
    public void close() {
        listeners.forEach(Listener::close);
        clients.forEach(client -> client.pipeline().fireUserEventTriggered(Stop.STOP));
        gateway.sessions().awaitEnds(gateway.settings().stopTimeout()).forEach(Session::giveTextsUp);
        List<Session> _ = gateway.sessions().awaitEnds(LAST_WORDS);
        clients.newCloseFuture().awaitUninterruptibly(FAREWELL_SECONDS, TimeUnit.SECONDS);
        loops.shutdownGracefully(QUIET_MILLIS, STOP_MILLIS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly();
        gateway.refused().end(gateway::keepIfPossible);
        gateway.workers().close();
        gateway.longTexts().close();
        blocking.close();
    }

    /** The event by which a client's handler learns that the gateway stops. */
    enum Stop {
        STOP;

        static Refusal reason() {
            return new Refusal("57P01", "the gateway is stopping", "Connect again when it has started.");
        }
    }

    /** A port on which the gateway listens. */
    public static final class Listener implements AutoCloseable {

        private final Channel channel;

        private Listener(Channel channel) {
            this.channel = channel;
        }

        /** Its number. */
        public int port() {
            return ((InetSocketAddress) channel.localAddress()).getPort();
        }

        /** Stops listening; sessions that came through it go on. */
        @Override
        public void close() {
            channel.close().awaitUninterruptibly();
        }
    }
}
