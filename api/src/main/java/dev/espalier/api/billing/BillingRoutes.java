package dev.espalier.api.billing;

import dev.espalier.api.http.QueryParameter;
import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.journal.Sku;
import dev.espalier.journal.metering.Corrections;
import dev.espalier.journal.metering.PriceList;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The methods for prices and for the correction of usage; the usage itself is read in SQL. What is to be set is in the query,
 * which the audit keeps.
 */
public final class BillingRoutes {

    private static final String ROOT = "/api/2.0/billing";

    private final PriceList prices;
    private final Corrections corrections;

    public BillingRoutes(PriceList prices, Corrections corrections) {
        this.prices = prices;
        this.corrections = corrections;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(
                        ROOT + "/prices",
                        "listPrices",
                        "Lists the prices, those of the past too.",
                        PriceListing.class,
                        _ -> new PriceListing(
                                prices.list().stream().map(PriceResource::of).toList())),
                Route.put(
                                ROOT + "/prices/{sku_name}",
                                "setPrice",
                                "Sets what a unit costs from now on.",
                                PriceResource.class,
                                this::setPrice)
                        .query(
                                QueryParameter.required("price", "What one unit costs, such as 0.111."),
                                QueryParameter.optional(
                                        "currency_code",
                                        "Three letters, such as USD; the one that holds if not given."),
                                new QueryParameter(
                                        "clock_is_right",
                                        QueryParameter.Type.FLAG,
                                        false,
                                        "true where a price that begins later was set while the clock was ahead, and is to "
                                                + "end behind what was used under it.")),
                Route.post(
                                ROOT + "/usage/{record_id}/corrections",
                                "correctUsage",
                                "Takes a record of usage back and puts another in its place.",
                                CorrectionResource.class,
                                this::correct)
                        .query(
                                QueryParameter.required(
                                        "base_quantity", "The right quantity, in the record's base_unit; 0 for none."),
                                QueryParameter.optional("reason", "Why, for the audit.")));
    }

    private Object setPrice(Request request) {
        Sku sku = Sku.billedAs(request.path("sku_name"))
                .orElseThrow(() -> new ControlException(
                        Code.NOT_FOUND,
                        "there is no SKU " + request.path("sku_name") + ". There are: "
                                + Arrays.stream(Sku.values()).map(Sku::billedAs).collect(Collectors.joining(", "))
                                + "."));
        BigDecimal price = number(request, "price");
        Optional<String> currency = request.query("currency_code");
        boolean clockIsRight = request.flag("clock_is_right");
        return PriceResource.of(checked(() -> prices.set(sku, price, currency, clockIsRight)));
    }

    private Object correct(Request request) {
        UUID record = record(request.path("record_id"));
        BigDecimal quantity = number(request, "base_quantity");
        Corrections.Corrected corrected =
                checked(() -> corrections.correct(record, quantity)).orElseThrow(() -> noRecord(record.toString()));
        return new CorrectionResource(
                corrected.retraction().toString(), corrected.restatement().toString());
    }

    private static BigDecimal number(Request request, String name) {
        String text = request.required(name);
        // Without an exponent: ten characters could stand for a number of a gigabyte.
        if (!text.matches("-?\\d{1,40}(\\.\\d{1,40})?")) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE, name + " must be a decimal number, such as 0.111, not " + text + ".");
        }
        return new BigDecimal(text);
    }

    private static UUID record(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw noRecord(text);
        }
    }

    private static ControlException noRecord(String record) {
        return new ControlException(
                Code.NOT_FOUND,
                "there is no record " + record + " of usage. Take record_id from system.billing.usage.");
    }

    private static <T> T checked(Supplier<T> call) {
        try {
            return call.get();
        } catch (IllegalArgumentException e) {
            throw new ControlException(Code.INVALID_PARAMETER_VALUE, e.getMessage() + ".", e);
        }
    }
}
