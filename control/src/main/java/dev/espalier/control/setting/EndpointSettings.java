package dev.espalier.control.setting;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What an endpoint is given.
 *
 * @param minCu fewest compute units: memory taken at its start
 * @param maxCu most compute units: sessions, and memory the planner counts on
 * @param suspendAfter idle time after which it stops; empty for never
 * @param pgSettings settings of PostgreSQL, checked by {@link PgSettings}
 */
public record EndpointSettings(
        double minCu, double maxCu, Optional<Duration> suspendAfter, Map<String, String> pgSettings) {

    private static final double SMALLEST_CU = 0.5;
    private static final double LARGEST_CU = 112;
    private static final Duration SHORTEST_SUSPEND = Duration.ofSeconds(60);
    private static final Duration LONGEST_SUSPEND = Duration.ofDays(7);

    /** What a new project's endpoints get where nothing is said. */
    public static final EndpointSettings DEFAULT =
            new EndpointSettings(0.5, 1, Optional.of(Duration.ofMinutes(5)), Map.of());

    /** @throws ControlException naming the rule that is broken */
    public EndpointSettings {
        if (!(minCu >= SMALLEST_CU && maxCu <= LARGEST_CU && minCu <= maxCu)) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "compute units from " + minCu + " to " + maxCu
                            + " are not possible. Choose autoscaling_limit_min_cu and "
                            + "autoscaling_limit_max_cu between " + SMALLEST_CU + " and " + LARGEST_CU
                            + ", the first not above the second.");
        }
        suspendAfter.ifPresent(after -> {
            if (after.compareTo(SHORTEST_SUSPEND) < 0 || after.compareTo(LONGEST_SUSPEND) > 0) {
                throw new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "suspend_timeout_duration " + after.toSeconds()
                                + "s is not possible. Choose 60s to 604800s (7 days), or no_suspension.");
            }
        });
        PgSettings.check(pgSettings);
        pgSettings = Map.copyOf(pgSettings);
    }
}
