package dev.espalier.journal;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The columns of {@code journal.statement}; {@code query.history} shows them with those of their origin. */
final class StatementTable {

    static final String NAME = "statement";

    /** In the order in which {@link #write} gives their values. */
    static final List<String> COLUMNS = List.of(
            "journal_id",
            "journal_sequence",
            "origin",
            "start_time",
            "statement_id",
            "statement_text",
            "truncated",
            "parsed",
            "statement_type",
            "protocol",
            "command_tag",
            "duration_ns",
            "first_row_ns",
            "cpu_time_ns",
            "row_count",
            "bytes_to_client",
            "bytes_from_client",
            "error_sqlstate",
            "error_message",
            "claims");

    private StatementTable() {}

    static void write(BinaryCopy to, UUID journal, long sequence, long origin, StatementEvent event) {
        to.row();
        to.uuid(journal);
        to.bigint(sequence);
        to.bigint(origin);
        to.time(event.time());
        to.text(event.statementId());
        to.text(event.text());
        to.bool(event.truncated());
        to.bool(event.parsed());
        to.text(event.type());
        to.text(event.protocol());
        to.text(event.commandTag());
        to.bigint(event.durationNanos());
        to.bigint(event.firstRowNanos());
        to.bigint(event.cpuNanos());
        to.bigint(event.rows());
        to.bigint(event.bytesToClient());
        to.bigint(event.bytesFromClient());
        to.text(event.sqlState());
        to.text(event.errorMessage());
        Map<String, String> claims = event.claims();
        to.jsonb(claims.isEmpty() ? "" : Json.write(claims));
    }
}
