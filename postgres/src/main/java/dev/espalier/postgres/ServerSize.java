package dev.espalier.postgres;

/**
 * What a server may use.
 *
 * @param sharedBuffersMb shared buffers, in MiB
 * @param effectiveCacheMb what the planner assumes is cached, in MiB
 * @param maxConnections most sessions at a time
 */
public record ServerSize(int sharedBuffersMb, int effectiveCacheMb, int maxConnections) {

    /** Memory of one compute unit, in MiB. */
    public static final int MEMORY_OF_ONE_CU_MB = 2048;

    /**
     * The size for a range of compute units. Memory that is taken at the start follows the lower end, what the planner may
     * count on and the number of connections follow the upper end.
     *
     * @param minCu compute units, at least 0.5
     * @param maxCu compute units, not below {@code minCu}
     */
    public static ServerSize ofComputeUnits(double minCu, double maxCu) {
        int shared = (int) Math.max(16, minCu * MEMORY_OF_ONE_CU_MB / 32);
        int cache = (int) (maxCu * MEMORY_OF_ONE_CU_MB * 3 / 4);
        int connections = (int) Math.min(4000, Math.floor(maxCu * 209.8));
        return new ServerSize(shared, cache, connections);
    }
}
