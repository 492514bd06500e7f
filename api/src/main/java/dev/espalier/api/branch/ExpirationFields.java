package dev.espalier.api.branch;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.setting.Expiration;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads when a branch deletes itself from the three fields that can say it. */
final class ExpirationFields {

    private ExpirationFields() {}

    /**
     * @return empty if none is given
     * @throws ControlException if more than one is given, or {@code no_expiry} is false
     */
    static Optional<Expiration> read(Optional<Duration> ttl, Optional<Instant> expireTime, Optional<Boolean> noExpiry) {
        if (noExpiry.isPresent() && !noExpiry.get()) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "spec.no_expiry: false says nothing. Give spec.ttl or spec.expire_time, or no_expiry: true.");
        }
        List<Expiration> given = Stream.<Optional<? extends Expiration>>of(
                        ttl.map(Expiration.After::new),
                        expireTime.map(Expiration.At::new),
                        noExpiry.map(never -> new Expiration.Never()))
                .<Expiration>flatMap(Optional::stream)
                .toList();
        if (given.size() > 1) {
            throw exactlyOne("several of them are given");
        }
        return given.stream().findFirst();
    }

    static ControlException exactlyOne(String problem) {
        return new ControlException(
                Code.INVALID_PARAMETER_VALUE,
                problem + ". Give exactly one of spec.ttl, spec.expire_time and spec.no_expiry: true.");
    }
}
