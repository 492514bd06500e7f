package dev.espalier.gateway;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts connections, and refuses those beyond the settings. */
final class ConnectionLimits {

    private static final String TOO_MANY = "53300";

    private final GatewaySettings settings;
    private final AtomicInteger handshakes = new AtomicInteger();
    private final ConcurrentHashMap<InetAddress, Integer> handshakesPerNetwork = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Integer> perPrincipal = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Integer> perEndpoint = new ConcurrentHashMap<>();

    ConnectionLimits(GatewaySettings settings) {
        this.settings = settings;
    }

    /** One network has half of them at most: so it keeps nobody else out. */
    void beginHandshake(InetAddress from) throws Refusal {
        InetAddress network = Networks.of(from);
        int most = settings.maxHandshakes();
        int share = (most + 1) / 2;
        if (handshakesPerNetwork.merge(network, 1, Integer::sum) > share) {
            end(handshakesPerNetwork, network);
            throw new Refusal(
                    TOO_MANY,
                    "too many connections from this address are signing in: " + share + " may at a time",
                    "Try again in a moment.");
        }
        if (handshakes.incrementAndGet() > most) {
            endHandshake(from);
            throw new Refusal(
                    TOO_MANY,
                    "too many connections are signing in: " + most + " may at a time",
                    "Try again in a moment.");
        }
    }

    void endHandshake(InetAddress from) {
        handshakes.decrementAndGet();
        end(handshakesPerNetwork, Networks.of(from));
    }

    void beginPrincipal(String name) throws Refusal {
        begin(perPrincipal, name, settings.maxPerPrincipal(), "principal " + name);
    }

    void endPrincipal(String name) {
        end(perPrincipal, name);
    }

    void beginEndpoint(Route.Named endpoint) throws Refusal {
        begin(perEndpoint, endpoint.id(), settings.maxPerEndpoint(), "endpoint " + endpoint.name());
    }

    void endEndpoint(Route.Named endpoint) {
        end(perEndpoint, endpoint.id());
    }

    private static void begin(ConcurrentHashMap<String, Integer> counts, String key, int most, String what)
            throws Refusal {
        if (counts.merge(key, 1, Integer::sum) > most) {
            end(counts, key);
            throw new Refusal(
                    TOO_MANY,
                    "too many connections of " + what + ": " + most + " may be open",
                    "Close some, use a pool in the application, or have the limit raised.");
        }
    }

    private static <K> void end(ConcurrentHashMap<K, Integer> counts, K key) {
        counts.computeIfPresent(key, (same, count) -> count > 1 ? count - 1 : null);
    }
}
