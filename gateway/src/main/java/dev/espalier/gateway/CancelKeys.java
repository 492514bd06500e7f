package dev.espalier.gateway;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The keys that clients get for their cancel requests, and the backends that they stand for. The process id in a key is the
 * backend's own: clients compare it with pg_backend_pid() and with the senders of notifications. The secret is the gateway's.
 */
final class CancelKeys {

    private static final int SHORT_SECRET = 4;
    private static final int LONG_SECRET = 32;
    private static final int LONG_SINCE_MINOR = 2;

    /** A backend and its own key, whose secret no client learns. */
    record Target(Path socketDirectory, int processId, Secret secret) {}

    /** What a client gets instead. */
    record Key(int processId, Secret secret, Target target) {}

    /** By process id; backends on several machines may have the same, and one that has just ended the next one's. */
    private final ConcurrentHashMap<Integer, List<Key>> keys = new ConcurrentHashMap<>();

    private final SecureRandom random = new SecureRandom();

    /** @param minor version of the protocol that the client speaks; since 3.2 a key may be longer than four bytes */
    Key issue(int minor, Target target) {
        byte[] secret = new byte[minor >= LONG_SINCE_MINOR ? LONG_SECRET : SHORT_SECRET];
        random.nextBytes(secret);
        Key key = new Key(target.processId(), new Secret(secret), target);
        keys.merge(
                key.processId(),
                List.of(key),
                (there, one) -> Stream.concat(there.stream(), one.stream()).toList());
        return key;
    }

    void revoke(Key key) {
        keys.computeIfPresent(key.processId(), (_, there) -> {
            List<Key> rest = there.stream().filter(other -> !other.equals(key)).toList();
            return rest.isEmpty() ? null : rest;
        });
    }

    /** The backend that the key stands for, if there is one. */
    Optional<Target> find(int processId, Secret secret) {
        return keys.getOrDefault(processId, List.of()).stream()
                .filter(key -> key.secret().matches(secret))
                .map(Key::target)
                .findFirst();
    }
}
