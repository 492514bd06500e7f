package dev.espalier.gateway;

import dev.espalier.gateway.StartupPacket.CancelRequest;
import dev.espalier.gateway.StartupPacket.GssEncRequest;
import dev.espalier.gateway.StartupPacket.SslRequest;
import dev.espalier.gateway.StartupPacket.StartupMessage;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the packets that come before a session (PostgreSQL's pqcomm.h). */
final class StartupParser {

    /** Longest packet, as in PostgreSQL (MAX_STARTUP_PACKET_LENGTH). */
    static final int MAX_LENGTH = 10_000;

    private static final int SPECIAL = 1234;
    private static final int CANCEL = 5678;
    private static final int SSL = 5679;
    private static final int GSS = 5680;
    private static final int HEADER = 8;
    private static final int MAX_SECRET = 256;

    private StartupParser() {}

    /**
     * Takes one packet off the buffer.
     *
     * @return empty if it is not there in full yet; nothing is taken then
     * @throws Refusal if no packet of PostgreSQL's begins like this
     */
    static Optional<StartupPacket> parse(ByteBuf in) throws Refusal {
        if (in.readableBytes() < Integer.BYTES) {
            return Optional.empty();
        }
        int length = in.getInt(in.readerIndex());
        if (length < HEADER || length > MAX_LENGTH) {
            throw violation("a startup packet of " + Integer.toUnsignedString(length) + " bytes is not between "
                    + HEADER + " and " + MAX_LENGTH);
        }
        if (in.readableBytes() < length) {
            return Optional.empty();
        }
        in.skipBytes(Integer.BYTES);
        int major = in.readUnsignedShort();
        int minor = in.readUnsignedShort();
        return Optional.of(read(major, minor, in.readSlice(length - HEADER)));
    }

    private static StartupPacket read(int major, int minor, ByteBuf body) throws Refusal {
        if (major == SPECIAL) {
            return switch (minor) {
                case CANCEL -> cancel(body);
                case SSL -> new SslRequest();
                case GSS -> new GssEncRequest();
                default -> throw violation("request code " + minor + " is unknown");
            };
        }
        if (major != 3) {
            throw new Refusal(
                    "0A000",
                    "unsupported frontend protocol " + major + "." + minor + ": the gateway speaks 3.0 to 3.2",
                    "Use a client for PostgreSQL 7.4 or later.");
        }
        return startup(minor, body);
    }

    private static CancelRequest cancel(ByteBuf body) throws Refusal {
        int secret = body.readableBytes() - Integer.BYTES;
        if (secret < 1 || secret > MAX_SECRET) {
            throw violation("a cancel request carries a key of 1 to " + MAX_SECRET + " bytes");
        }
        int processId = body.readInt();
        byte[] key = new byte[secret];
        body.readBytes(key);
        return new CancelRequest(processId, new Secret(key));
    }

    private static StartupMessage startup(int minor, ByteBuf body) throws Refusal {
        Map<String, String> parameters = new LinkedHashMap<>();
        List<String> protocolOptions = new ArrayList<>();
        while (true) {
            String name = string(body);
            if (name.isEmpty()) {
                break;
            }
            String value = string(body);
            if (name.startsWith("_pq_.")) {
                protocolOptions.add(name);
            } else {
                parameters.put(name, value);
            }
        }
        if (body.isReadable()) {
            throw violation("bytes follow the startup packet's end mark");
        }
        return new StartupMessage(minor, parameters, protocolOptions);
    }

    private static String string(ByteBuf body) throws Refusal {
        int length = body.bytesBefore((byte) 0);
        if (length < 0) {
            throw violation("the startup packet ends within a string");
        }
        byte[] bytes = new byte[length];
        body.readBytes(bytes).skipBytes(1);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw violation("a string of the startup packet is not UTF-8");
        }
    }

    private static Refusal violation(String what) {
        return new Refusal("08P01", what, "Connect with a PostgreSQL client to this port.");
    }
}
