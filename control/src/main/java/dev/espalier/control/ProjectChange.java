package dev.espalier.control;

import dev.espalier.control.request.Tag;
import dev.espalier.control.setting.EndpointSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What is to change of a project; what is empty stays.
 *
 * @param defaultBranch id of the branch to become the default
 * @param endpointDefaults makes the new settings of those that there are when its turn has come
 */
public record ProjectChange(
        Optional<String> displayName,
        Optional<Duration> historyRetention,
        Optional<String> defaultBranch,
        Optional<UnaryOperator<EndpointSettings>> endpointDefaults,
        Optional<Boolean> nativeLogin,
        Optional<String> budgetPolicyId,
        Optional<List<Tag>> customTags,
        Optional<List<String>> extensionsAllowed) {}
