package dev.espalier.journal.metering;

import dev.espalier.journal.Sku;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Prices of one SKU that begin later, because they were set while the clock was ahead, and that something was used under. A price
 * that is set now holds before them and behind them.
 *
 * @param begin of the first; empty if there is none
 * @param end of the last; empty if there is none
 */
record PricesAhead(Optional<Instant> begin, Optional<Instant> end) {

    private static final PricesAhead NONE = new PricesAhead(Optional.empty(), Optional.empty());

    /**
     * Takes back what nothing was used under, and ends the rest behind what was.
     *
     * @param soon what begins later is ahead
     * @param clockIsRight otherwise it may be behind, and the last price holds in truth
     * @throws IllegalArgumentException if it seems to
     */
    static PricesAhead cut(Connection connection, Sku sku, Instant now, Instant soon, boolean clockIsRight)
            throws SQLException {
        Instant used = lastUse(connection, soon).orElse(soon);
        PricesAhead kept = used(connection, sku, soon, used);
        if (kept.begin().isPresent() && kept.end().isEmpty() && !clockIsRight) {
            throw new IllegalArgumentException("by the clock it is " + now + ", but the price that was set at "
                    + kept.begin().get()
                    + " has held: there is usage since. If the clock is behind, put it right, and set the price again. "
                    + "If it is right, and was ahead then, say so with clock_is_right=true: what was used under that "
                    + "price keeps it");
        }
        takeBack(connection, sku, used);
        if (kept.begin().isEmpty()) {
            return NONE;
        }
        Instant end = used.plus(1, ChronoUnit.MICROS);
        endLast(connection, sku, end);
        return new PricesAhead(kept.begin(), Optional.of(end));
    }

    /** Of whatever SKU: what was used of another one tells as much of the clock. */
    private static Optional<Instant> lastUse(Connection connection, Instant soon) throws SQLException {
        try (var statement = connection.prepareStatement(
                "SELECT max(usage_start_time) FROM journal.usage WHERE usage_start_time > ?")) {
            statement.setObject(1, soon.atOffset(ZoneOffset.UTC));
            try (var rows = statement.executeQuery()) {
                rows.next();
                return time(rows, 1);
            }
        }
    }

    /** Those that were; without an end where one of them is open. */
    private static PricesAhead used(Connection connection, Sku sku, Instant soon, Instant used) throws SQLException {
        try (var statement = connection.prepareStatement("""
                SELECT min(price_start_time), CASE WHEN bool_and(price_end_time IS NOT NULL) THEN max(price_end_time) END
                FROM journal.price
                WHERE sku = ? AND price_start_time > ? AND price_start_time <= ?""")) {
            statement.setString(1, sku.name());
            statement.setObject(2, soon.atOffset(ZoneOffset.UTC));
            statement.setObject(3, used.atOffset(ZoneOffset.UTC));
            try (var rows = statement.executeQuery()) {
                rows.next();
                return new PricesAhead(time(rows, 1), time(rows, 2));
            }
        }
    }

    private static void takeBack(Connection connection, Sku sku, Instant used) throws SQLException {
        try (var statement =
                connection.prepareStatement("DELETE FROM journal.price WHERE sku = ? AND price_start_time > ?")) {
            statement.setString(1, sku.name());
            statement.setObject(2, used.atOffset(ZoneOffset.UTC));
            statement.executeUpdate();
        }
    }

    private static void endLast(Connection connection, Sku sku, Instant end) throws SQLException {
        try (var statement = connection.prepareStatement("""
                UPDATE journal.price SET price_end_time = ?
                WHERE sku = ? AND price_start_time =
                    (SELECT max(price_start_time) FROM journal.price WHERE sku = ?)""")) {
            statement.setObject(1, end.atOffset(ZoneOffset.UTC));
            statement.setString(2, sku.name());
            statement.setString(3, sku.name());
            statement.executeUpdate();
        }
    }

    private static Optional<Instant> time(ResultSet row, int column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }
}
