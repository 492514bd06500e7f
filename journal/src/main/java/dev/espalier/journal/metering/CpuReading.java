package dev.espalier.journal.metering;

/**
 * The CPU that a server has used since its start.
 *
 * @param server tells one start of the server from the next, whose count begins anew
 * @param nanos nanoseconds of CPU, never less than before
 */
public record CpuReading(long server, long nanos) {}
