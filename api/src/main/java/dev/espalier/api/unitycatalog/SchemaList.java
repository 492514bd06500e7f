package dev.espalier.api.unitycatalog;

import java.util.List;

/** Schemas, all of a catalog. */
public record SchemaList(List<SchemaResource> schemas) {}
