package dev.espalier.benchmarks.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A port of this machine that leads, byte for byte, to a Unix socket: for clients that know no other way. */
final class SocketRelay implements AutoCloseable {

    private final ServerSocket listener;
    private final UnixDomainSocketAddress target;

    private SocketRelay(ServerSocket listener, Path socket) {
        this.listener = listener;
        this.target = UnixDomainSocketAddress.of(socket);
    }

    /** @param socket of a PostgreSQL server */
    static SocketRelay to(Path socket) throws IOException {
        SocketRelay relay = new SocketRelay(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), socket);
        Thread.ofVirtual().start(relay::accept);
        return relay;
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                client.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> relay(client));
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    /** Until either side ends; the other side's end then is the same. */
    private void relay(Socket client) {
        try (client;
                SocketChannel server = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.connect(target);
            Thread back = Thread.ofVirtual().start(() -> {
                copy(Channels.newInputStream(server), client);
            });
            OutputStream forth = Channels.newOutputStream(server);
            client.getInputStream().transferTo(forth);
            server.shutdownOutput();
            back.join();
        } catch (IOException e) {
            // A connection that breaks is broken for both.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(InputStream from, Socket client) {
        try (client) {
            from.transferTo(client.getOutputStream());
        } catch (IOException e) {
            // As above.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
