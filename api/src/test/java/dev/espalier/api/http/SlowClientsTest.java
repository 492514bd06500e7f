package dev.espalier.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that hold what others need. */
class SlowClientsTest {

    private static String post(int length) {
        return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + "\r\n\r\n";
    }

    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);
    private final BlockingQueue<String> bodies = new ArrayBlockingQueue<>(1);

    private void start() throws Exception {
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    /** Tells what became of the body. */
    private final class Reader extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            try {
                boolean _ = bodies.offer(Content.Source.asString(request));
            } catch (IOException e) {
                boolean _ = bodies.offer(String.valueOf(e.getMessage()));
            }
            callback.succeeded();
            return true;
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort());
        socket.setSoTimeout(60_000);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void aBodyThatTricklesIsGivenUpAndHoldsNoThread() throws Exception {
        AtomicLong now = new AtomicLong();
        SlowBodies slow = new SlowBodies(() -> now.getAndAdd(Duration.ofHours(1).toNanos()));
        slow.setHandler(new Reader());
        server.setHandler(slow);
        start();
        try (Socket client = connect()) {
            send(client, post(Integer.MAX_VALUE) + "a");
            while (bodies.isEmpty()) {
                send(client, "b");
            }
        } catch (SocketException e) {
            assertThat(e).hasMessageMatching("(?i).*(reset|broken pipe|closed).*");
        }
        assertThat(bodies.poll(60, TimeUnit.SECONDS)).contains("less than 1024 bytes of it came in a second");
    }

    @Test
    void aBodyThatComesAtOnceIsRead() throws Exception {
        SlowBodies slow = new SlowBodies(System::nanoTime);
        slow.setHandler(new Reader());
        server.setHandler(slow);
        start();
        try (Socket client = connect()) {
            send(client, post(100) + "a".repeat(100));
            assertThat(bodies.poll(60, TimeUnit.SECONDS)).isEqualTo("a".repeat(100));
        }
    }

    @Test
    void whatOneAddressOpensBeyondItsShareIsClosedAtOnceAndCountsNoMoreOnceItIsGone() throws Exception {
        server.setHandler(new Reader());
        server.addBean(new ConnectionBounds(server, 5, 2));
        start();
        try (Socket first = connect()) {
            ask(first);
            try (Socket second = connect()) {
                ask(second);
                try (Socket third = connect()) {
                    assertThat(isClosed(third)).isTrue();
                }
            }
            boolean answered = false;
            while (!answered) {
                try (Socket next = connect()) {
                    answered = !isClosed(next);
                }
            }
        }
    }

    private static void ask(Socket socket) throws IOException {
        send(socket, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(socket.getInputStream().read()).isEqualTo('H');
    }

    private static boolean isClosed(Socket socket) throws IOException {
        try {
            send(socket, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            return socket.getInputStream().read() < 0;
        } catch (SocketException e) {
            return true;
        }
    }
}
