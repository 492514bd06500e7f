package dev.espalier.api.billing;

import java.util.List;

/** The prices. */
public record PriceListing(List<PriceResource> prices) {}
