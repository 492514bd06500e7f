package dev.espalier.journal;

import dev.espalier.journal.ChainWalk.Break;
import dev.espalier.journal.HeadFile.Ends;
import dev.espalier.journal.Verification.Broken;
import dev.espalier.journal.Verification.Chain;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Checks that the audit has the rows that were written, all of them and no others. Each journal chains its rows by {@link
 * ChainHash}; the chain's end is known to the journal's directory too.
 *
 * <p>What this cannot show: that whoever could write both the database and the journal's directory has written the whole
 * chain anew.
 */
public final class AuditChain {

    private static final int FETCH_ROWS = 2_000;

    private static final String ROWS = "SELECT journal_id, chain_sequence, chain_hash, action_name, service_name, "
            + AuditTable.COLUMNS.stream().map(Column::selected).collect(Collectors.joining(", "))
            + " FROM journal.audit ORDER BY journal_id, chain_sequence";

    private static final int FIRST_COLUMN = 6;

    private final Connection connection;
    private final Map<UUID, ChainHead> positions;
    private final Map<UUID, KnownEnds> ends;
    private final Anchors anchors;

    /** Those that have been found to be as they were written. */
    private long rows;

    private AuditChain(Connection connection, Path journalDirectory) throws SQLException {
        this.connection = connection;
        Map<UUID, Ends> earlier = HeadFile.readAll(journalDirectory);
        this.positions = positions(connection);
        Map<UUID, Ends> later = HeadFile.readAll(journalDirectory);
        this.anchors = Anchors.read(connection);
        this.ends = earlier.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry ->
                                new KnownEnds(entry.getValue(), later.getOrDefault(entry.getKey(), entry.getValue()))));
        ends.keySet().forEach(journal -> positions.putIfAbsent(journal, ChainHead.BEGINNING));
    }

    /**
     * Walks all chains, in one snapshot of the database, while others may load.
     *
     * @param dataSource to the database of the system tables
     * @param journalDirectory knows the ends of the chains of the journals that are or were kept in it
     * @throws SQLException if the database cannot be read
     */
    public static Verification verify(DataSource dataSource, Path journalDirectory) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try {
                return new AuditChain(connection, journalDirectory).walk();
            } finally {
                connection.rollback();
            }
        }
    }

    private Verification walk() throws SQLException {
        Map<UUID, ChainWalk> walks = new TreeMap<>();
        positions.keySet().forEach(journal -> walks.put(journal, walk(journal)));
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH_ROWS);
            try (ResultSet row = statement.executeQuery(ROWS)) {
                while (row.next()) {
                    Optional<Break> found = next(walks.computeIfAbsent(id(row), this::walk), row);
                    if (found.isPresent()) {
                        return broken(id(row), found.get());
                    }
                    rows++;
                }
            }
        }
        List<Chain> chains = new ArrayList<>();
        for (Map.Entry<UUID, ChainWalk> walk : walks.entrySet()) {
            Optional<Break> found = walk.getValue().end(positions.getOrDefault(walk.getKey(), ChainHead.BEGINNING));
            if (found.isPresent()) {
                return broken(walk.getKey(), found.get());
            }
            chains.add(walk.getValue().found());
        }
        return new Verification.Intact(chains, rows);
    }

    private Broken broken(UUID journal, Break found) {
        return new Broken(journal, found.sequence(), found.what(), rows);
    }

    private ChainWalk walk(UUID journal) {
        return new ChainWalk(journal, anchors, Optional.ofNullable(ends.get(journal)));
    }

    private static UUID id(ResultSet row) throws SQLException {
        return row.getObject(1, UUID.class);
    }

    private static Optional<Break> next(ChainWalk walk, ResultSet row) throws SQLException {
        List<@Nullable String> values = new ArrayList<>();
        for (int i = 0; i < AuditTable.COLUMNS.size(); i++) {
            String value = row.getString(FIRST_COLUMN + i);
            values.add(
                    value == null ? null : AuditTable.COLUMNS.get(i).asLoaded().apply(value));
        }
        boolean mismatch =
                JournalEvents.CHAIN_MISMATCH.equals(row.getString(4)) && JournalEvents.SERVICE.equals(row.getString(5));
        return walk.next(row.getLong(2), ChainHash.of(row.getBytes(3)), mismatch, values);
    }

    /** The first query: it makes the snapshot. */
    private static Map<UUID, ChainHead> positions(Connection connection) throws SQLException {
        Map<UUID, ChainHead> positions = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT journal_id, chain_sequence, chain_hash FROM journal.position")) {
            while (rows.next()) {
                positions.put(id(rows), new ChainHead(rows.getLong(2), ChainHash.of(rows.getBytes(3))));
            }
        }
        return positions;
    }
}
