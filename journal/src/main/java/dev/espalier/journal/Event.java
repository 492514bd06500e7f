package dev.espalier.journal;

import java.time.Instant;

/** Something that happened and is to be known later. Texts may be empty where nothing is known, never null. */
public sealed interface Event permits StatementEvent, AuditEvent, UsageEvent {

    /** Who, through what, on what. */
    Attribution attribution();

    /** When it happened, or began; kept to the microsecond. */
    Instant time();
}
