package dev.espalier.journal;

import java.util.ArrayList;
import java.util.List;

/** The columns of {@code journal.audit}, which {@code access.audit} shows; all of them are in the chain's hashes, in this order. */
final class AuditTable {

    static final String NAME = "audit";

    static final List<Column<AuditEvent>> COLUMNS = columns();

    private AuditTable() {}

    private static List<Column<AuditEvent>> columns() {
        List<Column<AuditEvent>> columns = new ArrayList<>(List.of(
                Column.sequence("journal_sequence"),
                Column.time("event_time"),
                Column.plain("event_id", AuditEvent::id)));
        columns.addAll(Column.shared());
        columns.addAll(List.of(
                Column.plain("audit_level", AuditEvent::level),
                Column.text("service_name", AuditEvent::service),
                Column.text("action_name", AuditEvent::action),
                Column.text("database_name", AuditEvent::database),
                Column.texts("request_params", AuditEvent::parameters),
                Column.plain("status_code", AuditEvent::statusCode),
                Column.text("error_message", AuditEvent::errorMessage),
                Column.text("result", AuditEvent::result)));
        return List.copyOf(columns);
    }
}
