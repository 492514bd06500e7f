package dev.espalier.sql;

import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.PostgresInstallation;
import dev.espalier.postgres.PostgresServer;
import dev.espalier.postgres.RunDirectory;
import dev.espalier.postgres.ServerSettings;
import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.postgres.ServerSize;
import dev.espalier.testing.TestInstallations;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A running PostgreSQL and one connection that sends texts exactly as they are, which no driver does: drivers parse and
 * split them first.
 */
final class LiveServer implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int PROTOCOL_3 = 3 << 16;

    /**
     * What the server says to one text.
     *
     * @param tags command tags, in order
     * @param sqlState code of the first error, or "00000"
     */
    record Answer(List<String> tags, String sqlState) {}

    private final PostgresServer server;
    private final SocketChannel channel;
    private final DataInputStream in;

    LiveServer(Path directory) throws IOException {
        OsUser user = OsUser.forPostgres("espalier");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        PostgresInstallation installation = TestInstallations.bundled();
        Path data = Files.createDirectory(directory.resolve("data"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        user.own(data);
        installation.initialise(data, user);
        Map<String, String> settings = ServerSettings.of(
                        installation, "test", Durability.DISPOSABLE, ServerSize.ofComputeUnits(0.5, 0.5), "false")
                .values();
        server = PostgresServer.start(
                new PostgresServer.Launch(
                        installation,
                        user,
                        data,
                        new RunDirectory(directory.resolve("run")),
                        settings,
                        Map.of(),
                        RunDirectory.Door.FENCED,
                        directory.resolve("log")),
                DEADLINE);
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(directory.resolve("run/.s.PGSQL.5432")));
        in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel)));
        startSession();
    }

    private void startSession() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        new DataOutputStream(body).writeInt(PROTOCOL_3);
        for (String word : List.of(
                "user", PostgresInstallation.SUPERUSER, "database", "postgres", "client_encoding", "UTF8", "")) {
            body.write(word.getBytes(StandardCharsets.UTF_8));
            body.write(0);
        }
        write(ByteBuffer.allocate(body.size() + 4).putInt(body.size() + 4).put(body.toByteArray()));
        Answer answer = readAnswer();
        if (!answer.sqlState().equals("00000")) {
            throw new IOException("the server refused the session: " + answer.sqlState());
        }
    }

    /** Sends one simple query; COPY from the client is refused. */
    Answer send(String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        write(ByteBuffer.allocate(utf8.length + 6)
                .put((byte) 'Q')
                .putInt(utf8.length + 5)
                .put(utf8)
                .put((byte) 0));
        return readAnswer();
    }

    /**
     * Asks whether the server's grammar takes a text, without running it: the server parses the whole text first, and a
     * division by zero ends it before the rest.
     *
     * @return the code of the syntax error, or 22012
     */
    String verdict(String text) throws IOException {
        return send("SELECT 1/0;\n" + text + "\n").sqlState();
    }

    private void write(ByteBuffer message) throws IOException {
        message.flip();
        while (message.hasRemaining()) {
            channel.write(message);
        }
    }

    private Answer readAnswer() throws IOException {
        List<String> tags = new ArrayList<>();
        String sqlState = "00000";
        while (true) {
            int type = in.readUnsignedByte();
            byte[] body = in.readNBytes(in.readInt() - 4);
            switch (type) {
                case 'C' -> tags.add(string(body, 0));
                case 'E' -> sqlState = sqlState.equals("00000") ? sqlState(body) : sqlState;
                case 'G' ->
                    write(ByteBuffer.allocate(6).put((byte) 'f').putInt(5).put((byte) 0));
                case 'Z' -> {
                    return new Answer(tags, sqlState);
                }
                default -> {}
            }
        }
    }

    private static String sqlState(byte[] fields) {
        int at = 0;
        while (fields[at] != 'C') {
            at += string(fields, at).length() + 1;
        }
        return string(fields, at + 1);
    }

    private static String string(byte[] bytes, int start) {
        int end = start;
        while (bytes[end] != 0) {
            end++;
        }
        return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        channel.close();
        server.stop(PostgresServer.Stop.IMMEDIATE, DEADLINE);
    }
}
