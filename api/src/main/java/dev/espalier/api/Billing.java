package dev.espalier.api;

import dev.espalier.journal.metering.Corrections;
import dev.espalier.journal.metering.PriceList;

/** The services that usage is priced and corrected by. */
public record Billing(PriceList prices, Corrections corrections) {}
