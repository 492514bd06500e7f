package dev.espalier.control;

import dev.espalier.control.request.Tag;
import dev.espalier.control.setting.EndpointSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a project is to be; what is empty gets a default.
 *
 * @param extensionsAllowed names of the extensions that may be made in its databases; empty for those that PostgreSQL trusts
 * @param initialBranchProtected whether its first branch is protected
 * @param initialEndpoint settings of its first branch's endpoint
 */
public record NewProject(
        Optional<String> displayName,
        OptionalInt pgVersion,
        Optional<Duration> historyRetention,
        Optional<EndpointSettings> endpointDefaults,
        boolean nativeLogin,
        Optional<String> budgetPolicyId,
        List<Tag> customTags,
        Optional<List<String>> extensionsAllowed,
        boolean initialBranchProtected,
        Optional<EndpointSettings> initialEndpoint) {}
