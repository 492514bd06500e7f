package dev.espalier.control;

import dev.espalier.control.request.ResourceName;

/**
 * A database on a branch.
 *
 * @param postgresDatabase its name in PostgreSQL
 * @param owner name of the role that owns it, as a resource
 */
public record Database(ResourceName name, String databaseId, String postgresDatabase, ResourceName owner) {}
