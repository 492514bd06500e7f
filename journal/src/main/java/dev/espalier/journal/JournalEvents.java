package dev.espalier.journal;

import dev.espalier.journal.SegmentHeader.Lost;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/** What the journal has to say of itself, as audit events of the service {@value #SERVICE}. */
final class JournalEvents {

    static final String SERVICE = "espalier";

    /** Events were not kept, or are gone. */
    static final String GAP = "journalGap";

    /** The machine went down without the journal being closed. */
    static final String POWER_CUT = "journalPowerCut";

    /** A journal has begun where there were others: one that is gone has taken with it what was not loaded. */
    static final String BEGUN = "journalBegun";

    /** A partition of the audit table has been dropped; names the run of the chain that is gone with it. */
    static final String DROP_AUDIT_PARTITION = "dropAuditPartition";

    /** The chain did not end where this journal had left it. */
    static final String CHAIN_MISMATCH = "auditChainMismatch";

    private JournalEvents() {}

    /** Stands for events that could not be kept. */
    static AuditEvent gap(Lost lost, Instant now) {
        return of(
                GAP,
                now,
                Map.of(
                        "events", Long.toString(lost.count()),
                        "first_time", Micros.instant(lost.firstMicros()).toString(),
                        "last_time", Micros.instant(lost.lastMicros()).toString(),
                        "reason", "the journal could not keep them"));
    }

    static AuditEvent of(String action, Instant now, Map<String, String> parameters) {
        return new AuditEvent(
                Attribution.JOURNAL,
                UUID.randomUUID(),
                now,
                AuditEvent.Level.ACCOUNT_LEVEL,
                SERVICE,
                action,
                "",
                parameters,
                200,
                "",
                "");
    }
}
