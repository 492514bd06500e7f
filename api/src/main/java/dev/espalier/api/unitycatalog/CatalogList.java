package dev.espalier.api.unitycatalog;

import java.util.List;

/** Catalogs, all of them. */
public record CatalogList(List<CatalogResource> catalogs) {}
