package dev.espalier.api;

import static dev.espalier.api.TestApi.P;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.api.audit.AuditVerification;
import dev.espalier.journal.Resource;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the audit is told of calls. */
@ExtendWith(SharedApi.class)
class AuditTest {

    private static final String PROJECT = P + "/projects/audited";
    private static final String AGAIN = PROJECT + "/branches/again";

    private static final String FOR_EVER = "{\"spec\": {\"no_expiry\": true}}";

    private final TestApi api;

    AuditTest(TestApi api) {
        this.api = api;
    }

    @Test
    void anEventHasTheIdsOfWhatWasMadeChangedOrDeletedThoughItsNameIsUsedAgain() {
        String project = uid(api.call("POST", P + "/projects?project_id=audited", "{}"));
        assertThat(last("createProject").call().place().project()).isEqualTo(new Resource(project, "audited"));

        String create = PROJECT + "/branches?branch_id=again";
        String first = uid(api.call("POST", create, FOR_EVER));
        assertThat(branch("createBranch")).isEqualTo(new Resource(first, "again"));
        api.call("PATCH", AGAIN + "?update_mask=spec.expiration", "{\"spec\": {\"ttl\": \"3600s\"}}")
                .ok();
        assertThat(branch("updateBranch").id()).isEqualTo(first);
        api.call("DELETE", AGAIN, "").ok();
        assertThat(branch("deleteBranch").id()).isEqualTo(first);
        assertThat(last("deleteBranch").call().place().project().id()).isEqualTo(project);

        String second = uid(api.call("POST", create, FOR_EVER));
        assertThat(second).isNotEqualTo(first);
        assertThat(branch("createBranch").id()).isEqualTo(second);
        Reply gone = api.call("DELETE", AGAIN + "?purge=true", "");
        assertThat(branch("deleteBranch").id()).isEqualTo(second);
        assertThat(gone.ok().get("name").asString())
                .endsWith("/operations/" + last("deleteBranch").parameters().get("operation_id"));
        api.call("POST", PROJECT + "/branches?branch_id=Never", FOR_EVER);
        assertThat(branch("createBranch")).isEqualTo(new Resource("", "Never"));

        String endpoint = PROJECT.substring(P.length() + 1) + "/branches/production/endpoints/primary";
        api.call("POST", P + "/credentials", "{\"endpoint\": \"" + endpoint + "\"}")
                .ok();
        assertThat(last("generateDatabaseCredential").call().place().endpoint())
                .isEqualTo(
                        new Resource(api.get(P + "/" + endpoint).ok().get("uid").asString(), "primary"));
        api.call("DELETE", PROJECT + "?purge=true", "").ok();
    }

    @Test
    void aSecondCheckOfTheAuditIsRefusedWhileTheFirstIsAtWork() throws Exception {
        CountDownLatch walks = new CountDownLatch(1);
        CountDownLatch ends = new CountDownLatch(1);
        Supplier<AuditVerification> before = api.audit;
        api.audit = () -> {
            walks.countDown();
            try {
                ends.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new AuditVerification(true, 7, Optional.empty());
        };
        String verification = P + "/audit/verification";
        CompletableFuture<Reply> first = CompletableFuture.supplyAsync(() -> api.get(verification));
        try {
            walks.await();
            api.get(verification).assertRefused(503, "TEMPORARILY_UNAVAILABLE", "VERIFICATION_RUNNING");
        } finally {
            ends.countDown();
            api.audit = before;
        }
        assertThat(first.get().ok().get("rows").asInt()).isEqualTo(7);
        api.get(verification).ok();
    }

    @Test
    void ofACallWhoseCallerIsNotKnownNoBodyIsRecorded() {
        api.send(api.request(P + "/projects?project_id=stranger").POST(BodyPublishers.ofString("{\"spec\": {}}")))
                .assertRefused(401, "UNAUTHENTICATED", "TOKEN_MISSING");
        assertThat(last("createProject").parameters())
                .containsEntry("project_id", "stranger")
                .doesNotContainKey("request_body");
    }

    @Test
    void ofAPrincipalThatIsMadeOrRemovedTheAuditHasWhatItIs() {
        String groups = TestApi.SCIM + "/Groups";
        String id = api.call("POST", groups, "{\"displayName\": \"audited-group\"}")
                .ok()
                .get("id")
                .asString();
        assertThat(last("createGroup").parameters())
                .doesNotContainKey("before")
                .hasEntrySatisfying("after", after -> assertThat(after).contains("audited-group"));
        api.call("DELETE", groups + "/" + id, "").ok();
        assertThat(last("deleteGroup").parameters())
                .doesNotContainKey("after")
                .hasEntrySatisfying("before", before -> assertThat(before).contains("audited-group"));
    }

    private Resource branch(String operation) {
        return last(operation).call().place().branch();
    }

    private TestApi.Witnessed last(String operation) {
        List<TestApi.Witnessed> all = api.witnessed.stream()
                .filter(call -> call.operation().equals(operation))
                .toList();
        return all.getLast();
    }

    private static String uid(Reply made) {
        return made.done().get("uid").asString();
    }
}
