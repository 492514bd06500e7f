package dev.espalier.journal.metering;

import dev.espalier.journal.Sku;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;

/**
 * What a unit costs for a while.
 *
 * @param unit that the price is for, as {@code CU_HOUR}
 * @param currency three letters
 * @param price of one unit, not negative
 * @param end when another price begins; empty for the last
 */
public record Price(Sku sku, String unit, String currency, BigDecimal price, Instant start, Optional<Instant> end) {}
