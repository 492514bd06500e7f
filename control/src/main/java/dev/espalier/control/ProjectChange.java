package dev.espalier.control;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is to change of a project; what is empty stays.
 *
 * @param defaultBranch id of the branch to become the default
 */
public record ProjectChange(
        Optional<String> displayName,
        Optional<Duration> historyRetention,
        Optional<String> defaultBranch,
        Optional<EndpointSettings> endpointDefaults,
        Optional<Boolean> nativeLogin,
        Optional<String> budgetPolicyId,
        Optional<List<Tag>> customTags,
        Optional<List<String>> extensionsAllowed) {}
