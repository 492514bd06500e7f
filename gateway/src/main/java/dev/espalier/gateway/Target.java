package dev.espalier.gateway;

import java.util.Map;
import java.util.Optional;

/**
 * Where a client wants to go, in its own words.
 *
 * @param database as in the startup packet, with whatever address it carries ({@code project/database@branch})
 * @param options the startup options {@code espalier.*}, without that prefix
 * @param sniHost the host name that the client asked for in TLS
 * @param listenerBranch the branch whose own port the client connected to
 * @param searchPath the search_path that it begins with; empty for that of its role
 * @param applicationName what it claims to be; empty if it claims nothing
 */
public record Target(
        String database,
        Map<String, String> options,
        Optional<String> sniHost,
        Optional<String> listenerBranch,
        Optional<String> searchPath,
        String applicationName) {}
