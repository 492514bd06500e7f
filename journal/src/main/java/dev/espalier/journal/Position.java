package dev.espalier.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;

/**
 * Up to where a journal is loaded. Its row stays locked until the transaction ends, so that rows and position change
 * together, whoever else loads.
 *
 * @param sequence of the last event that is loaded
 * @param head of the journal's chain of audit rows
 */
record Position(long sequence, ChainHead head) {

    /** Empty if the database does not know the journal. */
    static Optional<Position> lock(Connection connection, UUID journal) throws SQLException {
        try (var statement = connection.prepareStatement("""
                SELECT sequence, chain_sequence, chain_hash
                FROM journal.position
                WHERE journal_id = ?
                FOR UPDATE""")) {
            statement.setObject(1, journal);
            try (var rows = statement.executeQuery()) {
                return rows.next()
                        ? Optional.of(new Position(
                                rows.getLong(1), new ChainHead(rows.getLong(2), ChainHash.of(rows.getBytes(3)))))
                        : Optional.empty();
            }
        }
    }

    /** The journals that the database knows beside this one, each with the last event that it has of it; empty if there is none. */
    static Optional<String> others(Connection connection, UUID journal) throws SQLException {
        try (var statement = connection.prepareStatement("""
                SELECT string_agg(journal_id || ' up to event ' || sequence, ', ' ORDER BY journal_id)
                FROM journal.position
                WHERE journal_id <> ?""")) {
            statement.setObject(1, journal);
            try (var rows = statement.executeQuery()) {
                rows.next();
                return Optional.ofNullable(rows.getString(1));
            }
        }
    }

    void write(Connection connection, UUID journal) throws SQLException {
        try (var statement = connection.prepareStatement("""
                INSERT INTO journal.position (journal_id, sequence, chain_sequence, chain_hash)
                VALUES (?, ?, ?, ?)
                ON CONFLICT (journal_id) DO UPDATE
                SET sequence = excluded.sequence,
                    chain_sequence = excluded.chain_sequence,
                    chain_hash = excluded.chain_hash""")) {
            statement.setObject(1, journal);
            statement.setLong(2, sequence);
            statement.setLong(3, head.sequence());
            statement.setBytes(4, head.hash().bytes());
            statement.executeUpdate();
        }
    }
}
