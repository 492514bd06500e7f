package dev.espalier.api.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/** What the host on which something listens means to its clients. */
final class Listening {

    private Listening() {}

    static boolean isLoopback(String host) {
        return address(host).filter(InetAddress::isLoopbackAddress).isPresent();
    }

    /** Whether it is every address of this machine, so that it is none to call. */
    static boolean isWildcard(String host) {
        return address(host).filter(InetAddress::isAnyLocalAddress).isPresent();
    }

    /** Where a client on this machine calls. */
    static String fromThisMachine(String host) {
        return address(host)
                .filter(InetAddress::isAnyLocalAddress)
                .map(any -> any instanceof Inet6Address ? "::1" : "127.0.0.1")
                .orElse(host);
    }

    private static Optional<InetAddress> address(String host) {
        return Optional.ofNullable(new InetSocketAddress(host, 0).getAddress());
    }
}
