package dev.espalier.api.unitycatalog;

/** Which metastore the workspace has. There is one workspace. */
public record MetastoreAssignmentResource(String metastoreId, String workspaceId) {}
