package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.databricks.sdk.core.error.platform.NotFound;
import com.databricks.sdk.service.postgres.CreateEndpointRequest;
import com.databricks.sdk.service.postgres.Endpoint;
import com.databricks.sdk.service.postgres.EndpointSettings;
import com.databricks.sdk.service.postgres.EndpointSpec;
import com.databricks.sdk.service.postgres.EndpointStatusState;
import com.databricks.sdk.service.postgres.EndpointType;
import com.databricks.sdk.service.postgres.UpdateEndpointRequest;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Endpoints, by Databricks' SDK, and what they do, by JDBC. */
@ExtendWith(Shared.class)
class DatabricksSdkEndpointsTest {

    private final Shop shop;

    DatabricksSdkEndpointsTest(Shop shop) {
        this.shop = shop;
    }

    @Test
    void aReadOnlyEndpointShowsTheBranchAndTakesNoWrites() throws TimeoutException, SQLException {
        shop.branch("read");
        shop.sql("read").execute("CREATE TABLE page AS SELECT 1 AS number");

        Endpoint replica = shop.api()
                .createEndpoint(new CreateEndpointRequest()
                        .setParent(Shop.name("read"))
                        .setEndpointId("replica")
                        .setEndpoint(new Endpoint()
                                .setSpec(new EndpointSpec()
                                        .setEndpointType(EndpointType.ENDPOINT_TYPE_READ_ONLY)
                                        .setNoSuspension(true))))
                .waitForCompletion();

        assertThat(replica.getStatus().getEndpointType()).isEqualTo(EndpointType.ENDPOINT_TYPE_READ_ONLY);
        assertThat(shop.sql("read", "replica").query("TABLE page")).containsExactly("1");
        assertThatThrownBy(() -> shop.sql("read", "replica").execute("DROP TABLE page"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("read-only");
        assertThat(StreamSupport.stream(
                                shop.api().listEndpoints(Shop.name("read")).spliterator(), false)
                        .map(Endpoint::getEndpointId))
                .containsExactly("primary", "replica");

        shop.api().deleteEndpoint(replica.getName()).waitForCompletion();
        assertThatThrownBy(() -> shop.api().getEndpoint(replica.getName())).isInstanceOf(NotFound.class);
    }

    @Test
    void settingsOfPostgresHoldAfterTheUpdate() throws TimeoutException, SQLException {
        shop.branch("tuned");
        String host = shop.sql("tuned").host();

        Endpoint tuned = update(
                "tuned",
                "spec.settings.pg_settings",
                new EndpointSpec().setSettings(new EndpointSettings().setPgSettings(Map.of("work_mem", "17MB"))));

        assertThat(tuned.getStatus().getSettings().getPgSettings()).containsEntry("work_mem", "17MB");
        assertThat(tuned.getStatus().getHosts().getHost()).isEqualTo(host);
        assertThat(shop.sql("tuned").query("SHOW work_mem")).containsExactly("17MB");
    }

    @Test
    void theSuspensionIsATimeOrNever() throws TimeoutException {
        shop.branch("sleepy");
        Duration quarter = Duration.newBuilder().setSeconds(900).build();

        assertThat(update("sleepy", "spec.suspension", new EndpointSpec().setSuspendTimeoutDuration(quarter))
                        .getStatus()
                        .getSuspendTimeoutDuration())
                .isEqualTo(quarter);
        assertThat(update("sleepy", "spec.suspension", new EndpointSpec().setNoSuspension(true))
                        .getStatus()
                        .getSuspendTimeoutDuration())
                .isNull();
    }

    @Test
    void aDisabledEndpointTakesNoSessions() throws TimeoutException, SQLException {
        shop.branch("closed");
        Sql sql = shop.sql("closed");

        Endpoint disabled = update("closed", "spec.disabled", new EndpointSpec().setDisabled(true));
        assertThat(disabled.getStatus().getDisabled()).isTrue();
        assertThat(disabled.getStatus().getCurrentState()).isEqualTo(EndpointStatusState.IDLE);
        assertThatThrownBy(() -> sql.query("SELECT 1")).isInstanceOf(SQLException.class);

        update("closed", "spec.disabled", new EndpointSpec().setDisabled(false));
        assertThat(shop.api().listRoles(Shop.name("closed"))).isNotEmpty();
        assertThat(sql.query("SELECT 1")).containsExactly("1");
    }

    private Endpoint update(String branchId, String mask, EndpointSpec spec) throws TimeoutException {
        return shop.api()
                .updateEndpoint(new UpdateEndpointRequest()
                        .setName(Shop.name(branchId) + "/endpoints/primary")
                        .setUpdateMask(FieldMask.newBuilder().addPaths(mask).build())
                        .setEndpoint(new Endpoint().setSpec(spec)))
                .waitForCompletion();
    }
}
