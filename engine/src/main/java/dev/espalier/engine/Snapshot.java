package dev.espalier.engine;

import dev.espalier.postgres.Lsn;
import dev.espalier.storage.VolumeName;
import java.time.Instant;

/**
 * A copy of a cluster from which any later moment of it can be reached by replaying its log.
 *
 * @param volume the copy
 * @param of the volume it is a copy of
 * @param time a moment at or after everything in the copy: the earliest that can be reached from it
 * @param lsn a position at or after everything in the copy: the earliest that can be reached from it
 * @param replayFrom position from which the log is needed to make the copy whole
 */
public record Snapshot(VolumeName volume, VolumeName of, Instant time, Lsn lsn, Lsn replayFrom) {}
