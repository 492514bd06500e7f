package dev.espalier.cli;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.output.View;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Calls about prices. */
@Command(name = "prices", description = "What a unit of compute or storage costs; usage and cost are read in SQL")
final class Prices {
    private static final String PRICES = "/api/2.0/billing/prices";

    private final Session session;

    Prices(Session session) {
        this.session = session;
    }

    @Command(description = "List the prices, those of the past too")
    void list() {
        session.printer().list(session.api().get(PRICES, Query.none()), "prices", View.PRICE);
    }

    @Command(description = "Set a price from now on; what was used before keeps the one it had")
    void set(
            @Parameters(paramLabel = "SKU", description = "as prices list shows it") String sku,
            @Parameters(paramLabel = "PRICE", description = "of one unit, such as 0.111") String price,
            @Option(names = "--currency", paramLabel = "CODE", description = "three letters, such as USD") @Nullable
                    String currency,
            @Option(
                            names = "--clock-is-right",
                            description =
                                    "a price that begins later was set while the clock was ahead, and ends behind what was used under it")
                    boolean clockIsRight) {
        Query query = Query.none()
                .with("price", price)
                .with("currency_code", currency)
                .with("clock_is_right", clockIsRight ? "true" : null);
        session.printer().row(session.api().put(PRICES + "/" + sku, query, Json.object()), View.PRICE);
    }
}
