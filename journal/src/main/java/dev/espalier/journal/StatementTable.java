package dev.espalier.journal;

import java.util.ArrayList;
import java.util.List;

/** The columns of {@code journal.statement}, which {@code query.history} shows. */
final class StatementTable {

    static final String NAME = "statement";

    static final List<Column<StatementEvent>> COLUMNS = columns();

    private StatementTable() {}

    private static List<Column<StatementEvent>> columns() {
        List<Column<StatementEvent>> columns = new ArrayList<>(List.of(
                Column.sequence("journal_sequence"),
                Column.time("start_time"),
                Column.text("statement_id", StatementEvent::statementId)));
        columns.addAll(Column.shared());
        columns.addAll(List.of(
                Column.text("database_name", StatementEvent::database),
                Column.text("role_name", StatementEvent::role),
                Column.text("statement_text", StatementEvent::text),
                Column.plain("truncated", StatementEvent::truncated),
                Column.plain("parsed", StatementEvent::parsed),
                Column.text("statement_type", StatementEvent::type),
                Column.text("protocol", StatementEvent::protocol),
                Column.text("command_tag", StatementEvent::commandTag),
                Column.plain("duration_ns", StatementEvent::durationNanos),
                Column.plain("first_row_ns", StatementEvent::firstRowNanos),
                Column.plain("cpu_time_ns", StatementEvent::cpuNanos),
                Column.plain("row_count", StatementEvent::rows),
                Column.plain("bytes_to_client", StatementEvent::bytesToClient),
                Column.plain("bytes_from_client", StatementEvent::bytesFromClient),
                Column.text("error_sqlstate", StatementEvent::sqlState),
                Column.text("error_message", StatementEvent::errorMessage),
                Column.texts("claims", StatementEvent::claims)));
        return List.copyOf(columns);
    }
}
