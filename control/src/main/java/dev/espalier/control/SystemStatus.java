package dev.espalier.control;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What runs, on what.
 *
 * @param backend how the volumes share blocks
 * @param backendReason why that one
 * @param postgres the installations of PostgreSQL, by major version
 * @param storageFull how full the storage is, where it is nearly or quite full
 * @param removalRestsUntil until when nothing is removed for good because the clock has jumped ahead; empty when it has not
 */
public record SystemStatus(
        String version,
        String home,
        String dataDirectory,
        String backend,
        String backendReason,
        long totalBytes,
        long freeBytes,
        Map<Integer, Installation> postgres,
        Instant started,
        Optional<String> storageFull,
        Optional<Instant> removalRestsUntil,
        int projects,
        int branches,
        int runningEndpoints) {

    /** One installation of PostgreSQL. */
    public record Installation(String version, String home) {}

    /** What only the start of the process knows. */
    public record Facts(String version, String home, String dataDirectory, String backend, String backendReason) {}
}
