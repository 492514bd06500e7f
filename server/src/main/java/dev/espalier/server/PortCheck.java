package dev.espalier.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.Optional;

/** Whether the server can listen where its settings say. */
final class PortCheck {

    private PortCheck() {}

    /**
     * Why nothing can listen there now, and what to do about it; empty if it can.
     *
     * @param door whose settings {@code host} and {@code port} these are
     */
    static Optional<String> problem(String door, String host, int port) {
        InetAddress address;
        try {
            address = InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            return Optional.of("no host is called \"" + host + "\". Set " + door
                    + ".host to an address of this machine, as 127.0.0.1 or 0.0.0.0");
        }
        return refusal(address, port)
                .map(why -> why + ". "
                        + (port != 0 && refusal(address, 0).isEmpty()
                                ? "Stop what listens there, or set " + door + ".port to another one"
                                : "Set " + door + ".host to an address of this machine, as 127.0.0.1 or 0.0.0.0"));
    }

    private static Optional<String> refusal(InetAddress address, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(address, port), 1);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
