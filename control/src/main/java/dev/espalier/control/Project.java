package dev.espalier.control;

import dev.espalier.control.request.ResourceName;
import dev.espalier.control.request.Tag;
import dev.espalier.control.setting.EndpointSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A team's database with all its branches.
 *
 * @param uid never changes, never used twice
 * @param projectId chosen by the user; unique among the projects that are not deleted
 * @param pgVersion PostgreSQL's major version
 * @param historyRetention how far back its branches can be rewound
 * @param defaultBranchUid the branch that is meant where none is named; empty only while the project is being made
 * @param endpointDefaults what new endpoints get where nothing is said
 * @param nativeLogin whether roles may sign in with passwords of their own
 * @param extensionsAllowed names of the extensions that may be made in its databases; empty where nobody has ever said so
 * @param owner principal who made it
 * @param purgeTime when a deleted project goes for good
 */
public record Project(
        String uid,
        String projectId,
        String displayName,
        int pgVersion,
        Duration historyRetention,
        Optional<String> defaultBranchUid,
        EndpointSettings endpointDefaults,
        boolean nativeLogin,
        Optional<String> budgetPolicyId,
        List<Tag> customTags,
        Optional<List<String>> extensionsAllowed,
        String owner,
        Instant createTime,
        Instant updateTime,
        Optional<Instant> deleteTime,
        Optional<Instant> purgeTime) {

    public ResourceName name() {
        return ResourceName.project(projectId);
    }
}
