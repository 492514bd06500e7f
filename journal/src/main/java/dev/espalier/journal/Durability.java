package dev.espalier.journal;

/**
 * What happens to events that cannot be kept, because the disk is full, the journal has reached its limit, or the disk
 * fails. In both an event says how many were lost and when, as soon as there is room. What has been kept survives the end of the process in both; a power cut can lose what was appended since the
 * last write to the disk, see {@link JournalSettings#syncInterval()}.
 */
public enum Durability {
    /** {@link Journal#append} refuses the event, so that its caller can refuse what it was to record. */
    STRICT,
    /** {@link Journal#append} lets its caller go on. */
    AVAILABLE
}
