package dev.espalier.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A process that looks at a lock, as the command does, and takes its time: until its input ends. */
final class LookingProcess {

    private LookingProcess() {}

    /** @param arguments the file */
    public static void main(String[] arguments) throws IOException {
        try (FileChannel channel = FileChannel.open(Path.of(arguments[0]));
                var lock = channel.lock(0, Long.MAX_VALUE, true)) {
            System.out.println(lock.isShared());
            var _ = System.in.read();
        }
    }
}
