package dev.espalier.gateway;

import dev.espalier.gateway.StartupPacket.CancelRequest;
import dev.espalier.gateway.StartupPacket.GssEncRequest;
import dev.espalier.gateway.StartupPacket.SslRequest;
import dev.espalier.gateway.StartupPacket.StartupMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** The beginning of a connection: encryption and the startup packet, or a cancel request. */
final class StartupHandler extends HandshakeStep {

    /** First byte of a TLS record that carries a handshake; no startup packet is so long that it begins with it. */
    private static final byte TLS_HANDSHAKE = 0x16;

    private static final int NEWEST_MINOR = 2;

    private final SslContext tls;
    private boolean begun;
    private boolean directTls;

    StartupHandler(Handshake handshake, SslContext tls) {
        super(handshake);
        this.tls = tls;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        handshake.begin();
    }

    @Override
    void read(ChannelHandlerContext context, ByteBuf in) throws Refusal {
        // Since version 17, clients may begin TLS without asking.
        if (!begun && in.getByte(in.readerIndex()) == TLS_HANDSHAKE) {
            begun = true;
            directTls = true;
            ByteBuf record = in.readBytes(in.readableBytes());
            startTls(context);
            context.pipeline().fireChannelRead(record);
            return;
        }
        begun = true;
        Optional<StartupPacket> packet = StartupParser.parse(in);
        if (packet.isPresent()) {
            switch (packet.get()) {
                case SslRequest _ -> {
                    nothingFollows(in, "SSLRequest");
                    Wire.flush(context.channel(), Unpooled.wrappedBuffer(new byte[] {'S'}));
                    startTls(context);
                }
                case GssEncRequest _ -> {
                    nothingFollows(in, "GSSENCRequest");
                    Wire.flush(context.channel(), Unpooled.wrappedBuffer(new byte[] {'N'}));
                }
                case CancelRequest cancel -> cancel(context, cancel);
                case StartupMessage message -> startup(context, message);
            }
        }
    }

    private void startTls(ChannelHandlerContext context) {
        SslHandler handler = tls.newHandler(context.alloc());
        handler.setHandshakeTimeoutMillis(
                handshake.gateway().settings().handshakeTimeout().toMillis());
        context.pipeline().addFirst(handler);
    }

    /** Bytes that came in clear text with the request would be taken as if they had come encrypted (CVE-2021-23222). */
    private void nothingFollows(ByteBuf in, String request) throws Refusal {
        if (handshake.isEncrypted() || in.isReadable()) {
            throw new Refusal(
                    "08P01",
                    handshake.isEncrypted()
                            ? request + " came over TLS"
                            : "bytes came behind " + request + " before it was answered",
                    "Wait for the answer before you send more.");
        }
    }

    private void cancel(ChannelHandlerContext context, CancelRequest request) {
        handshake.ignoreRest();
        // As PostgreSQL: no answer says whether there was something to cancel, the connection just ends.
        handshake
                .gateway()
                .cancelKeys()
                .find(request.processId(), request.secret())
                .ifPresentOrElse(
                        target -> Wire.whenClosed(
                                ServerSockets.cancel(
                                        context.channel().eventLoop(),
                                        target,
                                        handshake.gateway().settings().handshakeTimeout()),
                                () -> Wire.close(context.channel())),
                        () -> Wire.close(context.channel()));
    }

    private void startup(ChannelHandlerContext context, StartupMessage message) throws Refusal {
        Map<String, String> parameters = message.parameters();
        String user = parameters.getOrDefault("user", "");
        String database = parameters.getOrDefault("database", "");
        handshake.claims(
                user,
                database.isEmpty() ? user : database,
                parameters.getOrDefault("application_name", ""),
                parameters.getOrDefault("options", ""));
        if (parameters.containsKey("replication")) {
            throw new Refusal(
                    "0A000",
                    "replication connections are refused: they bypass SQL, and with it every grant and record",
                    "Connect without the parameter replication.");
        }
        if (user.isEmpty()) {
            throw new Refusal("28000", "the startup packet names no user", "Give the parameter user.");
        }
        StartupOptions options = StartupOptions.of(parameters);
        if (message.minor() > NEWEST_MINOR || !message.protocolOptions().isEmpty()) {
            Wire.write(
                    context.channel(),
                    Messages.negotiateVersion(
                            context.alloc(), Math.min(message.minor(), NEWEST_MINOR), message.protocolOptions()));
        }
        SignInHandler signIn = new SignInHandler(handshake, options, message.minor());
        context.pipeline().replace(this, "sign-in", signIn);
        signIn.begin();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof SslHandshakeCompletionEvent completion && completion.isSuccess()) {
            SslHandler handler = context.pipeline().get(SslHandler.class);
            handshake.encrypted(requestedHost(handler.engine().getSession()));
            if (directTls && !ServerCertificate.PROTOCOL.equals(handler.applicationProtocol())) {
                handshake.refuse(new Refusal(
                        "08P01",
                        "TLS began without SSLRequest and without the ALPN protocol postgresql",
                        "Use sslnegotiation=direct of libpq 17 or later, or its default."));
            }
        }
        super.userEventTriggered(context, event);
    }

    private static @Nullable String requestedHost(SSLSession session) {
        return session instanceof ExtendedSSLSession extended
                ? extended.getRequestedServerNames().stream()
                        .filter(SNIHostName.class::isInstance)
                        .map(name -> ((SNIHostName) name).getAsciiName())
                        .findFirst()
                        .orElse(null)
                : null;
    }
}
