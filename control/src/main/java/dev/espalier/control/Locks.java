package dev.espalier.control;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * One lock for each branch: whoever changes a branch's volume or servers holds it alone, whoever copies from it holds it
 * together with others. Who needs two takes the source's before the copy's; since branches form a tree, nobody waits in a
 * circle.
 */
final class Locks {

    /** Held until it is closed. */
    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    private final ConcurrentMap<String, ReadWriteLock> byBranch = new ConcurrentHashMap<>();

    /** Holds the branch alone. */
    Held alone(String branchUid) {
        return hold(of(branchUid).writeLock());
    }

    /** Holds the branch alone if nobody else holds it; for whoever can come again later. */
    Optional<Held> tryAlone(String branchUid) {
        Lock lock = of(branchUid).writeLock();
        return lock.tryLock() ? Optional.of(lock::unlock) : Optional.empty();
    }

    /** Holds the branch against changes. */
    Held shared(String branchUid) {
        return hold(of(branchUid).readLock());
    }

    /** The same if nobody holds it alone; for whoever can come again later. */
    Optional<Held> tryShared(String branchUid) {
        Lock lock = of(branchUid).readLock();
        return lock.tryLock() ? Optional.of(lock::unlock) : Optional.empty();
    }

    /** Forgets the lock of a branch that is gone for good. */
    void forget(String branchUid) {
        byBranch.remove(branchUid);
    }

    private ReadWriteLock of(String branchUid) {
        return byBranch.computeIfAbsent(branchUid, uid -> new ReentrantReadWriteLock());
    }

    private static Held hold(Lock lock) {
        lock.lock();
        return lock::unlock;
    }
}
