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

/** Statements on their way into the table. */
final class StatementRows {

    private final UUID journal;
    private final Set<LocalDate> days = new TreeSet<>();
    private final CopyRows rows = new CopyRows(
            StatementTable.NAME,
            Stream.concat(
                            Stream.of("journal_id"),
                            StatementTable.COLUMNS.stream().map(Column::name))
                    .toList());

    StatementRows(UUID journal) {
        this.journal = journal;
    }

    void add(long sequence, StatementEvent event) {
        List<@Nullable String> row = new ArrayList<>();
        row.add(journal.toString());
        for (Column<StatementEvent> column : StatementTable.COLUMNS) {
            row.add(column.value().of(sequence, event));
        }
        rows.add(row);
        days.add(Partitions.day(event.time()));
    }

    void send(Connection connection, Partitions partitions) throws SQLException {
        for (LocalDate day : days) {
            partitions.ensureStatements(connection, day);
        }
        rows.send(connection);
    }
}
