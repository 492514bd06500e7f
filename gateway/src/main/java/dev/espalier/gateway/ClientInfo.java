package dev.espalier.gateway;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What is known of a client's connection before anyone signed in.
 *
 * @param sessionId the gateway's own, unique name of the session; later ones sort after earlier ones
 * @param address the client's end of the connection
 * @param encrypted whether the connection is under TLS
 * @param sniHost the host name that the client asked for in TLS
 * @param listenerBranch the branch whose own port the client connected to
 * @param applicationName what the client claims to be; empty if it claims nothing
 */
public record ClientInfo(
        String sessionId,
        InetSocketAddress address,
        boolean encrypted,
        Optional<String> sniHost,
        Optional<String> listenerBranch,
        String applicationName) {}
