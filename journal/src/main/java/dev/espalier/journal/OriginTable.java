package dev.espalier.journal;

import java.util.ArrayList;
import java.util.List;

/** The columns of {@code journal.origin} that say what it is; a statement's row refers to them. */
final class OriginTable {

    static final String NAME = "origin";

    static final List<Column<StatementEvent>> COLUMNS = columns();

    private OriginTable() {}

    private static List<Column<StatementEvent>> columns() {
        List<Column<StatementEvent>> columns = new ArrayList<>(Column.shared());
        columns.add(Column.text("database_name", StatementEvent::database));
        columns.add(Column.text("role_name", StatementEvent::role));
        return List.copyOf(columns);
    }
}
