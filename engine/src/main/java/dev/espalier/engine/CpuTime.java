package dev.espalier.engine;

/**
 * CPU that a server has used since its start.
 *
 * @param server process id of the server's first process, another one after each start
 * @param nanos nanoseconds
 */
public record CpuTime(long server, long nanos) {}
