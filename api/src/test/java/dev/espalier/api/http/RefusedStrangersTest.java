package dev.espalier.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.Calls;
import dev.espalier.control.request.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RefusedStrangersTest {

    @Test
    void beyondTheFirstOfAMinuteTheCallsOfAnAddressAreToldAsOneWithTheirNumber() {
        List<String> told = new ArrayList<>();
        int few = 0;
        try (RefusedStrangers strangers = new RefusedStrangers(
                (last, more) -> told.add(more + " of " + last.sourceAddress() + ": " + last.path()))) {
            for (int i = 1; i <= RefusedStrangers.ONE_BY_ONE + 40; i++) {
                few += strangers.isOneOfFew(refused("10.0.0.1", "/" + i)) ? 1 : 0;
            }
            assertThat(strangers.isOneOfFew(refused("10.0.0.2", "/other"))).isTrue();
            assertThat(told).isEmpty();
        }
        assertThat(few).isEqualTo(RefusedStrangers.ONE_BY_ONE);
        assertThat(told).containsExactly("40 of 10.0.0.1: /100");
    }

    /** One host has 2^64 of them. */
    @Test
    void theAddressesOfANetworkOfIpv6CountAsOne() {
        try (RefusedStrangers strangers = new RefusedStrangers((_, _) -> {})) {
            for (int i = 1; i <= RefusedStrangers.ONE_BY_ONE; i++) {
                assertThat(strangers.isOneOfFew(refused("2001:db8:0:1::" + i, "/")))
                        .isTrue();
            }
            assertThat(strangers.isOneOfFew(refused("2001:db8:0:1::ffff", "/"))).isFalse();
            assertThat(strangers.isOneOfFew(refused("2001:db8:0:2::1", "/"))).isTrue();
        }
    }

    private static Calls.Call refused(String address, String path) {
        return new Calls.Call(
                "r",
                Instant.EPOCH,
                Optional.empty(),
                address,
                Optional.empty(),
                "GET",
                path,
                401,
                Optional.of("UNAUTHENTICATED"),
                Duration.ZERO,
                Calls.Via.API,
                Place.NONE);
    }
}
