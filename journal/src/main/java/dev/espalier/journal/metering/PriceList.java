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
import org.jspecify.annotations.Nullable;

/**
 * The prices, in {@code billing.list_prices}. A change ends the price that holds and begins another, from now on: what was
 * used before keeps its price. One that has not begun, because it was set while the clock was ahead, gives way to the next. One
 * that usage has come under has held, whatever the clock says now: whoever knows that the clock is right lets it end behind the
 * last of that usage, which keeps its price.
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
     * @param clockIsRight whether what begins later by the clock was set while that was ahead, also where usage has come under it
     * @throws IllegalArgumentException if the price or the currency is none, or the clock seems behind what was used already
     */
    public Price set(Sku sku, BigDecimal price, Optional<String> currency, boolean clockIsRight) {
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
            PricesAhead ahead = PricesAhead.cut(connection, sku, now, now.plus(MOMENT), clockIsRight);
            Price before = last(connection, sku, now.plus(MOMENT));
            String code = currency.orElse(before.currency());
            Price set;
            if (before.price().compareTo(price) == 0 && before.currency().equals(code)) {
                end(connection, before, ahead.begin());
                set = new Price(sku, before.unit(), code, before.price(), before.start(), ahead.begin());
            } else {
                if (!now.isAfter(before.start())) {
                    // Another change has come at this very moment, or the clock was put back a little.
                    now = before.start().plus(1, ChronoUnit.MICROS);
                }
                end(connection, before, Optional.of(now));
                set = new Price(sku, before.unit(), code, price, now, ahead.begin());
                begin(connection, set);
            }
            if (ahead.end().isPresent()) {
                begin(
                        connection,
                        new Price(sku, before.unit(), code, price, ahead.end().get(), Optional.empty()));
            }
            connection.commit();
            return set;
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

    /** The last price that has begun. */
    private static Price last(Connection connection, Sku sku, Instant soon) throws SQLException {
        try (var statement = connection.prepareStatement("""
                SELECT p.*, k.usage_unit
                FROM journal.price p
                JOIN journal.sku k USING (sku)
                WHERE p.sku = ? AND p.price_start_time <= ?
                ORDER BY p.price_start_time DESC
                LIMIT 1""")) {
            statement.setString(1, sku.name());
            statement.setObject(2, soon.atOffset(ZoneOffset.UTC));
            try (var rows = statement.executeQuery()) {
                if (!rows.next()) {
                    throw new SQLException("there is no price of " + sku + " that holds");
                }
                return read(rows);
            }
        }
    }

    private static void end(Connection connection, Price price, Optional<Instant> end) throws SQLException {
        try (var statement = connection.prepareStatement(
                "UPDATE journal.price SET price_end_time = ? WHERE sku = ? AND price_start_time = ?")) {
            statement.setObject(1, time(end));
            statement.setString(2, price.sku().name());
            statement.setObject(3, price.start().atOffset(ZoneOffset.UTC));
            statement.executeUpdate();
        }
    }

    private static void begin(Connection connection, Price price) throws SQLException {
        try (var statement = connection.prepareStatement("INSERT INTO journal.price "
                + "(sku, price_start_time, price_end_time, currency_code, price) VALUES (?, ?, ?, ?, ?)")) {
            statement.setString(1, price.sku().name());
            statement.setObject(2, price.start().atOffset(ZoneOffset.UTC));
            statement.setObject(3, time(price.end()));
            statement.setString(4, price.currency());
            statement.setBigDecimal(5, price.price());
            statement.executeUpdate();
        }
    }

    private static @Nullable OffsetDateTime time(Optional<Instant> time) {
        return time.map(known -> known.atOffset(ZoneOffset.UTC)).orElse(null);
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

    private interface ConnectionTask<T> {
        T in(Connection connection) throws SQLException;
    }

    private <T> T withConnection(ConnectionTask<T> task) {
        try (Connection connection = dataSource.getConnection()) {
            try {
                return task.in(connection);
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
