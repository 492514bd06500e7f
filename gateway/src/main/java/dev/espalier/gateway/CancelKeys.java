package dev.espalier.gateway;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The keys that clients get for their cancel requests, and the backends that they stand for. */
final class CancelKeys {

    private static final int SHORT_SECRET = 4;
    private static final int LONG_SECRET = 32;
    private static final int LONG_SINCE_MINOR = 2;

    /** A backend and its own key, which no client learns. */
    record Target(Path socketDirectory, int processId, Secret secret) {}

    /** What a client gets instead. */
    record Key(int processId, Secret secret, Target target) {}

    private final ConcurrentHashMap<Integer, Key> keys = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();

    /** @param minor version of the protocol that the client speaks; since 3.2 a key may be longer than four bytes */
    Key issue(int minor, Target target) {
        byte[] secret = new byte[minor >= LONG_SINCE_MINOR ? LONG_SECRET : SHORT_SECRET];
        random.nextBytes(secret);
        while (true) {
            Key key = new Key(random.nextInt(1, Integer.MAX_VALUE), new Secret(secret), target);
            if (keys.putIfAbsent(key.processId(), key) == null) {
                return key;
            }
        }
    }

    void revoke(Key key) {
        keys.remove(key.processId());
    }

    /** The backend that the key stands for, if there is one. */
    Optional<Target> find(int processId, Secret secret) {
        return Optional.ofNullable(keys.get(processId))
                .filter(key -> key.secret().matches(secret))
                .map(Key::target);
    }
}
