package dev.espalier.postgres;

import dev.espalier.postgres.WalReader.WalRecord;
import java.util.Optional;

/** Tells whether anything but upkeep has been written to a log. */
public final class WalChanges {

    private static final int STANDBY = 8;

    private WalChanges() {}

    /**
     * True if any data may have changed between the positions; also when the log between them is no longer there, or not
     * yet. Checkpoints, switches of segment and lists of running transactions (resource managers XLOG and Standby) change
     * nothing.
     *
     * @param to position that the log has reached, as the server tells it
     */
    public static boolean between(WalSegments segments, Lsn from, Lsn to) {
        WalReader reader = new WalReader(segments, from);
        Lsn end = from;
        for (Optional<WalRecord> record = reader.next(); record.isPresent(); record = reader.next()) {
            int manager = record.get().resourceManager();
            end = record.get().end();
            if (manager != WalReader.XLOG && manager != STANDBY && end.compareTo(from) > 0) {
                return true;
            }
        }
        return end.compareTo(to) < 0 && !isHeaderOnly(end, to);
    }

    /** A server names the place of the next record, which lies past the header when the last one has filled its page. */
    private static boolean isHeaderOnly(Lsn end, Lsn to) {
        return end.value() % WalReader.PAGE == 0 && to.minus(end) == WalReader.headerLength(end.value());
    }
}
