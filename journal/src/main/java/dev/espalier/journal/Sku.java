package dev.espalier.journal;

import java.util.Arrays;
import java.util.Optional;

/** What is metered, each in a base unit whose quantities add up exactly. The rest about them is in {@code journal.sku}. */
public enum Sku {
    /** Compute units that an endpoint held while it ran, times seconds. */
    COMPUTE("ESPALIER_DATABASE_SERVERLESS_COMPUTE_CU"),
    /** Seconds of CPU that an endpoint's processes used. */
    CPU("ESPALIER_DATABASE_CPU_TIME"),
    /** Bytes that only this branch holds, without its history, times seconds. */
    DATA("ESPALIER_DATABRICKS_STORAGE_DATA"),
    /** Bytes of a branch's archived log, times seconds. */
    HISTORY("ESPALIER_DATABRICKS_STORAGE_HISTORY");

    private final String billedAs;

    Sku(String billedAs) {
        this.billedAs = billedAs;
    }

    /** The name in {@code billing.usage} and {@code billing.list_prices}. */
    public String billedAs() {
        return billedAs;
    }

    /** The one of this name. */
    public static Optional<Sku> billedAs(String name) {
        return Arrays.stream(values()).filter(sku -> sku.billedAs.equals(name)).findFirst();
    }
}
