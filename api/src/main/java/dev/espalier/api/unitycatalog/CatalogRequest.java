package dev.espalier.api.unitycatalog;

import java.util.Optional;

/** What a catalog is to say of itself; what is not given stays. */
public record CatalogRequest(Optional<String> owner, Optional<String> comment) {}
