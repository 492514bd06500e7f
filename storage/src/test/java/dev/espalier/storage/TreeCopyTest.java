package dev.espalier.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Copies of what others are writing, and of what must not be copied. */
class TreeCopyTest {

    private static final int BIG = 8 << 20;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path temporary;

    private final AtomicInteger rounds = new AtomicInteger();
    private final AtomicBoolean stop = new AtomicBoolean();

    @Test
    @Timeout(60)
    void filesAndDirectoriesMayVanishWhileTheyAreCopied() throws Exception {
        Path source = Files.createDirectory(temporary.resolve("source"));
        Files.writeString(source.resolve("stays"), "here");
        Path copies = Files.createDirectory(temporary.resolve("copies"));

        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<?> writer = executor.submit(() -> comeAndGo(source));
            try {
                for (int i = 0; rounds.get() < 20 || i < 20; i++) {
                    Path copy = copies.resolve("copy" + i);
                    copy(source, copy);
                    assertThat(copy.resolve("stays")).hasContent("here");
                }
            } finally {
                stop.set(true);
            }
            writer.get();
        }
    }

    /** Makes and removes files, links and directories until told to stop. */
    private Object comeAndGo(Path directory) throws IOException {
        for (; !stop.get(); rounds.incrementAndGet()) {
            for (int i = 0; i < 20; i++) {
                Path inner = Files.createDirectory(directory.resolve("directory" + i));
                Files.writeString(inner.resolve("file"), "content");
                Files.writeString(directory.resolve("file" + i), "content");
                Files.createSymbolicLink(directory.resolve("link" + i), Path.of("nowhere"));
            }
            for (int i = 0; i < 20; i++) {
                Files.delete(directory.resolve("directory" + i + "/file"));
                Files.delete(directory.resolve("directory" + i));
                Files.delete(directory.resolve("file" + i));
                Files.delete(directory.resolve("link" + i));
            }
        }
        return rounds;
    }

    @Test
    void aGrowingFileIsCopiedAsFarAsItWas() throws Exception {
        Path source = Files.createDirectory(temporary.resolve("source"));
        byte[] pattern = new byte[BIG];
        new Random(7).nextBytes(pattern);
        Path growing = Files.write(source.resolve("growing"), Arrays.copyOf(pattern, BIG / 2));

        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<?> writer = executor.submit(() -> {
                for (int at = BIG / 2; at < BIG && !stop.get(); at += 1024) {
                    Files.write(growing, Arrays.copyOfRange(pattern, at, at + 1024), StandardOpenOption.APPEND);
                }
                return null;
            });
            try {
                for (int i = 0; i < 5; i++) {
                    Path copy = temporary.resolve("copy" + i);
                    copy(source, copy);
                    byte[] copied = Files.readAllBytes(copy.resolve("growing"));
                    assertThat(copied).hasSizeGreaterThanOrEqualTo(BIG / 2);
                    assertThat(Arrays.equals(copied, Arrays.copyOf(pattern, copied.length)))
                            .isTrue();
                }
            } finally {
                stop.set(true);
            }
            writer.get();
        }
    }

    @Test
    void leavesOutWhatBelongsToARunningServer() throws IOException {
        Path source = Files.createDirectory(temporary.resolve("source"));
        Files.createDirectories(source.resolve("base/pgsql_tmp/pgsql_tmp1.0.sharedfileset"));
        Files.writeString(source.resolve("base/pgsql_tmp/pgsql_tmp1.1"), "temporary");
        Files.writeString(source.resolve("postmaster.pid"), "1");
        Files.writeString(source.resolve("postmaster.opts"), "postgres");
        Files.writeString(source.resolve("base/postmaster.pid"), "not at the top");

        copy(source, temporary.resolve("copy"));

        assertThat(Tree.describe(temporary.resolve("copy")))
                .containsOnlyKeys("", "base", "base/pgsql_tmp", "base/postmaster.pid");
    }

    @Test
    void namesNeedNotBeText() throws IOException {
        Path source = Files.createDirectory(temporary.resolve("source"));
        String notUtf8 = "caf\u00e9\u00ff";
        try (Directory directory = Directory.open(source)) {
            directory.makeDirectory(notUtf8).close();
        }

        copy(source, temporary.resolve("copy"));

        try (Directory directory = Directory.open(temporary.resolve("copy"))) {
            assertThat(directory.names()).containsExactly(notUtf8);
            directory.remove(notUtf8);
            assertThat(directory.names()).isEmpty();
        }
    }

    @Test
    void holesStayHoles() throws IOException {
        Path source = Files.createDirectory(temporary.resolve("source"));
        byte[] content = new byte[1 << 20];
        new Random(3).nextBytes(content);
        try (var file = new RandomAccessFile(source.resolve("sparse").toFile(), "rw")) {
            file.seek(100L << 20);
            file.write(content);
            file.seek(200L << 20);
            file.write(content);
            file.setLength(300L << 20);
        }

        copy(source, temporary.resolve("copy"));

        assertThat(Files.mismatch(source.resolve("sparse"), temporary.resolve("copy/sparse")))
                .isEqualTo(-1);
        assertThat(Occupied.byBlocks(temporary.resolve("copy")).alone()).isBetween(2L << 20, 3L << 20);
    }

    @Test
    void neverFollowsLinksOutOfTheTree() throws IOException {
        Path outside = Files.createDirectory(temporary.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "secret");
        Path source = Files.createDirectory(temporary.resolve("source"));
        Files.createSymbolicLink(source.resolve("link"), outside);
        Files.createSymbolicLink(source.resolve("postgresql.conf"), outside.resolve("secret"));

        Path copy = temporary.resolve("copy");
        copy(source, copy);
        assertThat(Files.readSymbolicLink(copy.resolve("link"))).isEqualTo(outside);
        assertThat(Files.readSymbolicLink(copy.resolve("postgresql.conf"))).isEqualTo(outside.resolve("secret"));

        try (Directory parent = Directory.open(temporary)) {
            parent.remove("copy");
        }
        assertThat(copy).doesNotExist();
        assertThat(outside.resolve("secret")).hasContent("secret");
    }

    private static void copy(Path source, Path target) {
        try (LayeredDirectory from = LayeredDirectory.of(Directory.open(source));
                Directory to = Directory.make(target, 0x1c0)) {
            new TreeCopy(FileCopier.BYTES).copy(from, to, Set.of());
        }
    }
}
