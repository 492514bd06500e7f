package dev.espalier.engine;

import dev.espalier.storage.NoSpaceException;
import dev.espalier.storage.Space;
import dev.espalier.storage.VolumeName;
import dev.espalier.storage.VolumeStore;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Sees to it that new copies leave room for what is written to the volumes there are. */
final class Room {

    private final VolumeStore store;

    /** Bytes that the copies being made will take; none where copies share blocks. */
    private final Map<VolumeName, Long> beingMade = new HashMap<>();

    Room(VolumeStore store) {
        this.store = store;
    }

    /** @throws StorageFullException from {@link Engine#FULL} on */
    void refuseWhenFull() {
        Space space = store.space();
        if (space.used() >= Engine.FULL) {
            throw new StorageFullException(space);
        }
    }

    /**
     * Does what makes {@code target} a copy of {@code source}.
     *
     * @throws StorageFullException if the copy would leave the storage full, or the disk fills up meanwhile
     */
    <T> T forCopy(VolumeName source, VolumeName target, Supplier<T> work) {
        refuseWhenFull();
        if (!store.capabilities().sharesBlocks()) {
            reserve(source, target);
        }
        try {
            return work.get();
        } catch (NoSpaceException e) {
            throw new StorageFullException(e);
        } catch (UncheckedIOException e) {
            throw NoSpaceException.isBehind(e) ? new StorageFullException(e) : e;
        } finally {
            release(target);
        }
    }

    /** One after the other: two that fit each by itself may not fit together. */
    private synchronized void reserve(VolumeName source, VolumeName target) {
        long bytes = bytes(source);
        long others = beingMade.entrySet().stream()
                .mapToLong(other -> Math.max(0, other.getValue() - bytes(other.getKey())))
                .sum();
        Space before = store.space().less(others);
        if (before.less(bytes).used() >= Engine.FULL) {
            throw new StorageFullException(source, bytes, before);
        }
        beingMade.put(target, bytes);
    }

    private synchronized void release(VolumeName target) {
        beingMade.remove(target);
    }

    /** What the volume takes where it shares nothing; 0 when there is none yet. */
    private long bytes(VolumeName volume) {
        return store.exclusiveBytes(Set.of(volume));
    }
}
