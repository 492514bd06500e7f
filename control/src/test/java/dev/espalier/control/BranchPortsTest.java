package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import dev.espalier.storage.Backend;
import dev.espalier.testing.TestWait;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ports that lead to one branch, at a door that really listens. */
class BranchPortsTest {

    private static final NewBranch FROM_NOW =
            new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never());

    @TempDir
    Path directory;

    private TestPlane test;
    private ServerSocket gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = listen(0);
        test = TestPlane.start(directory, Backend.COPY);
        test.succeed(test.plane.projects().create(CALLER, "shop", PLAIN));
        test.succeed(test.plane.branches().create(CALLER, "shop", "dev", FROM_NOW, false));
        var _ = test.plane.ports().openAt(new Door(gateway.getLocalPort()));
    }

    @AfterEach
    void stop() throws IOException {
        test.close();
        TestPlane.stopLeftovers(directory);
        gateway.close();
    }

    private BranchPorts ports() {
        return test.plane.ports();
    }

    @Test
    void aPortIsOpenUntilItIsClosedAndNeverAnothersAtTheSameTime() throws IOException {
        BranchPort chosen = ports().open("shop", "dev", OptionalInt.empty());
        assertThat(chosen.port()).isGreaterThan(gateway.getLocalPort());
        assertThat(listens(chosen.port())).isTrue();
        assertThat(chosen.name()).isEqualTo("projects/shop/branches/dev/ports/" + chosen.port());

        assertRefused("shop", "production", chosen.port(), Code.ALREADY_EXISTS, "leads to a branch already");
        assertRefused("shop", "dev", gateway.getLocalPort(), Code.INVALID_STATE, "cannot listen");
        assertRefused("shop", "dev", 65_536, Code.INVALID_PARAMETER_VALUE, "1024 to 65535");
        assertRefused("shop", "dev", 443, Code.INVALID_PARAMETER_VALUE, "1024 to 65535");
        assertRefused("shop", "nothing", 1_024, Code.NOT_FOUND, "no branch nothing");
        assertThatThrownBy(() -> ports().close("shop", "production", chosen.port()))
                .hasMessageContaining("leads to projects/shop/branches/production");

        ports().close("shop", "dev", chosen.port());
        assertThat(listens(chosen.port())).isFalse();
        assertThat(ports().open("shop", "production", OptionalInt.of(chosen.port()))
                        .fault())
                .isEmpty();
        assertThat(ports().of("shop", "dev")).isEmpty();
        assertThat(ports().all()).extracting(BranchPort::branchId).containsExactly("production");
    }

    @Test
    void whereNoPortAboveTheGatewaysIsFreeThatIsSaidUntilOneIs() throws IOException {
        int last = 65_535;
        ServerSocket taken = listen(last);
        var _ = ports().openAt(new Door(last - 1));

        assertThatThrownBy(() -> ports().open("shop", "dev", OptionalInt.empty()))
                .hasMessageContaining("no port from 65535 to 65535 is free")
                .isInstanceOfSatisfying(ControlException.class, e -> {
                    assertThat(e.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
                    assertThat(e.reason()).isEqualTo("NO_FREE_PORT");
                });
        assertThat(ports().all()).isEmpty();

        taken.close();
        assertThat(ports().open("shop", "dev", OptionalInt.empty()).port()).isEqualTo(last);
    }

    @Test
    void aPortGoesWithItsBranchAndComesBackWithNoOther() {
        int port = ports().open("shop", "dev", OptionalInt.empty()).port();

        test.succeed(test.plane.branches().delete(CALLER, "shop", "dev", false));

        TestWait.until(() -> !listens(port));
        test.succeed(test.plane.branches().undelete(CALLER, "shop", "dev"));
        assertThat(ports().of("shop", "dev")).isEmpty();
    }

    @Test
    void afterARestartAPortIsOpenAgainAsSoonAsItCanBeHad() throws Exception {
        int kept = ports().open("shop", "dev", OptionalInt.empty()).port();
        int lost = ports().open("shop", "production", OptionalInt.empty()).port();
        AutoCloseable open = ports().openAt(new Door(gateway.getLocalPort()));
        open.close();
        test.close();
        ServerSocket somebodyElse = listen(lost);

        test = TestPlane.start(directory, Backend.COPY);
        assertThat(ports().all()).allMatch(port -> port.fault().isPresent());
        var _ = ports().openAt(new Door(gateway.getLocalPort()));

        assertThat(listens(kept)).isTrue();
        assertThat(ports().of("shop", "dev").getFirst().fault()).isEmpty();
        assertThat(ports().of("shop", "production").getFirst().fault().orElseThrow())
                .contains("cannot listen")
                .contains(Integer.toString(lost));
        somebodyElse.close();
        TestWait.until(() -> ports().of("shop", "production").getFirst().fault().isEmpty());
    }

    private void assertRefused(String project, String branch, int port, Code code, String message) {
        assertThatThrownBy(() -> ports().open(project, branch, OptionalInt.of(port)))
                .hasMessageContaining(message)
                .extracting(e -> ((ControlException) e).code())
                .isEqualTo(code);
    }

    private static ServerSocket listen(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
    }

    private static boolean listens(int port) {
        try (ServerSocket _ = listen(port)) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private record Door(int port) implements BranchDoor {

        @Override
        public Listener open(int ownPort, String projectId, String branchId) {
            try {
                ServerSocket socket = listen(ownPort);
                return () -> {
                    try {
                        socket.close();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                };
            } catch (IOException e) {
                throw new IllegalStateException("cannot listen on " + ownPort + ": " + e.getMessage(), e);
            }
        }
    }
}
