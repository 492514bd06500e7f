package dev.espalier.control.metastore;

import java.time.Instant;

/**
 * A policy that is in force.
 *
 * @param id never changes, and is never given to another
 */
public record DefinedPolicy(
        String id,
        PolicyDefinition definition,
        String createdBy,
        Instant createTime,
        String updatedBy,
        Instant updateTime) {}
