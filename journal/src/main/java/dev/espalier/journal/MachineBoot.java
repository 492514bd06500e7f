package dev.espalier.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** Tells a process that was killed from a machine that went down: the kernel has another id at each boot. */
final class MachineBoot {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private MachineBoot() {}

    static UUID id() {
        try {
            return UUID.fromString(Files.readString(BOOT_ID).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot read " + BOOT_ID + ". The journal needs Linux with /proc mounted.", e);
        }
    }
}
