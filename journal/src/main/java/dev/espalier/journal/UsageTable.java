package dev.espalier.journal;

import java.util.List;
import java.util.UUID;

/** The columns of {@code journal.usage}, which {@code billing.usage} shows. */
final class UsageTable {

    static final String NAME = "usage";

    static final List<Column<UsageEvent>> COLUMNS = List.of(
            Column.sequence("journal_sequence"),
            Column.plain("record_id", UsageEvent::recordId),
            Column.plain("record_type", UsageEvent::type),
            Column.text(
                    "corrects", event -> event.corrects().map(UUID::toString).orElse("")),
            Column.plain("sku", UsageEvent::sku),
            Column.time("usage_start_time"),
            Column.plain("usage_end_time", event -> Micros.text(event.end())),
            Column.plain("quantity", event -> event.quantity().toPlainString()),
            Column.text("project_id", event -> event.attribution().project().id()),
            Column.text("project_name", event -> event.attribution().project().name()),
            Column.text("branch_id", event -> event.attribution().branch().id()),
            Column.text("branch_name", event -> event.attribution().branch().name()),
            Column.text("endpoint_id", event -> event.attribution().endpoint().id()),
            Column.text("endpoint_name", event -> event.attribution().endpoint().name()),
            Column.text("owned_by", event -> event.attribution().principal()),
            Column.text("created_by", UsageEvent::createdBy),
            Column.texts("custom_tags", UsageEvent::customTags));

    private UsageTable() {}
}
