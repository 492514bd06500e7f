package dev.espalier.journal;

import java.nio.file.Path;

/** A segment does not hold what was written to it. Nothing at or behind the place is read, and nothing is thrown away. */
public final class JournalDamage extends JournalException {

    private static final long serialVersionUID = 1L;

    private final String segment;
    private final long offset;

    JournalDamage(Path segment, long offset, String what) {
        super("the journal is damaged in " + segment + " at offset " + offset + ": " + what
                + ". Keep a copy of the directory, restore the file from a backup, or move the journal's directory away to "
                + "begin a new journal; what the damaged one still holds is then not loaded.");
        this.segment = segment.toString();
        this.offset = offset;
    }

    /** Path of the damaged file. */
    public String segment() {
        return segment;
    }

    /** Bytes from the file's beginning. */
    public long offset() {
        return offset;
    }
}
