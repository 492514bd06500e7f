package dev.espalier.control;

/**
 * A database, as one endpoint serves it.
 *
 * @param endpointUid never used twice
 * @param database its name in PostgreSQL
 */
record EndpointDatabase(String endpointUid, String database) {}
