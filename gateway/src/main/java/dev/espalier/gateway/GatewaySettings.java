package dev.espalier.gateway;

import java.time.Duration;

/**
 * The gateway's settings.
 *
 * @param loops event loops; one carries as much as one core can
 * @param handshakeTimeout from a connection's first byte to its password; a cancel request may take as long
 * @param openTimeout from the password to a session that is ready, waking included
 * @param idleTimeout of a session that runs nothing; zero for none
 * @param stopTimeout how long a gateway that stops waits for the ends of its sessions
 * @param maxHandshakes connections at a time that are not signed in yet; half of them from one address
 * @param maxPerPrincipal sessions at a time of one principal
 * @param maxPerEndpoint sessions at a time on one endpoint
 * @param maxText bytes of a statement's text that are read for its record
 * @param strict whether a session ends when its statement's record cannot be kept; otherwise that is only logged
 */
public record GatewaySettings(
        int loops,
        Duration handshakeTimeout,
        Duration openTimeout,
        Duration idleTimeout,
        Duration stopTimeout,
        int maxHandshakes,
        int maxPerPrincipal,
        int maxPerEndpoint,
        int maxText,
        boolean strict) {

    /** @throws IllegalArgumentException naming the setting that cannot be */
    public GatewaySettings {
        atLeastOne("loops", loops);
        atLeastOne("maxHandshakes", maxHandshakes);
        atLeastOne("maxPerPrincipal", maxPerPrincipal);
        atLeastOne("maxPerEndpoint", maxPerEndpoint);
        atLeastOne("maxText", maxText);
        positive("handshakeTimeout", handshakeTimeout);
        positive("openTimeout", openTimeout);
        positive("stopTimeout", stopTimeout);
        if (idleTimeout.isNegative()) {
            throw new IllegalArgumentException("idleTimeout is " + idleTimeout + "; give zero for none, or more");
        }
    }

    /** What holds where nothing is set. */
    public static GatewaySettings defaults() {
        return new GatewaySettings(
                1,
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ZERO,
                Duration.ofSeconds(15),
                500,
                100,
                400,
                SqlText.LONGEST,
                true);
    }

    /** The same with another answer to a statement whose record cannot be kept. */
    public GatewaySettings withStrict(boolean wanted) {
        return new GatewaySettings(
                loops,
                handshakeTimeout,
                openTimeout,
                idleTimeout,
                stopTimeout,
                maxHandshakes,
                maxPerPrincipal,
                maxPerEndpoint,
                maxText,
                wanted);
    }

    /** The same with other limits to sessions. */
    public GatewaySettings withSessions(int perPrincipal, int perEndpoint, Duration idle) {
        return new GatewaySettings(
                loops,
                handshakeTimeout,
                openTimeout,
                idle,
                stopTimeout,
                maxHandshakes,
                perPrincipal,
                perEndpoint,
                maxText,
                strict);
    }

    /** The same with another time for its sessions' ends. */
    GatewaySettings withStopTimeout(Duration wanted) {
        return new GatewaySettings(
                loops,
                handshakeTimeout,
                openTimeout,
                idleTimeout,
                wanted,
                maxHandshakes,
                maxPerPrincipal,
                maxPerEndpoint,
                maxText,
                strict);
    }

    private static void atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + "; give at least 1");
        }
    }

    private static void positive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " is " + value + "; give more than zero");
        }
    }
}
