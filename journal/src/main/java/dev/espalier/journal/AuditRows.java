package dev.espalier.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Audit rows on their way into the table, each chained to the one before. */
final class AuditRows {

    private final UUID journal;
    private final Set<LocalDate> days = new TreeSet<>();
    private final CopyRows rows = new CopyRows(
            AuditTable.NAME,
            Stream.concat(
                            Stream.of("journal_id", "chain_sequence", "chain_hash"),
                            AuditTable.COLUMNS.stream().map(Column::name))
                    .toList());

    private ChainHead head;

    AuditRows(UUID journal, ChainHead head) {
        this.journal = journal;
        this.head = head;
    }

    /** @param sequence of the event in the journal; 0 for what the loader itself has to say */
    void add(long sequence, AuditEvent event) {
        List<@Nullable String> values = new ArrayList<>();
        for (Column<AuditEvent> column : AuditTable.COLUMNS) {
            values.add(column.value().of(sequence, event));
        }
        long chainSequence = head.sequence() + 1;
        head = new ChainHead(chainSequence, head.hash().next(chainSequence, values));
        List<@Nullable String> row = new ArrayList<>(List.of(
                journal.toString(),
                Long.toString(chainSequence),
                "\\x" + head.hash().hex()));
        row.addAll(values);
        rows.add(row);
        days.add(Partitions.day(event.time()));
    }

    /** The end of the chain with these rows. */
    ChainHead head() {
        return head;
    }

    void send(Connection connection, Partitions partitions) throws SQLException {
        for (LocalDate day : days) {
            partitions.ensureAudit(connection, day);
        }
        rows.send(connection);
    }
}
