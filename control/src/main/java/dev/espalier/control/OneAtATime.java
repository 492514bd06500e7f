package dev.espalier.control;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** Lets one do something for a key while others with the same key wait; nothing is kept of keys that nobody uses. */
final class OneAtATime<K> {

    /** @param users who hold it or wait for it */
    private record Slot(Lock lock, int users) {}

    private final ConcurrentMap<K, Slot> slots = new ConcurrentHashMap<>();

    <T> T run(K key, Supplier<T> work) {
        Lock lock = slots.merge(
                        key, new Slot(new ReentrantLock(), 1), (there, _) -> new Slot(there.lock(), there.users() + 1))
                .lock();
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
            slots.computeIfPresent(
                    key, (_, there) -> there.users() == 1 ? null : new Slot(there.lock(), there.users() - 1));
        }
    }
}
