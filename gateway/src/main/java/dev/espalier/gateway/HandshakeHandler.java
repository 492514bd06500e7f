package dev.espalier.gateway;

import dev.espalier.gateway.StartupPacket.CancelRequest;
import dev.espalier.gateway.StartupPacket.GssEncRequest;
import dev.espalier.gateway.StartupPacket.SslRequest;
import dev.espalier.gateway.StartupPacket.StartupMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The beginning of a connection: encryption, the startup packet, the password. */
final class HandshakeHandler extends ByteToMessageDecoder {

    private static final Logger LOG = LoggerFactory.getLogger(HandshakeHandler.class);

    /** First byte of a TLS record that carries a handshake; no startup packet is so long that it begins with it. */
    private static final byte TLS_HANDSHAKE = 0x16;

    /** Longest password message, in bytes; tokens with many groups are long. */
    private static final int MAX_PASSWORD = 64 * 1024;

    private static final int NEWEST_MINOR = 2;

    private enum State {
        /** Nothing came yet. */
        NEW,
        /** A startup packet is expected. */
        STARTUP,
        /** The password is expected. */
        PASSWORD,
        /** The session is being opened; what comes waits. */
        OPENING,
        /** Refused, or asked for a cancel: what comes is dropped. */
        DONE
    }

    private final Gateway gateway;
    private final SslContext tls;
    private final Optional<String> listenerBranch;
    private final String sessionId;

    private State state = State.NEW;
    private boolean counted;
    private boolean directTls;
    private boolean encrypted;
    private @Nullable String sniHost;
    private @Nullable StartupMessage startup;
    private @Nullable SessionOpening opening;
    private @Nullable ScheduledFuture<?> deadline;

    HandshakeHandler(Gateway gateway, SslContext tls, Optional<String> listenerBranch) {
        this.gateway = gateway;
        this.tls = tls;
        this.listenerBranch = listenerBranch;
        this.sessionId = gateway.sessionIds().next();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        Duration timeout = gateway.settings().handshakeTimeout();
        try {
            counted = true;
            gateway.limits().beginHandshake();
            deadline = Wire.later(
                    context.channel(),
                    timeout.toMillis(),
                    () -> refuse(
                            context,
                            new Refusal(
                                    "08006",
                                    "the sign-in was not complete within " + timeout.toSeconds() + " s",
                                    "Connect again and send the password at once.")));
        } catch (Refusal e) {
            refuse(context, e);
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        if (counted) {
            counted = false;
            gateway.limits().endHandshake();
        }
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        try {
            switch (state) {
                case NEW -> begin(context, in);
                case STARTUP -> startup(context, in);
                case PASSWORD -> password(context, in);
                case OPENING -> {}
                case DONE -> in.skipBytes(in.readableBytes());
            }
        } catch (Refusal e) {
            refuse(context, e);
        }
    }

    /** Since version 17, clients may begin TLS without asking. */
    private void begin(ChannelHandlerContext context, ByteBuf in) throws Refusal {
        state = State.STARTUP;
        if (in.getByte(in.readerIndex()) == TLS_HANDSHAKE) {
            directTls = true;
            ByteBuf record = in.readBytes(in.readableBytes());
            startTls(context);
            context.pipeline().fireChannelRead(record);
        } else {
            startup(context, in);
        }
    }

    private void startTls(ChannelHandlerContext context) {
        SslHandler handler = tls.newHandler(context.alloc());
        handler.setHandshakeTimeoutMillis(gateway.settings().handshakeTimeout().toMillis());
        context.pipeline().addFirst(handler);
    }

    private void startup(ChannelHandlerContext context, ByteBuf in) throws Refusal {
        Optional<StartupPacket> packet = StartupParser.parse(in);
        if (packet.isEmpty()) {
            return;
        }
        switch (packet.get()) {
            case SslRequest _ -> {
                answerEncryption(in, "SSLRequest");
                Wire.flush(context.channel(), Unpooled.wrappedBuffer(new byte[] {'S'}));
                startTls(context);
            }
            case GssEncRequest _ -> {
                answerEncryption(in, "GSSENCRequest");
                Wire.flush(context.channel(), Unpooled.wrappedBuffer(new byte[] {'N'}));
            }
            case CancelRequest cancel -> cancel(context, cancel);
            case StartupMessage message -> askPassword(context, message);
        }
    }

    /** Bytes that came in clear text with the request would be taken as if they had come encrypted (CVE-2021-23222). */
    private void answerEncryption(ByteBuf in, String request) throws Refusal {
        if (encrypted || in.isReadable()) {
            throw new Refusal(
                    "08P01",
                    encrypted ? request + " came over TLS" : "bytes came behind " + request + " before it was answered",
                    "Wait for the answer before you send more.");
        }
    }

    private void cancel(ChannelHandlerContext context, CancelRequest request) {
        state = State.DONE;
        // As PostgreSQL: no answer says whether there was something to cancel, the connection just ends.
        gateway.cancelKeys()
                .find(request.processId(), request.secret())
                .ifPresentOrElse(
                        target -> Wire.whenClosed(
                                ServerSockets.cancel(context.channel().eventLoop(), target),
                                () -> Wire.close(context.channel())),
                        () -> Wire.close(context.channel()));
    }

    private void askPassword(ChannelHandlerContext context, StartupMessage message) throws Refusal {
        startup = message;
        if (message.parameters().containsKey("replication")) {
            throw new Refusal(
                    "0A000",
                    "replication connections are refused: they bypass SQL, and with it every grant and record",
                    "Connect without the parameter replication.");
        }
        if (message.parameters().getOrDefault("user", "").isEmpty()) {
            throw new Refusal("28000", "the startup packet names no user", "Give the parameter user.");
        }
        if (!encrypted && !address(context).getAddress().isLoopbackAddress()) {
            throw new Refusal(
                    "28000",
                    "a password is only taken over TLS, and this connection is not encrypted",
                    "Connect with sslmode=require.");
        }
        if (message.minor() > NEWEST_MINOR || !message.protocolOptions().isEmpty()) {
            Wire.write(
                    context.channel(),
                    Messages.negotiateVersion(
                            context.alloc(), Math.min(message.minor(), NEWEST_MINOR), message.protocolOptions()));
        }
        state = State.PASSWORD;
        Wire.flush(context.channel(), Messages.cleartextPasswordRequest(context.alloc()));
    }

    private void password(ChannelHandlerContext context, ByteBuf in) throws Refusal {
        if (in.readableBytes() < FrameScanner.HEADER) {
            return;
        }
        byte type = in.getByte(in.readerIndex());
        int length = in.getInt(in.readerIndex() + 1);
        if (type != Frontend.PASSWORD || length <= Integer.BYTES || length > MAX_PASSWORD) {
            throw new Refusal(
                    "08P01",
                    "a password was expected, and a message of type " + (type & 0xff) + " came with "
                            + Integer.toUnsignedString(length) + " bytes",
                    "Send a PasswordMessage of at most " + MAX_PASSWORD + " bytes.");
        }
        if (in.readableBytes() < 1 + length) {
            return;
        }
        in.skipBytes(FrameScanner.HEADER);
        String password = in.readString(length - Integer.BYTES - 1, StandardCharsets.UTF_8);
        in.skipBytes(1);
        open(context, password);
    }

    private void open(ChannelHandlerContext context, String password) throws Refusal {
        StartupMessage message = Objects.requireNonNull(startup);
        state = State.OPENING;
        context.channel().config().setAutoRead(false);
        if (deadline != null) {
            deadline.cancel(false);
        }
        String user = message.parameters().getOrDefault("user", "");
        StartupOptions options = StartupOptions.of(message.parameters());
        Target target = new Target(database(), options.own(), Optional.ofNullable(sniHost), listenerBranch);
        SessionOpening begun = new SessionOpening(
                gateway,
                context.channel(),
                clientInfo(context, options.applicationName()),
                target,
                options,
                message.minor(),
                refusal -> refuse(context, refusal));
        deadline =
                Wire.later(context.channel(), gateway.settings().openTimeout().toMillis(), begun::timeOut);
        opening = begun;
        begun.begin(user, password);
    }

    private String database() {
        if (startup == null) {
            return "";
        }
        String user = startup.parameters().getOrDefault("user", "");
        String database = startup.parameters().getOrDefault("database", "");
        return database.isEmpty() ? user : database;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof SslHandshakeCompletionEvent completion && completion.isSuccess()) {
            SslHandler handler = context.pipeline().get(SslHandler.class);
            encrypted = true;
            sniHost = sniHost(handler.engine().getSession());
            if (directTls && !ServerCertificate.PROTOCOL.equals(handler.applicationProtocol())) {
                refuse(
                        context,
                        new Refusal(
                                "08P01",
                                "TLS began without SSLRequest and without the ALPN protocol postgresql",
                                "Use sslnegotiation=direct of libpq 17 or later, or its default."));
            }
        } else if (event == GatewayServer.Stop.STOP) {
            refuse(context, GatewayServer.Stop.reason());
        } else if (event instanceof ChannelInputShutdownEvent) {
            Wire.close(context.channel());
        }
        super.userEventTriggered(context, event);
    }

    private static @Nullable String sniHost(SSLSession session) {
        return session instanceof ExtendedSSLSession extended
                ? extended.getRequestedServerNames().stream()
                        .filter(SNIHostName.class::isInstance)
                        .map(name -> ((SNIHostName) name).getAsciiName())
                        .findFirst()
                        .orElse(null)
                : null;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            // A reset, or TLS that failed and said so itself: nobody is there who could be told.
            LOG.debug("session {}: {}", sessionId, cause.getMessage());
        } else {
            LOG.error("session {}: the handshake broke", sessionId, cause);
        }
        Wire.close(context.channel());
    }

    private void refuse(ChannelHandlerContext context, Refusal refusal) {
        if (state == State.DONE || !context.channel().isActive()) {
            return;
        }
        state = State.DONE;
        String user = startup == null ? "" : startup.parameters().getOrDefault("user", "");
        Optional<Principal> principal = opening == null ? Optional.empty() : opening.principal();
        String claimed = startup == null ? "" : startup.parameters().getOrDefault("application_name", "");
        SessionOpening.recordRefusal(gateway, clientInfo(context, claimed), user, database(), principal, refusal);
        Farewell.say(context.channel(), Messages.fatal(context.alloc(), refusal));
    }

    private ClientInfo clientInfo(ChannelHandlerContext context, String applicationName) {
        return new ClientInfo(
                sessionId, address(context), encrypted, Optional.ofNullable(sniHost), listenerBranch, applicationName);
    }

    private static InetSocketAddress address(ChannelHandlerContext context) {
        return (InetSocketAddress) context.channel().remoteAddress();
    }
}
