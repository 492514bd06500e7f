package dev.espalier.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What an endpoint computes with, or all new endpoints of a project. */
final class ComputeOptions {
    @Option(names = "--min-cu", paramLabel = "N", description = "smallest number of compute units")
    @Nullable
    Double minimum;

    @Option(names = "--max-cu", paramLabel = "N", description = "largest number of compute units")
    @Nullable
    Double maximum;

    @ArgGroup
    @Nullable
    Suspension suspension;

    @Option(names = "--setting", paramLabel = "NAME=VALUE", description = "a setting of PostgreSQL; may be repeated")
    @Nullable
    Map<String, String> settings;

    void intoEndpoint(Spec spec) {
        into(spec, "", "suspension", "settings.pg_settings");
    }

    /** The API's update mask has a path of its own for the suspension of a project's endpoints. */
    void intoProject(Spec spec) {
        String prefix = "default_endpoint_settings.";
        into(spec, prefix, "project_default_settings.suspension", prefix + "pg_settings");
    }

    private void into(Spec spec, String prefix, String suspensionMask, String settingsPath) {
        spec.set(prefix + "autoscaling_limit_min_cu", minimum).set(prefix + "autoscaling_limit_max_cu", maximum);
        Suspension.into(spec, prefix, suspension, suspensionMask);
        spec.set(settingsPath, settings);
    }
}
