package dev.espalier.demo;

import dev.espalier.demo.ProgressListener.Step;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * Makes the catalog database of a Backstage installation: real table shapes, invented people.
 *
 * <p>The rows are a function of the seed and the scale alone: no clock, no random identifier, the same bytes on every
 * machine. The catalog is made of divisions of 440 entities; one at a time is in memory.
 */
public final class CatalogGenerator {

    /** Size of a database with the tables and indexes but without rows, in PostgreSQL 18. */
    private static final long EMPTY_CATALOG_BYTES = 8_900_000;

    /** What one division adds, indexes and TOAST included: a line through the sizes measured at scale 1 to 50. */
    private static final long DIVISION_BYTES = 10_000_000;

    private static final long REFERENCE_BYTES = 63L << 20;

    private final Company company;

    /**
     * A generator for one catalog.
     *
     * @param seed decides names, identifiers, texts and who owns what
     * @param scale number of divisions of 440 entities, at least 1
     */
    public CatalogGenerator(long seed, int scale) {
        if (scale < 1) {
            throw new IllegalArgumentException("Scale " + scale + " makes no catalog; 1 is the smallest, 440 entities");
        }
        this.company = new Company(seed, scale);
    }

    /** The scale whose database is about 63 MiB: that of the measured Backstage with 2176 entities. */
    public static int referenceSize() {
        return scaleFor(REFERENCE_BYTES);
    }

    /**
     * The scale whose database comes nearest to a size, by {@code pg_database_size}.
     *
     * @param bytes size of the whole database; below that of scale 1 the answer is 1
     */
    public static int scaleFor(long bytes) {
        return Math.max(1, Math.toIntExact(Math.round((double) (bytes - EMPTY_CATALOG_BYTES) / DIVISION_BYTES)));
    }

    /** Number of entities {@link #load} makes: 440 for each division, and the company. */
    public long entities() {
        long perDivision = 0;
        for (Kind kind : Kind.values()) {
            perDivision += kind.perDivision();
        }
        return perDivision * company.divisions() + 1;
    }

    /**
     * Creates the tables in schema {@code public} and fills them in one transaction, then vacuums them.
     *
     * @param connection to an UTF-8 database without these tables, in auto-commit mode, as a role that may create in
     *     schema {@code public}; left in auto-commit mode
     * @throws SQLException if the database refuses; unless it was the vacuum, the database is then as it was before
     */
    public void load(Connection connection, ProgressListener listener) throws SQLException {
        requireEmpty(connection);
        connection.setAutoCommit(false);
        try {
            run(connection, "tables.sql");
            copyRows(connection, listener);
            step(connection, listener, Step.INDEXES, "indexes.sql");
            step(connection, listener, Step.CONSTRAINTS, "constraints.sql");
            connection.commit();
        } catch (SQLException | RuntimeException e) {
            rollback(connection, e);
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
        step(connection, listener, Step.VACUUM, "vacuum.sql");
    }

    private void copyRows(Connection connection, ProgressListener listener) throws SQLException {
        CopyManager database = connection.unwrap(PGConnection.class).getCopyAPI();
        long total = (long) CatalogTable.ALL.size() * company.divisions();
        AtomicLong done = new AtomicLong();
        for (CatalogTable table : CatalogTable.ALL) {
            table.copy(database, company, () -> listener.progress(Step.ROWS, done.incrementAndGet(), total));
        }
    }

    private static void step(Connection connection, ProgressListener listener, Step step, String script)
            throws SQLException {
        listener.progress(step, 0, 1);
        run(connection, script);
        listener.progress(step, 1, 1);
    }

    private static void requireEmpty(Connection connection) throws SQLException {
        if (!connection.getAutoCommit()) {
            throw new IllegalStateException(
                    "The catalog is loaded in a transaction of its own: end the current one and set auto-commit");
        }
        if (isLoaded(connection)) {
            throw new SQLException(
                    "Database " + connection.getCatalog() + " already has a catalog (table public.refresh_state):"
                            + " load into another database, or drop the catalog's tables first",
                    "42P07");
        }
    }

    /** Whether the database has a catalog. It has all of it then, as {@link #load} makes it in one transaction. */
    public static boolean isLoaded(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT to_regclass('public.refresh_state') IS NOT NULL")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static void run(Connection connection, String script) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql(script));
        }
    }

    private static String sql(String script) {
        try (InputStream in = Objects.requireNonNull(CatalogGenerator.class.getResourceAsStream(script), script)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void rollback(Connection connection, Exception cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }
}
