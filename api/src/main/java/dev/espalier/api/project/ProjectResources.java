package dev.espalier.api.project;

import dev.espalier.api.project.ProjectResource.CustomTag;
import dev.espalier.api.project.ProjectResource.Settings;
import dev.espalier.api.project.ProjectResource.Status;
import dev.espalier.control.Branch;
import dev.espalier.control.Branches;
import dev.espalier.control.Project;
import dev.espalier.control.setting.EndpointSettings;
import java.util.Optional;

/** Shows projects, each with the present name of its default branch. */
public final class ProjectResources {

    private final Branches branches;

    public ProjectResources(Branches branches) {
        this.branches = branches;
    }

    public ProjectResource of(Project project) {
        return of(
                project,
                project.defaultBranchUid()
                        .flatMap(branches::getByUid)
                        .map(Branch::name)
                        .map(Object::toString));
    }

    static ProjectResource of(Project project, Optional<String> defaultBranch) {
        return new ProjectResource(
                project.name().toString(),
                project.projectId(),
                project.uid(),
                project.createTime(),
                project.updateTime(),
                project.deleteTime(),
                project.purgeTime(),
                new Status(
                        project.projectId(),
                        project.displayName(),
                        project.pgVersion(),
                        project.historyRetention(),
                        defaultBranch,
                        settings(project.endpointDefaults()),
                        project.nativeLogin(),
                        project.budgetPolicyId(),
                        project.customTags().stream()
                                .map(tag -> new CustomTag(tag.key(), tag.value()))
                                .toList(),
                        project.extensionsAllowed(),
                        project.owner()));
    }

    private static Settings settings(EndpointSettings settings) {
        return new Settings(
                settings.minCu(),
                settings.maxCu(),
                settings.suspendAfter().isEmpty() ? Optional.of(true) : Optional.empty(),
                settings.suspendAfter(),
                settings.pgSettings());
    }
}
