package dev.espalier.control;

/**
 * What a branch occupies.
 *
 * @param exclusiveBytes what deleting the branch, with its history, would free
 * @param historyBytes the archived write-ahead log's part in that
 * @param snapshots number of copies kept for rewinding
 * @param volume name of its volume
 */
public record BranchStorage(long exclusiveBytes, long historyBytes, int snapshots, String volume) {}
