package dev.espalier.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** When a branch ends: after a time, at a time, or never. */
final class Expiry {
    @Option(names = "--ttl", paramLabel = "DURATION", description = "how long the branch lives, such as 90s, 15m, 3d")
    @Nullable
    ShortDuration ttl;

    @Option(
            names = "--expire-time",
            paramLabel = "TIME",
            description = "until when it lives, such as 2026-11-25T10:00:00Z")
    @Nullable
    Timestamp expireTime;

    @Option(names = "--no-expiry", description = "it lives until it is deleted")
    @Nullable
    Boolean noExpiry;

    static void into(Spec spec, @Nullable Expiry expiry) {
        if (expiry != null) {
            spec.set("ttl", expiry.ttl, "expiration")
                    .set("expire_time", expiry.expireTime, "expiration")
                    .set("no_expiry", expiry.noExpiry, "expiration");
        }
    }
}
