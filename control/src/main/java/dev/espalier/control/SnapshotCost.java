package dev.espalier.control;

import dev.espalier.engine.Engine;
import dev.espalier.storage.Space;

/** What a snapshot may cost where copies share nothing, so that it takes as much as its branch. */
final class SnapshotCost {

    private SnapshotCost() {}

    /**
     * Whether there is room for another one of a branch that has one. What is short of room is kept for branches: without it a
     * rewind replays more log, and every moment stays in reach.
     *
     * @param bytes what it will take
     * @param lettingLogGo whether the log that it makes dispensable is older than the window, and so only grows without it
     */
    static boolean isAffordable(long bytes, Space space, boolean lettingLogGo) {
        return lettingLogGo || space.less(bytes).used() < Engine.NEARLY_FULL;
    }
}
