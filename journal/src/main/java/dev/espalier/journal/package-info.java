/**
 * The append-only record of events and the system tables that it fills. In reading order: {@link
 * dev.espalier.journal.Event}, {@link dev.espalier.journal.Journal}, {@link dev.espalier.journal.Loader}, {@link
 * dev.espalier.journal.AuditChain}.
 */
@NullMarked
package dev.espalier.journal;

import org.jspecify.annotations.NullMarked;
