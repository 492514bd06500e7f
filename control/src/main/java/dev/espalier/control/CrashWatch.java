package dev.espalier.control;

import dev.espalier.engine.Engine;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Jdbi;

/**
 * Wakes the endpoints that never sleep whose server has ended by itself, as one does that the kernel kills for want of memory. Of the
 * others the next who comes does that.
 */
final class CrashWatch {

    private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(20);

    private final Engine engine;
    private final Jdbi jdbi;
    private final EndpointTable endpoints;
    private final EndpointRunner runner;
    private final Locks locks;
    private final Clock clock;

    /** When those that have ended are to be woken, by endpoint. */
    private final Map<String, Instant> due = new ConcurrentHashMap<>();

    CrashWatch(Engine engine, Jdbi jdbi, EndpointTable endpoints, EndpointRunner runner, Locks locks, Clock clock) {
        this.engine = engine;
        this.jdbi = jdbi;
        this.endpoints = endpoints;
        this.runner = runner;
        this.locks = locks;
        this.clock = clock;
    }

    void look() {
        Instant now = clock.instant();
        engine.ended().forEach(uid -> due.putIfAbsent(uid, now));
        due.keySet().removeIf(engine::isRunning);
        due.forEach((uid, time) -> {
            if (!time.isAfter(now)) {
                wake(uid, now);
            }
        });
    }

    private void wake(String uid, Instant now) {
        Optional<Endpoint> endpoint = jdbi.withHandle(handle -> endpoints.byUid(handle, uid))
                .filter(found -> found.settings().suspendAfter().isEmpty());
        if (endpoint.isEmpty()) {
            due.remove(uid);
            return;
        }
        // Whoever works with the branch now goes first; this comes again.
        locks.tryAlone(endpoint.get().branchUid()).ifPresent(held -> {
            try (held) {
                due.put(uid, now.plus(BETWEEN_ATTEMPTS));
                runner.wakeIfItNeverSleeps(endpoint.get());
            }
        });
    }
}
