package dev.espalier.api.endpoint;

import dev.espalier.api.wire.UpdateMask;
import dev.espalier.control.setting.EndpointSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What a request says of an endpoint's settings; what is empty stays as it is or gets the default. */
public record SettingsChange(
        Optional<Double> minCu,
        Optional<Double> maxCu,
        Optional<Suspension> suspension,
        Optional<Map<String, String>> pgSettings) {

    /** @throws dev.espalier.control.request.ControlException if the fields for the suspension contradict each other */
    public static SettingsChange of(
            Optional<Double> minCu,
            Optional<Double> maxCu,
            Optional<Boolean> noSuspension,
            Optional<Duration> suspendTimeout,
            Optional<Map<String, String>> pgSettings) {
        return new SettingsChange(minCu, maxCu, Suspension.of(noSuspension, suspendTimeout), pgSettings);
    }

    /**
     * The part of this that a mask lets through.
     *
     * @param path of the settings
     * @param pgSettingsPath path of PostgreSQL's settings among them
     */
    public SettingsChange within(UpdateMask mask, String path, String pgSettingsPath) {
        return new SettingsChange(
                mask.value(path + ".autoscaling_limit_min_cu", minCu),
                mask.value(path + ".autoscaling_limit_max_cu", maxCu),
                mask.value(path + ".suspension", suspension),
                mask.value(pgSettingsPath, pgSettings, Map.of()));
    }

    /** Makes new settings of any; empty if this says nothing. */
    public Optional<UnaryOperator<EndpointSettings>> made() {
        if (minCu.isEmpty() && maxCu.isEmpty() && suspension.isEmpty() && pgSettings.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(now -> new EndpointSettings(
                minCu.orElse(now.minCu()),
                maxCu.orElse(now.maxCu()),
                suspension.map(Suspension::after).orElse(now.suspendAfter()),
                pgSettings.orElse(now.pgSettings())));
    }

    /** The given settings with this change; empty if this says nothing. */
    public Optional<EndpointSettings> over(EndpointSettings now) {
        return made().map(change -> change.apply(now));
    }
}
