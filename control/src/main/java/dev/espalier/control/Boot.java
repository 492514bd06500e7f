package dev.espalier.control;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The boot of the machine: another one after each start of the kernel, the same for all processes in between. */
final class Boot {

    private Boot() {}

    /** proc_sys_kernel(5), random/boot_id. */
    static String id() {
        Path file = Path.of("/proc/sys/kernel/random/boot_id");
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
