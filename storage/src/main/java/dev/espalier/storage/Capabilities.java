package dev.espalier.storage;

/**
 * What a backend promises, so that callers choose by ability and not by name.
 *
 * @param atomicFork a fork of a volume that is being written is one moment of it (crash-consistent)
 * @param constantTimeFork the cost of forking a live volume does not grow with its size
 * @param constantTimeForkOfFrozen the cost of forking a frozen volume does not grow with its size; without
 *     {@code constantTimeFork} that holds for volumes that were not themselves forked from a frozen one
 * @param sharesBlocks a fork occupies no space until it is written
 */
public record Capabilities(
        boolean atomicFork, boolean constantTimeFork, boolean constantTimeForkOfFrozen, boolean sharesBlocks) {}
