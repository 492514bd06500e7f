package dev.espalier.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The time that retention goes by. A clock that is suddenly far ahead may be wrong, and what is dropped is gone for good: so time
 * goes on only when the clock has held for a day in which an Espalier ran. After a server was off for longer, nothing is
 * dropped for that day.
 */
final class RetentionClock {

    private static final Duration DAY = Duration.ofDays(1);

    private final LongSupplier nanos;
    private long looked;
    private Optional<String> problem = Optional.empty();

    /** @param nanos counts on, whatever the clock does */
    RetentionClock(LongSupplier nanos) {
        this.nanos = nanos;
        this.looked = nanos.getAsLong();
    }

    /** Why retention goes by another time than the clock's; empty while it does not. */
    Optional<String> problem() {
        return problem;
    }

    /** Looks at the clock; commits what it has seen. */
    Instant at(Connection connection, Instant now) throws SQLException {
        Seen seen = seen(connection).orElse(new Seen(now, Optional.empty()));
        Duration ran = Duration.ofNanos(nanos.getAsLong() - looked);
        Duration far = seen.far().map(ran::plus).orElse(Duration.ZERO);
        boolean holds = Duration.between(seen.time(), now).abs().compareTo(DAY) <= 0 || far.compareTo(DAY) >= 0;
        write(connection, holds ? new Seen(now, Optional.empty()) : new Seen(seen.time(), Optional.of(far)));
        connection.commit();
        // Only now, so that no time is lost where it could not be written. What is left of a second counts at the next
        // look.
        looked += ran.toSeconds() * 1_000_000_000L;
        boolean ahead = !holds && now.isAfter(seen.time());
        problem = ahead
                ? Optional.of(
                        "the clock says " + now + ", far ahead of " + seen.time()
                                + ", up to when it was seen to go. If it is wrong, put it right; if it is right, as after days in which the "
                                + "server was off, it is believed after a day. Until then old rows of the system tables are not dropped.")
                : Optional.empty();
        return ahead ? seen.time() : now;
    }

    /** @param far for how long the clock has been far from the time; empty while it is not */
    private record Seen(Instant time, Optional<Duration> far) {}

    /** At the first look, time has gone to the newest row of the audit. */
    private static Optional<Seen> seen(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("""
                        SELECT time, far_seconds FROM journal.retention_clock
                        UNION ALL
                        SELECT max(event_time), NULL FROM journal.audit
                        WHERE NOT EXISTS (SELECT FROM journal.retention_clock)""")) {
            OffsetDateTime time = rows.next() ? rows.getObject(1, OffsetDateTime.class) : null;
            return time == null
                    ? Optional.empty()
                    : Optional.of(new Seen(
                            time.toInstant(),
                            Optional.ofNullable(rows.getObject(2, Long.class)).map(Duration::ofSeconds)));
        }
    }

    private static void write(Connection connection, Seen seen) throws SQLException {
        try (var statement = connection.prepareStatement("""
                INSERT INTO journal.retention_clock (time, far_seconds)
                VALUES (?, ?)
                ON CONFLICT (one) DO UPDATE SET time = excluded.time, far_seconds = excluded.far_seconds""")) {
            statement.setObject(1, seen.time().atOffset(ZoneOffset.UTC));
            statement.setObject(2, seen.far().map(Duration::toSeconds).orElse(null), Types.BIGINT);
            statement.executeUpdate();
        }
    }
}
