package dev.espalier.engine;

import dev.espalier.postgres.Lsn;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How far a copy is to be replayed at its first start, and from where.
 *
 * @param stopBefore start of the first record that is not to be replayed; empty to replay all there is
 * @param last start of a record that has to be replayed, and nothing after it where {@code stopBefore} is empty; empty if there is
 *     none beyond the copy itself
 * @param logs directories with the log, in the order in which they are searched
 */
public record Recovery(Optional<Lsn> stopBefore, Optional<Lsn> last, List<Path> logs) {

    /** The settings that make PostgreSQL do it, and then accept writes on a new timeline. */
    Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("restore_command", WalArchive.restoreCommand(logs));
        settings.put("recovery_target_timeline", "current");
        // Sessions are let in after the promotion, never before.
        settings.put("hot_standby", "off");
        // With a target, PostgreSQL does not take a segment that it failed to get for the end of the log.
        stopBefore.or(() -> last).ifPresent(lsn -> {
            settings.put("recovery_target_lsn", lsn.toString());
            settings.put("recovery_target_inclusive", stopBefore.isEmpty() ? "on" : "off");
            settings.put("recovery_target_action", "promote");
        });
        return settings;
    }
}
