package dev.espalier.control;

import dev.espalier.control.setting.ActivityPolicy;
import dev.espalier.control.setting.EndpointSettings;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What is to change of an endpoint; what is empty stays.
 *
 * @param settings makes the new settings of those that there are when its turn has come
 */
public record EndpointChange(
        Optional<UnaryOperator<EndpointSettings>> settings,
        Optional<ActivityPolicy> activityPolicy,
        Optional<Boolean> disabled) {}
