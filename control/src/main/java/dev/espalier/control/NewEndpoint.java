package dev.espalier.control;

import dev.espalier.control.setting.ActivityPolicy;
import dev.espalier.control.setting.EndpointSettings;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What an endpoint is to be. What is empty gets the default in a new one, and stays in one that is replaced.
 *
 * @param settings makes the settings, of the project's defaults or of those that there are
 */
public record NewEndpoint(
        Endpoint.Type type,
        Optional<UnaryOperator<EndpointSettings>> settings,
        Optional<ActivityPolicy> activityPolicy,
        Optional<Boolean> disabled) {

    /** One of which all settings are said. */
    public NewEndpoint(
            Endpoint.Type type,
            Optional<EndpointSettings> settings,
            Optional<ActivityPolicy> activityPolicy,
            boolean disabled) {
        this(type, settings.map(all -> _ -> all), activityPolicy, Optional.of(disabled));
    }

    EndpointSettings settings(EndpointSettings defaults) {
        return settings.orElse(UnaryOperator.identity()).apply(defaults);
    }
}
