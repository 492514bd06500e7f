package dev.espalier.api.billing;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.journal.metering.Price;
import java.time.Instant;
import java.util.Optional;

/** A price, as in {@code system.billing.list_prices}. */
public record PriceResource(
        String skuName,
        String usageUnit,
        String currencyCode,

        @JsonPropertyDescription("Of one unit; a decimal number as text.")
        String price,

        Instant priceStartTime,

        @JsonPropertyDescription("When another price begins; absent for the last.")
        Optional<Instant> priceEndTime) {

    static PriceResource of(Price price) {
        return new PriceResource(
                price.sku().billedAs(),
                price.unit(),
                price.currency(),
                price.price().toPlainString(),
                price.start(),
                price.end());
    }
}
