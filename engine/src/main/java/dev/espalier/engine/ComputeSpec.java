package dev.espalier.engine;

import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.storage.VolumeName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a compute is to be: a PostgreSQL server for one volume.
 *
 * @param id name of its run directory and log; sessions find it there whatever volume it runs on
 * @param volume its data
 * @param major PostgreSQL's major version
 * @param minCu fewest compute units
 * @param maxCu most compute units
 * @param pgSettings the user's own settings, already checked
 * @param preloadLibraries libraries loaded at its start
 * @param follows for a read-only replica, the compute whose changes it replays
 */
public record ComputeSpec(
        String id,
        VolumeName volume,
        int major,
        Durability durability,
        double minCu,
        double maxCu,
        Map<String, String> pgSettings,
        List<String> preloadLibraries,
        Optional<Primary> follows) {

    /**
     * What a replica follows.
     *
     * @param id the primary's id
     * @param volume the primary's volume, whose archive the replica reads while the primary does not run
     * @param largestCu the most compute units that the primary has had: a replica must allow at least as many sessions as the
     *     primary did at any time whose log it replays
     */
    public record Primary(String id, VolumeName volume, double largestCu) {}
}
