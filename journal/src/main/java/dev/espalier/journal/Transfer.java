package dev.espalier.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one transaction adds to the system tables: rows, and with them the position up to where the journal is loaded and the
 * end of its chain. Both happen or neither, so that an event is loaded exactly once, whoever is killed when.
 */
final class Transfer {

    private static final Logger LOG = LoggerFactory.getLogger(Transfer.class);

    private final Connection connection;
    private final Partitions partitions;
    private final UUID journal;
    private final HeadFile headFile;
    private final Position before;
    private final StatementRows statements;
    private final AuditRows audit;
    private final UsageRows usage;

    private long sequence;
    private Optional<HeadFile.Ends> known;

    /** Locks the journal's position, and looks whether its chain ends where this journal has left it. */
    Transfer(
            Connection connection, Partitions partitions, Origins origins, UUID journal, HeadFile headFile, Instant now)
            throws SQLException {
        this.connection = connection;
        this.partitions = partitions;
        this.journal = journal;
        this.headFile = headFile;
        Optional<Position> loaded = Position.lock(connection, journal);
        this.before = loaded.orElse(new Position(0, ChainHead.BEGINNING));
        this.sequence = before.sequence();
        this.statements = new StatementRows(journal, origins);
        this.audit = new AuditRows(journal, before.head());
        this.usage = new UsageRows(journal);
        this.known = headFile.read();
        requireOwnEnd(now);
        if (loaded.isEmpty()) {
            Position.others(connection, journal).ifPresent(others -> begunBeside(others, now));
        }
    }

    /** Whoever deletes a whole journal leaves no hole in one. */
    private void begunBeside(String others, Instant now) {
        AuditEvent event =
                JournalEvents.of(JournalEvents.BEGUN, now, Map.of("journal", journal.toString(), "others", others));
        LOG.error(
                "a journal has begun where there were others; what one that is gone had not handed over is lost: {}",
                event.parameters());
        add(0, event);
    }

    /** Goes on after another's rows, because traffic must not stop for them; but says so in the chain, where it stays. */
    private void requireOwnEnd(Instant now) {
        ChainHead expected = known.map(HeadFile.Ends::after).orElse(ChainHead.BEGINNING);
        if (known.isPresent() ? known.get().has(before.head()) : before.head().equals(expected)) {
            return;
        }
        AuditEvent event = JournalEvents.of(
                JournalEvents.CHAIN_MISMATCH,
                now,
                Map.of(
                        "expected_sequence", Long.toString(expected.sequence()),
                        "expected_hash", expected.hash().hex(),
                        "found_sequence", Long.toString(before.head().sequence()),
                        "found_hash", before.head().hash().hex()));
        LOG.error("the audit's chain does not end where this journal has left it: {}", event.parameters());
        add(0, event);
    }

    /** Sequence of the last event that is loaded, with those that this transaction adds. */
    long sequence() {
        return sequence;
    }

    /** Events that neither the journal nor the database has any more. */
    void skipTo(long nextSequence, Instant now) {
        AuditEvent event = JournalEvents.of(
                JournalEvents.GAP,
                now,
                Map.of(
                        "events", Long.toString(nextSequence - 1 - sequence),
                        "first_sequence", Long.toString(sequence + 1),
                        "last_sequence", Long.toString(nextSequence - 1),
                        "reason", "neither the control database nor the journal has them"));
        LOG.error("events are missing between the control database and the journal: {}", event.parameters());
        add(0, event);
        sequence = nextSequence - 1;
    }

    void add(JournalReader.Numbered numbered) {
        switch (numbered.event()) {
            case StatementEvent statement -> statements.add(numbered.sequence(), statement);
            case AuditEvent event -> add(numbered.sequence(), event);
            case UsageEvent event -> usage.add(numbered.sequence(), event);
        }
        sequence = numbered.sequence();
    }

    /** @param sequence 0 for what the loader itself has to say */
    void add(long sequence, AuditEvent event) {
        audit.add(sequence, event);
    }

    void commit() throws SQLException {
        statements.send(connection, partitions);
        audit.send(connection, partitions);
        usage.send(connection, partitions);
        new Position(sequence, audit.head()).write(connection, journal);
        settle(new HeadFile.Ends(before.head(), audit.head()));
        connection.commit();
        statements.committed();
        settle(new HeadFile.Ends(audit.head(), audit.head()));
    }

    /** Before the commit both ends are possible, after it only one: rows taken away again must not look like never committed ones. */
    private void settle(HeadFile.Ends ends) {
        if (!known.equals(Optional.of(ends)) && ends.after().sequence() > 0) {
            headFile.write(ends);
            known = Optional.of(ends);
        }
    }
}
