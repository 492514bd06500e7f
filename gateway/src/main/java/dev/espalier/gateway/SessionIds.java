package dev.espalier.gateway;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Clock;

/** Names for sessions: 48 bits of time in milliseconds and 48 of chance, in 20 digits to the base 32 that sort by time. */
final class SessionIds {

    private static final int BYTES = 12;
    private static final int DIGITS = 20;
    private static final int CHANCE = 6;

    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    SessionIds(Clock clock) {
        this.clock = clock;
    }

    String next() {
        byte[] chance = new byte[CHANCE];
        random.nextBytes(chance);
        byte[] id = ByteBuffer.allocate(Long.BYTES + CHANCE)
                .putLong(clock.millis())
                .put(chance)
                .array();
        String digits = new BigInteger(1, java.util.Arrays.copyOfRange(id, id.length - BYTES, id.length)).toString(32);
        return "0".repeat(DIGITS - digits.length()) + digits;
    }
}
