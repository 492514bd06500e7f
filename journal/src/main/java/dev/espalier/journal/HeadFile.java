package dev.espalier.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Where a journal's chain of audit rows ends, kept outside the database, so that rows missing or added at its end show. It
 * is written before rows are committed, and then names two ends: the one before them and the one with them. After the
 * commit it is written again, with one.
 *
 * <p>A file {@code audit-ID.head} for the journal of that id has two lines, each with a row's number and its hash.
 */
final class HeadFile {

    private static final String PREFIX = "audit-";
    private static final String SUFFIX = ".head";

    private final Path directory;
    private final Path file;

    /**
     * What the file says.
     *
     * @param before the end if the last rows were not committed
     * @param after the end if they were
     */
    record Ends(ChainHead before, ChainHead after) {

        boolean has(ChainHead head) {
            return head.equals(before) || head.equals(after);
        }
    }

    HeadFile(Path journalDirectory, UUID journal) {
        this.directory = journalDirectory;
        this.file = journalDirectory.resolve(PREFIX + journal + SUFFIX);
    }

    /** The ends of all chains that the directory knows. */
    static Map<UUID, Ends> readAll(Path journalDirectory) {
        Map<UUID, Ends> all = new HashMap<>();
        try (Stream<Path> files = Files.list(journalDirectory)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.startsWith(PREFIX) && name.endsWith(SUFFIX)) {
                    UUID journal = UUID.fromString(name.substring(PREFIX.length(), name.length() - SUFFIX.length()));
                    new HeadFile(journalDirectory, journal).read().ifPresent(ends -> all.put(journal, ends));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the journal's directory " + journalDirectory, e);
        }
        return all;
    }

    /** Empty before the first audit row. */
    Optional<Ends> read() {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            List<String> lines = Files.readAllLines(file);
            return Optional.of(new Ends(head(lines.get(0)), head(lines.get(1))));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new JournalException(
                    "the file " + file
                            + " is not what Espalier has written. Restore it from a backup; without it, rows "
                            + "missing at the end of the audit do not show.",
                    e);
        }
    }

    private static ChainHead head(String line) {
        String[] words = line.split(" ", 2);
        return new ChainHead(Long.parseLong(words[0]), ChainHash.of(new ChainHash(words[1]).bytes()));
    }

    /** Is on the disk when this returns. */
    void write(Ends ends) {
        String text = line(ends.before()) + line(ends.after());
        Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
        try (FileChannel channel = FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            SegmentFiles.syncDirectory(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private static String line(ChainHead head) {
        return head.sequence() + " " + head.hash().hex() + "\n";
    }
}
