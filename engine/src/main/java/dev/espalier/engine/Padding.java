package dev.espalier.engine;

import dev.espalier.postgres.WalSegments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The zeros with which a server that stops in order fills its last segment of log, so that it can be archived: up to 16 MiB
 * for a few records, each time that it goes to sleep.
 */
public final class Padding {

    private static final Logger LOG = LoggerFactory.getLogger(Padding.class);

    private Padding() {}

    /** Makes holes of them, in the archive and in the cluster's own log, which share their blocks. No server may run. */
    static void release(Path archive, Path log) {
        Optional<String> last = Trees.children(archive).stream()
                .map(file -> file.getFileName().toString())
                .filter(name -> WalSegments.start(name).isPresent())
                .max(Comparator.naturalOrder());
        last.ifPresent(name -> Stream.of(archive.resolve(name), log.resolve(name))
                .filter(Files::exists)
                .forEach(Padding::dig));
    }

    /** Makes holes of the zeros of a segment that nobody writes. By util-linux; where a file system knows no holes, it keeps its size. */
    public static void dig(Path segment) {
        try {
            Process process = new ProcessBuilder("fallocate", "--dig-holes", segment.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            int status = process.waitFor();
            if (status != 0) {
                LOG.debug("{} keeps its zeros: fallocate ended with {}", segment, status);
            }
        } catch (IOException e) {
            LOG.debug("{} keeps its zeros: {}", segment, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
