package dev.espalier.postgres;

import dev.espalier.postgres.WalReader.WalRecord;
import java.util.Optional;

/** Tells whether anything but upkeep has been written to a log. */
public final class WalChanges {

    private static final int STANDBY = 8;

    private WalChanges() {}

    /**
     * True if any data may have changed after the position; also when the log no longer reaches back that far. Checkpoints,
     * switches of segment and lists of running transactions (resource managers XLOG and Standby) change nothing.
     */
    public static boolean since(WalSegments segments, Lsn from) {
        if (segments.holding(from).isEmpty()) {
            return true;
        }
        WalReader reader = new WalReader(segments, from);
        for (Optional<WalRecord> record = reader.next(); record.isPresent(); record = reader.next()) {
            int manager = record.get().resourceManager();
            if (manager != WalReader.XLOG
                    && manager != STANDBY
                    && record.get().end().compareTo(from) > 0) {
                return true;
            }
        }
        return false;
    }
}
