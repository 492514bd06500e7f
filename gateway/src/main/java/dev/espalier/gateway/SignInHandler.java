package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The end of the handshake: the client proves who it is, by a token or secret, or by SCRAM where it asks for that. */
final class SignInHandler extends HandshakeStep {

    /** Longest message, in bytes; tokens with many groups are long. */
    private static final int MAX_MESSAGE = 64 * 1024;

    private enum State {
        /** The gateway looks something up; what comes waits. */
        WAITING,
        /** A token or secret is expected. */
        PASSWORD,
        /** SASLInitialResponse is expected. */
        SCRAM_FIRST,
        /** The SASLResponse with the proof is expected. */
        SCRAM_LAST
    }

    private final Gateway gateway;
    private final StartupOptions options;
    private final int minor;

    private State state = State.WAITING;
    private @Nullable ScramExchange scram;
    private @Nullable Principal scramPrincipal;

    SignInHandler(Handshake handshake, StartupOptions options, int minor) {
        super(handshake);
        this.gateway = handshake.gateway();
        this.options = options;
        this.minor = minor;
    }

    /** Asks for what the client shall prove itself with. */
    void begin() throws Refusal {
        String method = options.own().getOrDefault("auth", "token");
        switch (method) {
            case "token" -> askPassword();
            case "scram-sha-256" -> lookUpVerifier();
            default ->
                throw new Refusal(
                        "28000",
                        "the option espalier.auth is " + method,
                        "Set it to token or scram-sha-256, or leave it out.");
        }
    }

    private void askPassword() throws Refusal {
        if (!handshake.isEncrypted() && !handshake.isFromThisMachine()) {
            throw new Refusal(
                    "28000",
                    "a password is only taken over TLS, and this connection is not encrypted",
                    "Connect with sslmode=require.");
        }
        state = State.PASSWORD;
        Wire.flush(
                handshake.client(),
                Messages.cleartextPasswordRequest(handshake.client().alloc()));
    }

    private void lookUpVerifier() {
        ClientInfo info = handshake.clientInfo();
        handshake.client().config().setAutoRead(false);
        handshake.block(() -> {
            try {
                ScramVerifier verifier = gateway.ports().signIn().scramVerifier(handshake.user(), info);
                onLoop(() -> offerScram(verifier));
            } catch (Refusal e) {
                onLoop(() -> handshake.refuse(e));
            } catch (RuntimeException | Error e) {
                onLoop(() -> handshake.broken(e));
            }
        });
    }

    private void onLoop(Runnable action) {
        handshake.client().eventLoop().execute(action);
    }

    private void offerScram(ScramVerifier verifier) {
        if (handshake.isOver()) {
            return;
        }
        try {
            scram = new ScramExchange(verifier, ChannelBinding.of(handshake.client()), new SecureRandom());
            scramPrincipal = verifier.principal();
            state = State.SCRAM_FIRST;
            handshake.client().config().setAutoRead(true);
            Wire.flush(
                    handshake.client(),
                    Messages.saslMechanisms(handshake.client().alloc(), scram.mechanisms()));
        } catch (Refusal e) {
            handshake.refuse(e);
        }
    }

    @Override
    void read(ChannelHandlerContext context, ByteBuf in) throws Refusal {
        if (state == State.WAITING || in.readableBytes() < FrameScanner.HEADER) {
            return;
        }
        byte type = in.getByte(in.readerIndex());
        int length = in.getInt(in.readerIndex() + 1);
        if (type != Frontend.PASSWORD || length <= Integer.BYTES || length > MAX_MESSAGE) {
            throw new Refusal(
                    "08P01",
                    "a password was expected, and a message of type " + (type & 0xff) + " came with "
                            + Integer.toUnsignedString(length) + " bytes",
                    "Send a password of at most " + MAX_MESSAGE + " bytes.");
        }
        if (in.readableBytes() >= 1 + length) {
            in.skipBytes(FrameScanner.HEADER);
            answered(in.readSlice(length - Integer.BYTES));
        }
    }

    private void answered(ByteBuf body) throws Refusal {
        switch (state) {
            case WAITING -> throw new IllegalStateException("nothing is read while the gateway looks something up");
            case PASSWORD -> {
                String password = text(body, body.readableBytes() - 1);
                open(opening -> opening.verifyAndOpen(handshake.user(), password));
            }
            case SCRAM_FIRST -> {
                int mechanism = body.bytesBefore((byte) 0);
                if (mechanism < 0) {
                    throw new Refusal("08P01", "the client chose no SASL mechanism", "");
                }
                String name = text(body, mechanism);
                // The end mark and the length, which the message's own length says already.
                body.skipBytes(Math.min(body.readableBytes(), 1 + Integer.BYTES));
                String answer = Objects.requireNonNull(scram).first(name, text(body, body.readableBytes()));
                state = State.SCRAM_LAST;
                Wire.flush(
                        handshake.client(),
                        Messages.saslContinue(handshake.client().alloc(), answer));
            }
            case SCRAM_LAST -> {
                String answer = Objects.requireNonNull(scram).last(text(body, body.readableBytes()));
                Principal principal = Objects.requireNonNull(scramPrincipal);
                Wire.write(
                        handshake.client(),
                        Messages.saslFinal(handshake.client().alloc(), answer));
                open(opening -> opening.open(principal));
            }
        }
    }

    private static String text(ByteBuf body, int length) {
        return body.readString(length, StandardCharsets.UTF_8);
    }

    private void open(Consumer<SessionOpening> how) {
        state = State.WAITING;
        handshake.client().config().setAutoRead(false);
        SessionOpening opening = new SessionOpening(handshake, options, minor);
        handshake.expireIn(gateway.settings().openTimeout(), opening::timeOut);
        how.accept(opening);
    }
}
