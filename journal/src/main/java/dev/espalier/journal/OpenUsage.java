package dev.espalier.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of usage that were not in the journal yet when they were saved last, in a file: of the open intervals as far as they
 * had come, and what the journal had no room for. A kill loses what was used since. A record that has come into the journal
 * meanwhile has the same id, and counts once.
 *
 * <p>Not written through to the disk: a power cut may leave a file that is not whole, which counts as empty. It begins with a checksum
 * of all that follows: each record with its length.
 */
public final class OpenUsage {

    private static final Logger LOG = LoggerFactory.getLogger(OpenUsage.class);

    private final Path file;

    public OpenUsage(Path file) {
        this.file = file;
    }

    /** What was saved last. */
    public List<UsageEvent> read() {
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            return decode(ByteBuffer.wrap(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private List<UsageEvent> decode(ByteBuffer bytes) {
        if (bytes.remaining() < Integer.BYTES || bytes.getInt() != checksum(bytes)) {
            LOG.warn("{} was not written to its end before the machine stopped: the last usage is not billed", file);
            return List.of();
        }
        List<UsageEvent> records = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] event = new byte[bytes.getInt()];
            bytes.get(event);
            records.add((UsageEvent) EventCodec.decode(event));
        }
        return records;
    }

    /** Saves these in place of what was saved before. */
    public void write(List<UsageEvent> records) {
        List<byte[]> events = records.stream().map(EventCodec::encode).toList();
        int length =
                events.stream().mapToInt(event -> Integer.BYTES + event.length).sum();
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + length).position(Integer.BYTES);
        events.forEach(event -> bytes.putInt(event.length).put(event));
        bytes.putInt(0, checksum(bytes.flip().position(Integer.BYTES)));
        Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
        try {
            Files.write(unfinished, bytes.array());
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.duplicate());
        return (int) checksum.getValue();
    }
}
