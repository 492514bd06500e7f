package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.databricks.sdk.core.error.platform.AlreadyExists;
import com.databricks.sdk.core.error.platform.NotFound;
import com.databricks.sdk.service.postgres.CreateProjectRequest;
import com.databricks.sdk.service.postgres.DeleteProjectRequest;
import com.databricks.sdk.service.postgres.ListProjectsRequest;
import com.databricks.sdk.service.postgres.PostgresAPI;
import com.databricks.sdk.service.postgres.Project;
import com.databricks.sdk.service.postgres.ProjectCustomTag;
import com.databricks.sdk.service.postgres.ProjectSpec;
import com.databricks.sdk.service.postgres.UndeleteProjectRequest;
import com.databricks.sdk.service.postgres.UpdateProjectRequest;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Projects, by Databricks' SDK. */
@ExtendWith(Shared.class)
class DatabricksSdkProjectsTest {

    private final PostgresAPI api;

    DatabricksSdkProjectsTest(Shop shop) {
        this.api = shop.api();
    }

    @Test
    void aProjectIsMadeChangedDeletedBroughtBackAndPurged() throws TimeoutException {
        String name = "projects/garden";
        Project made = create("garden", new ProjectSpec().setDisplayName("The garden"));
        assertThat(made.getName()).isEqualTo(name);
        assertThat(made.getStatus().getDisplayName()).isEqualTo("The garden");
        assertThat(made.getStatus().getDefaultBranch()).isEqualTo(name + "/branches/production");
        assertThat(api.getProject(name)).isEqualTo(made);
        assertThat(names(false)).contains(name, Shop.NAME);

        Project changed = api.updateProject(new UpdateProjectRequest()
                        .setName(name)
                        .setUpdateMask(FieldMask.newBuilder()
                                .addPaths("spec.history_retention_duration")
                                .addPaths("spec.custom_tags")
                                .build())
                        .setProject(new Project()
                                .setSpec(new ProjectSpec()
                                        .setDisplayName("not in the mask")
                                        .setHistoryRetentionDuration(seconds(172_800))
                                        .setCustomTags(List.of(new ProjectCustomTag()
                                                .setKey("team")
                                                .setValue("green"))))))
                .waitForCompletion();
        assertThat(changed.getStatus().getDisplayName()).isEqualTo("The garden");
        assertThat(changed.getStatus().getHistoryRetentionDuration()).isEqualTo(seconds(172_800));
        assertThat(changed.getStatus().getCustomTags())
                .containsExactly(new ProjectCustomTag().setKey("team").setValue("green"));

        assertThatThrownBy(() -> create("garden", new ProjectSpec())).isInstanceOf(AlreadyExists.class);

        api.deleteProject(name).waitForCompletion();
        assertThat(names(false)).doesNotContain(name);
        assertThat(names(true)).contains(name);
        assertThat(api.getProject(name).getDeleteTime()).isNotNull();
        assertThat(api.getProject(name).getPurgeTime()).isNotNull();

        api.undeleteProject(new UndeleteProjectRequest().setName(name)).waitForCompletion();
        assertThat(api.getProject(name).getUid()).isEqualTo(made.getUid());
        assertThat(api.getProject(name).getDeleteTime()).isNull();
        assertThat(api.getBranch(name + "/branches/production").getStatus().getDefault())
                .isTrue();

        api.deleteProject(new DeleteProjectRequest().setName(name).setPurge(true))
                .waitForCompletion();
        assertThat(names(true)).doesNotContain(name);
        assertThatThrownBy(() -> api.getProject(name)).isInstanceOf(NotFound.class);
    }

    private Project create(String id, ProjectSpec spec) throws TimeoutException {
        return api.createProject(new CreateProjectRequest().setProjectId(id).setProject(new Project().setSpec(spec)))
                .waitForCompletion();
    }

    private List<String> names(boolean deletedToo) {
        ListProjectsRequest request = new ListProjectsRequest().setPageSize(1L).setShowDeleted(deletedToo);
        return StreamSupport.stream(api.listProjects(request).spliterator(), false)
                .map(Project::getName)
                .toList();
    }

    private static Duration seconds(long seconds) {
        return Duration.newBuilder().setSeconds(seconds).build();
    }
}
