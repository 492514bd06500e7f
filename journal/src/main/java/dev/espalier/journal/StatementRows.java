package dev.espalier.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Statements on their way into the table, each with the number of its origin, and the origins that are new. */
final class StatementRows {

    private final UUID journal;
    private final Origins known;
    private final Set<LocalDate> days = new TreeSet<>();
    private final Map<Origin, Long> fresh = new HashMap<>();
    private final CopyRows origins = new CopyRows(
            OriginTable.NAME,
            Stream.concat(
                            Stream.of("start_date", "journal_id", "origin"),
                            OriginTable.COLUMNS.stream().map(Column::name))
                    .toList());
    private final BinaryCopy statements = new BinaryCopy(StatementTable.NAME, StatementTable.COLUMNS);

    StatementRows(UUID journal, Origins known) {
        this.journal = journal;
        this.known = known;
    }

    void add(long sequence, StatementEvent event) {
        Origin origin = Origin.of(event);
        long number =
                known.number(origin).orElseGet(() -> fresh.computeIfAbsent(origin, _ -> add(sequence, origin, event)));
        StatementTable.write(statements, journal, sequence, number, event);
        days.add(origin.day());
    }

    /** An origin is numbered by the first statement that has it. */
    private long add(long sequence, Origin origin, StatementEvent event) {
        List<@Nullable String> row = new ArrayList<>();
        row.add(origin.day().toString());
        row.add(journal.toString());
        row.add(Long.toString(sequence));
        for (Column<StatementEvent> column : OriginTable.COLUMNS) {
            row.add(column.value().of(sequence, event));
        }
        origins.add(row);
        return sequence;
    }

    void send(Connection connection, Partitions partitions) throws SQLException {
        if (days.isEmpty()) {
            return;
        }
        for (LocalDate day : days) {
            partitions.ensureStatements(connection, day);
        }
        origins.send(connection);
        statements.send(connection);
    }

    /** The transaction that they were sent in is committed. */
    void committed() {
        known.add(fresh);
    }
}
