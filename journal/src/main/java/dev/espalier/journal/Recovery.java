package dev.espalier.journal;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Looks at what an earlier process has left: reads everything, cuts off a record that was being written, and tells damage
 * from that.
 *
 * <p>A killed process leaves at most one record half-written, at the end. A power cut can leave anything behind what was on
 * the disk for certain, because pages are written in any order; nothing of that has been loaded, and the rest is cut off.
 */
final class Recovery {

    /**
     * What was found.
     *
     * @param lastNumber of the segments; 0 if there is none
     * @param lastSequence of the records; 0 if there never was one
     * @param notices to be recorded of it
     */
    record State(UUID journal, long lastNumber, long lastSequence, List<AuditEvent> notices) {}

    private final SegmentFiles files;
    private final Instant now;

    Recovery(SegmentFiles files, Instant now) {
        this.files = files;
        this.now = now;
    }

    /** @throws JournalDamage if the segments do not hold what was written to them */
    State run() {
        files.removeUnfinished();
        List<Long> used = removeUnused();
        Checked last = null;
        for (long number : used) {
            Checked next = check(number, number == used.getLast());
            if (last != null && !next.continues(last)) {
                if (!last.unsure()) {
                    throw new JournalDamage(
                            files.path(number),
                            0,
                            "it begins with record " + next.header().firstSequence() + ", and the segment before it is "
                                    + last.number() + " and ends with record " + last.lastSequence());
                }
                break;
            }
            last = next;
            if (last.cut()) {
                break;
            }
        }
        if (last == null) {
            return new State(UUID.randomUUID(), 0, 0, List.of());
        }
        List<AuditEvent> notices = notices(last, used.getLast());
        // From the end, so that what is left has no hole whenever this is interrupted.
        for (long number : used.reversed()) {
            if (number > last.number()) {
                files.delete(number);
            }
        }
        files.truncate(last.number(), last.end());
        return new State(last.header().journal(), last.number(), last.lastSequence(), notices);
    }

    /** The segments that are or were in use. Those that were only made ahead are removed: they name another boot, or nothing. */
    private List<Long> removeUnused() {
        List<Long> used = new ArrayList<>();
        List<Long> unused = new ArrayList<>();
        for (long number : files.list()) {
            try (SegmentReader reader = new SegmentReader(files.path(number))) {
                (reader.header().firstSequence() == 0 ? unused : used).add(number);
            }
        }
        for (long number : unused) {
            if (!used.isEmpty() && number < used.getLast()) {
                throw new JournalDamage(files.path(number), 0, "it is not in use, and a later one is");
            }
            files.delete(number);
        }
        return used;
    }

    private List<AuditEvent> notices(Checked last, long highestNumber) {
        List<AuditEvent> notices = new ArrayList<>();
        if (last.unsure()) {
            notices.add(JournalEvents.of(
                    JournalEvents.POWER_CUT,
                    now,
                    Map.of(
                            "last_sequence", Long.toString(last.lastSequence()),
                            "incomplete_segments",
                                    Long.toString(highestNumber - last.number() + (last.cut() ? 1 : 0)))));
        }
        if (last.header().lost().count() > 0) {
            notices.add(JournalEvents.gap(last.header().lost(), now));
        }
        return notices;
    }

    /**
     * A segment that has been read to its end.
     *
     * @param end bytes up to the end of the last record
     * @param unsure whether the machine went down before all of it was on the disk for certain
     * @param cut whether something else than records follows
     */
    private record Checked(SegmentHeader header, long end, long lastSequence, boolean unsure, boolean cut) {

        long number() {
            return header.number();
        }

        boolean continues(Checked before) {
            return header.number() == before.number() + 1
                    && header.firstSequence() == before.lastSequence() + 1
                    && header.journal().equals(before.header().journal());
        }
    }

    private Checked check(long number, boolean last) {
        try (SegmentReader reader = new SegmentReader(files.path(number))) {
            SegmentHeader header = reader.header();
            if (header.number() != number) {
                throw new JournalDamage(files.path(number), 0, "it was written as segment " + header.number());
            }
            boolean unsure = !header.closed() && !header.boot().equals(files.boot());
            boolean clean = readToTheEnd(reader, last, unsure);
            return new Checked(header, reader.offset(), reader.nextSequence() - 1, unsure, unsure && !clean);
        }
    }

    /** @return whether nothing follows the last record */
    private static boolean readToTheEnd(SegmentReader reader, boolean last, boolean unsure) {
        try {
            while (reader.next().isPresent()) {
                // Reading is checking.
            }
        } catch (JournalDamage e) {
            if (unsure && reader.offset() >= reader.header().synced()) {
                return false;
            }
            throw e;
        }
        if (reader.isCleanBehind()) {
            return true;
        }
        boolean mayEndLikeThis =
                unsure ? reader.offset() >= reader.header().synced() : last && !reader.hasRecordsBehind();
        if (!mayEndLikeThis) {
            throw reader.damage("record " + reader.nextSequence() + " is missing, and something follows it");
        }
        return false;
    }
}
