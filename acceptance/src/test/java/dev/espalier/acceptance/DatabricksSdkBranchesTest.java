package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.databricks.sdk.core.error.platform.NotFound;
import com.databricks.sdk.service.postgres.Branch;
import com.databricks.sdk.service.postgres.BranchSpec;
import com.databricks.sdk.service.postgres.BranchStatusState;
import com.databricks.sdk.service.postgres.CreateBranchOperation;
import com.databricks.sdk.service.postgres.DeleteBranchRequest;
import com.databricks.sdk.service.postgres.ListBranchesRequest;
import com.databricks.sdk.service.postgres.Operation;
import com.databricks.sdk.service.postgres.UndeleteBranchRequest;
import com.databricks.sdk.service.postgres.UpdateBranchRequest;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Branches, by Databricks' SDK, and what is in them, by JDBC. */
@ExtendWith(Shared.class)
class DatabricksSdkBranchesTest {

    private final Shop shop;

    DatabricksSdkBranchesTest(Shop shop) {
        this.shop = shop;
    }

    @Test
    void aBranchHasTheDataOfItsSourceAndKeepsItsChangesToItself() throws TimeoutException, SQLException {
        shop.branch("apples");
        shop.sql("apples").execute("CREATE TABLE apple AS SELECT 'Elstar' AS sort");

        Branch child =
                shop.branch("more-apples", new BranchSpec().setNoExpiry(true).setSourceBranch(Shop.name("apples")));
        shop.sql("more-apples").execute("INSERT INTO apple VALUES ('Topaz')");

        assertThat(child.getStatus().getSourceBranch()).isEqualTo(Shop.name("apples"));
        assertThat(child.getStatus().getCurrentState()).isEqualTo(BranchStatusState.READY);
        assertThat(shop.sql("more-apples").query("TABLE apple")).containsExactly("Elstar", "Topaz");
        assertThat(shop.sql("apples").query("TABLE apple")).containsExactly("Elstar");
    }

    @Test
    void aBranchOfAnEarlierTimeHasTheDataOfThatTime() throws TimeoutException, SQLException {
        shop.branch("pears");
        shop.sql("pears").execute("CREATE TABLE pear AS SELECT 'Conference' AS sort");
        Instant before = Instant.parse(shop.sql("pears")
                .query("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
                .getFirst());
        shop.sql("pears").execute("DROP TABLE pear");

        Branch rescued = shop.branch(
                "rescued-pears",
                new BranchSpec()
                        .setNoExpiry(true)
                        .setSourceBranch(Shop.name("pears"))
                        .setSourceBranchTime(timestamp(before)));

        assertThat(rescued.getStatus().getSourceBranchTime()).isEqualTo(timestamp(before));
        assertThat(shop.sql("rescued-pears").query("TABLE pear")).containsExactly("Conference");
    }

    @Test
    void aTtlCountsFromTheBranchsCreation() throws TimeoutException {
        Branch branch = shop.branch(
                "short-lived",
                new BranchSpec().setTtl(Duration.newBuilder().setSeconds(3600).build()));

        assertThat(instant(branch.getStatus().getExpireTime()))
                .isBetween(
                        instant(branch.getCreateTime()).plusSeconds(3590),
                        instant(branch.getCreateTime()).plusSeconds(3610));
    }

    @Test
    void anExpireTimeHoldsUntilItIsChangedToNoExpiry() throws TimeoutException {
        Timestamp tomorrow = timestamp(Instant.now().plus(1, ChronoUnit.DAYS));
        Branch branch = shop.branch("tomorrow", new BranchSpec().setExpireTime(tomorrow));
        assertThat(branch.getStatus().getExpireTime()).isEqualTo(tomorrow);

        Branch kept = update("tomorrow", "spec.expiration", new BranchSpec().setNoExpiry(true));

        assertThat(kept.getStatus().getExpireTime()).isNull();
        assertThat(shop.api().getBranch(Shop.name("tomorrow"))).isEqualTo(kept);
    }

    @Test
    void anExistingBranchIsChangedWhereItIsToBeReplaced() throws TimeoutException {
        Branch first = shop.branch(
                "twice",
                new BranchSpec().setTtl(Duration.newBuilder().setSeconds(60).build()));

        Branch second = shop.api()
                .createBranch(Shop.request("twice", new BranchSpec().setNoExpiry(true))
                        .setReplaceExisting(true))
                .waitForCompletion();

        assertThat(second.getUid()).isEqualTo(first.getUid());
        assertThat(second.getStatus().getExpireTime()).isNull();
    }

    @Test
    void aListIsReadPageByPage() throws TimeoutException {
        shop.branch("page-a");
        shop.branch("page-b");

        assertThat(names(new ListBranchesRequest().setPageSize(1L)))
                .contains(Shop.PRODUCTION, Shop.name("page-a"), Shop.name("page-b"))
                .doesNotHaveDuplicates();
    }

    @Test
    void aDeletedBranchComesBackWithItsData() throws TimeoutException, SQLException {
        shop.branch("plums");
        shop.sql("plums").execute("CREATE TABLE plum AS SELECT 'Mirabelle' AS sort");

        shop.api().deleteBranch(Shop.name("plums")).waitForCompletion();
        assertThat(names(new ListBranchesRequest())).doesNotContain(Shop.name("plums"));
        assertThat(names(new ListBranchesRequest().setShowDeleted(true))).contains(Shop.name("plums"));
        assertThat(shop.api().getBranch(Shop.name("plums")).getStatus().getCurrentState())
                .isEqualTo(BranchStatusState.DELETED);

        shop.api()
                .undeleteBranch(new UndeleteBranchRequest().setName(Shop.name("plums")))
                .waitForCompletion();
        assertThat(wake("plums").query("TABLE plum")).containsExactly("Mirabelle");
    }

    @Test
    void aPurgedBranchIsGone() throws TimeoutException {
        shop.branch("weed");

        shop.api()
                .deleteBranch(
                        new DeleteBranchRequest().setName(Shop.name("weed")).setPurge(true))
                .waitForCompletion();

        assertThat(names(new ListBranchesRequest().setShowDeleted(true))).doesNotContain(Shop.name("weed"));
        assertThatThrownBy(() -> shop.api().getBranch(Shop.name("weed"))).isInstanceOf(NotFound.class);
    }

    @Test
    void anOperationCanBeAskedForByItsName() throws TimeoutException {
        CreateBranchOperation begun =
                shop.api().createBranch(Shop.request("asked-for", new BranchSpec().setNoExpiry(true)));
        begun.waitForCompletion();

        Operation operation = shop.api().getOperation(begun.getName());

        assertThat(begun.getName()).startsWith(Shop.name("asked-for") + "/operations/");
        assertThat(begun.getMetadata()).isNotNull();
        assertThat(operation.getDone()).isTrue();
        assertThat(operation.getError()).isNull();
    }

    private Branch update(String branchId, String mask, BranchSpec spec) throws TimeoutException {
        return shop.api()
                .updateBranch(new UpdateBranchRequest()
                        .setName(Shop.name(branchId))
                        .setUpdateMask(FieldMask.newBuilder().addPaths(mask).build())
                        .setBranch(new Branch().setSpec(spec)))
                .waitForCompletion();
    }

    /** A list of roles needs the branch's server, which therefore runs after it. */
    private Sql wake(String branchId) {
        assertThat(shop.api().listRoles(Shop.name(branchId))).isNotEmpty();
        return shop.sql(branchId);
    }

    private List<String> names(ListBranchesRequest request) {
        return StreamSupport.stream(
                        shop.api().listBranches(request.setParent(Shop.NAME)).spliterator(), false)
                .map(Branch::getName)
                .toList();
    }

    private static Timestamp timestamp(Instant time) {
        Instant micros = time.truncatedTo(ChronoUnit.MICROS);
        return Timestamp.newBuilder()
                .setSeconds(micros.getEpochSecond())
                .setNanos(micros.getNano())
                .build();
    }

    private static Instant instant(Timestamp time) {
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }
}
