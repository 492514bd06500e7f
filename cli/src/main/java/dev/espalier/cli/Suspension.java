package dev.espalier.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** When an endpoint that nobody uses goes to sleep. */
final class Suspension {
    @Option(
            names = "--suspend-after",
            paramLabel = "DURATION",
            description = "suspend after this long without activity, such as 5m")
    @Nullable
    ShortDuration after;

    @Option(names = "--no-suspension", description = "never suspend")
    @Nullable
    Boolean never;

    static void into(Spec spec, String prefix, @Nullable Suspension suspension, String maskPath) {
        if (suspension != null) {
            spec.set(prefix + "suspend_timeout_duration", suspension.after, maskPath)
                    .set(prefix + "no_suspension", suspension.never, maskPath);
        }
    }
}
