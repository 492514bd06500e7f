package dev.espalier.journal.metering;

import dev.espalier.journal.JournalException;
import dev.espalier.journal.Sku;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * The prices, in {@code billing.list_prices}. A change ends the price that holds and begins another, from now on: what was
 * used before keeps its price. One that has not begun, because it was set while the clock was ahead, gives way to the next; one
 * that usage has come under has held, whatever the clock says now.
 */
public final class PriceList {

    /** Most digits after the point. */
    public static final int DECIMALS = 18;

    private static final int CURRENCY_LETTERS = 3;

    /** How far ahead a price may begin that has been set just now: the clock may have been put back by as much. */
    private static final Duration MOMENT = Duration.ofMinutes(1);

    private final DataSource dataSource;
    private final Clock clock;

    /** @param dataSource to the database whose tables {@link dev.espalier.journal.JournalSchema} has made */
    public PriceList(DataSource dataSource, Clock clock) {
        this.dataSource = dataSource;
        this.clock = clock;
    }

    /** All prices there ever were, newest first for each SKU. */
    public List<Price> list() {
        return withConnection(connection -> {
            try (var statement = connection.createStatement();
                    var rows = statement.executeQuery("""
                            SELECT p.*, k.usage_unit
                            FROM journal.price p
                            JOIN journal.sku k USING (sku)
                            ORDER BY k.sku_name, p.price_start_time DESC""")) {
                List<Price> prices = new ArrayList<>();
                while (rows.next()) {
                    prices.add(read(rows));
                }
                return prices;
            }
        });
    }

    /**
     * Sets the price that holds from now on. Nothing changes where it is what it was.
     *
     * @param currency three letters; empty for that of the price that holds
     * @throws IllegalArgumentException if the price or the currency is none, or the clock is behind what was used already
     */
    public Price set(Sku sku, BigDecimal price, Optional<String> currency) {
        if (price.signum() < 0 || price.stripTrailingZeros().scale() > DECIMALS) {
            throw new IllegalArgumentException(
                    "a price is 0 or more, with at most " + DECIMALS + " decimals, and not " + price.toPlainString());
        }
        currency.filter(code -> !code.matches("[A-Z]{" + CURRENCY_LETTERS + "}"))
                .ifPresent(code -> {
                    throw new IllegalArgumentException("a currency has three capital letters, as USD, and not " + code);
                });
        return withConnection(connection -> {
            connection.setAutoCommit(false);
            lock(connection, sku);
            Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
            takeBackWhatHasNotBegun(connection, sku, now);
            Price before = current(connection, sku);
            String code = currency.orElse(before.currency());
            if (before.price().compareTo(price) == 0 && before.currency().equals(code)) {
                connection.commit();
                return before;
            }
            if (!now.isAfter(before.start())) {
                // Another change has come at this very moment, or the clock was put back a little.
                now = before.start().plus(1, ChronoUnit.MICROS);
            }
            end(connection, before, now);
            begin(connection, sku, price, code, now);
            connection.commit();
            return new Price(sku, before.unit(), code, price, now, Optional.empty());
        });
    }

    /**
     * Changes of the same price come one after the other. In a statement of its own: what waits for a lock goes on to read what
     * was there when it began.
     */
    private static void lock(Connection connection, Sku sku) throws SQLException {
        try (var statement = connection.prepareStatement("SELECT FROM journal.sku WHERE sku = ? FOR UPDATE")) {
            statement.setString(1, sku.name());
            statement.execute();
        }
    }

    /** A price that was set while the clock was ahead has never held, and must not keep others from holding now. */
    private static void takeBackWhatHasNotBegun(Connection connection, Sku sku, Instant now) throws SQLException {
        refuseIfOneHasHeld(connection, sku, now);
        try (var delete = connection.prepareStatement(
                        "DELETE FROM journal.price WHERE sku = ? AND price_start_time > ?");
                var reopen = connection.prepareStatement("""
                        UPDATE journal.price SET price_end_time = NULL
                        WHERE sku = ? AND price_start_time =
                            (SELECT max(price_start_time) FROM journal.price WHERE sku = ?)""")) {
            delete.setString(1, sku.name());
            delete.setObject(2, now.plus(MOMENT).atOffset(ZoneOffset.UTC));
            if (delete.executeUpdate() > 0) {
                reopen.setString(1, sku.name());
                reopen.setString(2, sku.name());
                reopen.executeUpdate();
            }
        }
    }

    /** Where something was used since its start it is the clock that is behind. */
    private static void refuseIfOneHasHeld(Connection connection, Sku sku, Instant now) throws SQLException {
        try (var statement = connection.prepareStatement("""
                SELECT min(price_start_time) FROM journal.price p
                WHERE sku = ? AND price_start_time > ?
                  AND EXISTS (SELECT FROM journal.usage
                              WHERE usage_start_time >= p.price_start_time AND usage_start_time > ?)""")) {
            OffsetDateTime soon = now.plus(MOMENT).atOffset(ZoneOffset.UTC);
            statement.setString(1, sku.name());
            statement.setObject(2, soon);
            // Says nothing new, but leaves out partitions.
            statement.setObject(3, soon);
            try (var rows = statement.executeQuery()) {
                rows.next();
                OffsetDateTime start = rows.getObject(1, OffsetDateTime.class);
                if (start != null) {
                    throw new IllegalArgumentException("by the clock it is " + now + ", but the price that was set at "
                            + start.toInstant()
                            + " has held: there is usage since. Put the clock right, and set the price again");
                }
            }
        }
    }

    private static Price current(Connection connection, Sku sku) throws SQLException {
        try (var statement = connection.prepareStatement("""
                SELECT p.*, k.usage_unit
                FROM journal.price p
                JOIN journal.sku k USING (sku)
                WHERE p.sku = ? AND p.price_end_time IS NULL""")) {
            statement.setString(1, sku.name());
            try (var rows = statement.executeQuery()) {
                if (!rows.next()) {
                    throw new SQLException("there is no price of " + sku + " that holds");
                }
                return read(rows);
            }
        }
    }

    private static void end(Connection connection, Price price, Instant now) throws SQLException {
        try (var statement = connection.prepareStatement(
                "UPDATE journal.price SET price_end_time = ? WHERE sku = ? AND price_start_time = ?")) {
            statement.setObject(1, now.atOffset(ZoneOffset.UTC));
            statement.setString(2, price.sku().name());
            statement.setObject(3, price.start().atOffset(ZoneOffset.UTC));
            statement.executeUpdate();
        }
    }

    private static void begin(Connection connection, Sku sku, BigDecimal price, String currency, Instant now)
            throws SQLException {
        try (var statement = connection.prepareStatement(
                "INSERT INTO journal.price (sku, price_start_time, currency_code, price) VALUES (?, ?, ?, ?)")) {
            statement.setString(1, sku.name());
            statement.setObject(2, now.atOffset(ZoneOffset.UTC));
            statement.setString(3, currency);
            statement.setBigDecimal(4, price);
            statement.executeUpdate();
        }
    }

    private static Price read(ResultSet row) throws SQLException {
        return new Price(
                Sku.valueOf(row.getString("sku")),
                row.getString("usage_unit"),
                row.getString("currency_code"),
                row.getBigDecimal("price"),
                row.getObject("price_start_time", OffsetDateTime.class).toInstant(),
                Optional.ofNullable(row.getObject("price_end_time", OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant));
    }

    private interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    private <T> T withConnection(Work<T> work) {
        try (Connection connection = dataSource.getConnection()) {
            try {
                return work.in(connection);
            } finally {
                if (!connection.getAutoCommit()) {
                    connection.rollback();
                    connection.setAutoCommit(true);
                }
            }
        } catch (SQLException e) {
            throw new JournalException("the control database cannot be reached for the prices: " + e.getMessage(), e);
        }
    }
}
