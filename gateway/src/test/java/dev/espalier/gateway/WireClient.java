package dev.espalier.gateway;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A client that says exactly what a test wants it to say. */
final class WireClient implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 30_000;

    /** One message of the server. */
    record Message(char type, byte[] body) {

        /** The field of an error, empty if it has none. */
        String field(char code) {
            String text = new String(body, StandardCharsets.UTF_8);
            for (String field : text.split("\0")) {
                if (!field.isEmpty() && field.charAt(0) == code) {
                    return field.substring(1);
                }
            }
            return "";
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8).replace("\0", "");
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    WireClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
        out = socket.getOutputStream();
    }

    static WireClient connect(int port) throws IOException {
        return new WireClient(new Socket("127.0.0.1", port));
    }

    /** Signed in to database catalog as ann. */
    static WireClient signedIn(int port, String... parameters) throws IOException {
        WireClient client = connect(port);
        client.startup(3 << 16, parameters);
        client.expect('R');
        client.send('p', TestPorts.PASSWORD);
        client.until('Z');
        return client;
    }

    Socket socket() {
        return socket;
    }

    /** The startup packet for ann and catalog, and more parameters. */
    void startup(int version, String... parameters) throws IOException {
        raw(startupPacket(version, parameters));
    }

    static byte[] startupPacket(int version, String... parameters) {
        List<Object> parts = new ArrayList<>(List.of(version, "user", "ann", "database", "catalog"));
        parts.addAll(List.of(parameters));
        parts.add(new byte[1]);
        byte[] body = bytes(parts.toArray());
        return bytes(body.length + 4, body);
    }

    /** A message: strings get an end mark, Integer and Short their bytes. */
    static byte[] message(char type, Object... parts) {
        byte[] body = bytes(parts);
        return bytes(new byte[] {(byte) type}, body.length + 4, body);
    }

    static byte[] bytes(Object... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(bytes);
        try {
            for (Object part : parts) {
                switch (part) {
                    case String text -> {
                        data.write(text.getBytes(StandardCharsets.UTF_8));
                        data.write(0);
                    }
                    case Integer number -> data.writeInt(number);
                    case Short number -> data.writeShort(number);
                    case byte[] raw -> data.write(raw);
                    default -> throw new IllegalArgumentException(part.toString());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    void send(char type, Object... parts) throws IOException {
        raw(message(type, parts));
    }

    void raw(byte[]... all) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] one : all) {
            bytes.write(one);
        }
        out.write(bytes.toByteArray());
        out.flush();
    }

    Message read() throws IOException {
        char type = (char) in.readByte();
        byte[] body = new byte[in.readInt() - 4];
        in.readFully(body);
        return new Message(type, body);
    }

    int readByte() throws IOException {
        return in.read();
    }

    Message expect(char type) throws IOException {
        Message message = read();
        if (message.type() != type) {
            throw new AssertionError("expected " + type + ", got " + message.type() + ": " + message.text());
        }
        return message;
    }

    /** The messages up to and with the next of that type. */
    List<Message> until(char type) throws IOException {
        List<Message> messages = new ArrayList<>();
        while (true) {
            Message message = read();
            messages.add(message);
            if (message.type() == type) {
                return messages;
            }
            if (message.type() == 'E' && message.field('V').equals("FATAL")) {
                throw new AssertionError("fatal: " + message.text());
            }
        }
    }

    /** The messages up to and with ReadyForQuery, or the error that ends the session. */
    List<Message> answers() throws IOException {
        List<Message> messages = new ArrayList<>();
        Message message;
        do {
            message = read();
            messages.add(message);
        } while (message.type() != 'Z'
                && !(message.type() == 'E' && message.field('V').equals("FATAL")));
        return messages;
    }

    /** The types of the messages up to and with the next of that type. */
    String typesUntil(char type) throws IOException {
        StringBuilder types = new StringBuilder();
        until(type).forEach(message -> types.append(message.type()));
        return types.toString();
    }

    /** Reads until the connection ends. */
    List<Message> untilEnd() throws IOException {
        List<Message> messages = new ArrayList<>();
        try {
            while (true) {
                messages.add(read());
            }
        } catch (EOFException e) {
            return messages;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
