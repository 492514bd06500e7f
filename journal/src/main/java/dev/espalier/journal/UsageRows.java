package dev.espalier.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Usage on its way into the table. There is little of it, and a record that is already there must not be an error: so it is
 * inserted, not copied.
 */
final class UsageRows {

    private final UUID journal;
    private final Set<LocalDate> days = new TreeSet<>();
    private final List<List<@Nullable String>> rows = new ArrayList<>();

    UsageRows(UUID journal) {
        this.journal = journal;
    }

    void add(long sequence, UsageEvent event) {
        List<@Nullable String> row = new ArrayList<>();
        row.add(journal.toString());
        for (Column<UsageEvent> column : UsageTable.COLUMNS) {
            row.add(column.value().of(sequence, event));
        }
        rows.add(row);
        days.add(Partitions.day(event.time()));
    }

    void send(Connection connection, Partitions partitions) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        for (LocalDate day : days) {
            partitions.ensureUsage(connection, day);
        }
        List<String> columns = Stream.concat(
                        Stream.of("journal_id"), UsageTable.COLUMNS.stream().map(Column::name))
                .toList();
        // The values' types are the columns': an unknown literal, as it were.
        String values = columns.stream().map(column -> "?").collect(Collectors.joining(", "));
        try (var insert = connection.prepareStatement("INSERT INTO journal." + UsageTable.NAME + " ("
                + String.join(", ", columns) + ") VALUES (" + values + ") ON CONFLICT DO NOTHING")) {
            for (List<@Nullable String> row : rows) {
                for (int i = 0; i < row.size(); i++) {
                    insert.setObject(i + 1, row.get(i), Types.OTHER);
                }
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }
}
