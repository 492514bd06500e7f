package dev.espalier.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Prices are listed and set, by administrators. */
@ExtendWith(SharedApi.class)
class BillingTest {

    private static final String PRICES = "/api/2.0/billing/prices";
    private static final String HISTORY = "ESPALIER_DATABRICKS_STORAGE_HISTORY";

    private final TestApi api;

    BillingTest(TestApi api) {
        this.api = api;
    }

    private List<String> history() {
        return api.get(PRICES)
                .ok()
                .get("prices")
                .valueStream()
                .filter(price -> price.get("sku_name").asString().equals(HISTORY))
                .map(price -> price.get("price").asString() + " "
                        + price.get("currency_code").asString()
                        + (price.has("price_end_time") ? " ended" : ""))
                .toList();
    }

    @Test
    void aPriceThatIsSetEndsTheOneBefore() {
        assertThat(history()).containsExactly("0.023 USD");
        JsonNode set = api.call("PUT", PRICES + "/" + HISTORY + "?price=0.05&currency_code=EUR", "")
                .ok();
        assertThat(set.get("price").asString()).isEqualTo("0.05");
        assertThat(set.get("usage_unit").asString()).isEqualTo("GB_MONTH");
        assertThat(history()).containsExactly("0.05 EUR", "0.023 USD ended");
    }

    @Test
    void whatIsNoPriceIsRefused() {
        api.call("PUT", PRICES + "/NOTHING?price=1", "").assertRefused(404, "NOT_FOUND", "NOT_FOUND");
        for (String price : List.of("-1", "1e9", "much", "0.0000000000000000001")) {
            api.call("PUT", PRICES + "/ESPALIER_DATABASE_CPU_TIME?price=" + price, "")
                    .assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
        }
        api.call("PUT", PRICES + "/ESPALIER_DATABASE_CPU_TIME", "")
                .assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
    }

    @Test
    void onlyWhatIsRecordedCanBeCorrected() {
        for (String record : List.of("nothing", "3f0b9a4e-0000-4000-8000-000000000000")) {
            api.call("POST", "/api/2.0/billing/usage/" + record + "/corrections?base_quantity=1", "")
                    .assertRefused(404, "NOT_FOUND", "NOT_FOUND");
        }
    }
}
