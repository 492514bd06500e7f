package dev.espalier.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands as PostgreSQL runs them: by a shell, in the data directory. */
class WalArchiveTest {

    private static final String SEGMENT = "000000010000000000000001";
    private static final byte[] CONTENT = "content".repeat(100_000).getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path temporary;

    private Path log;
    private Path stored;
    private WalArchive archive;

    @BeforeEach
    void makeDirectories() throws IOException {
        log = Files.createDirectories(temporary.resolve("data/pg_wal"));
        archive = new WalArchive(Files.createDirectory(temporary.resolve("archive")));
        stored = archive.directory().resolve(SEGMENT);
        Files.write(log.resolve(SEGMENT), CONTENT);
    }

    /** Runs the command with the programs in {@code before} standing before the system's. */
    private int run(String command, String file, String to, Path before) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder("sh", "-c", command.replace("%p", to).replace("%f", file));
        builder.environment().put("PATH", before + ":" + System.getenv("PATH"));
        return builder.directory(temporary.resolve("data").toFile())
                .inheritIO()
                .start()
                .waitFor();
    }

    private int store(boolean durable) throws IOException, InterruptedException {
        return run(archive.archiveCommand(durable), SEGMENT, "pg_wal/" + SEGMENT, temporary);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theSameSegmentMayBeStoredTwice(boolean durable) throws Exception {
        assertThat(store(durable)).isZero();
        assertThat(store(durable)).isZero();
        assertThat(stored).hasBinaryContent(CONTENT);
    }

    @Test
    void anotherContentUnderTheSameNameIsRefused() throws Exception {
        assertThat(store(true)).isZero();
        Files.writeString(log.resolve(SEGMENT), "another");
        assertThat(store(true)).isNotZero();
        assertThat(stored).hasBinaryContent(CONTENT);
    }

    @ParameterizedTest
    @CsvSource({"cp, true", "cp, false", "sync, true", "mv, true", "mv, false"})
    void aSegmentIsThereWholeOrNotAtAllWhereverTheCommandIsKilled(String program, boolean durable) throws Exception {
        Path before = Files.createDirectory(temporary.resolve("before"));
        Path killer = before.resolve(program);
        // As if the shell died while the program was at work: of a copy, a part is written.
        Files.writeString(
                killer, "#!/bin/sh\n[ " + program + " = cp ] && head -c 1000 \"$2\" > \"$3\"\nkill -9 $PPID\n");
        Files.setPosixFilePermissions(killer, PosixFilePermissions.fromString("rwxr-xr-x"));
        String command = archive.archiveCommand(durable);

        assertThat(run(command, SEGMENT, "pg_wal/" + SEGMENT, before)).isNotZero();

        assertThat(stored).doesNotExist();
        assertThat(store(durable)).isZero();
        assertThat(stored).hasBinaryContent(CONTENT);
    }

    @Test
    void aSegmentIsRestoredFromTheFirstDirectoryThatHasIt() throws Exception {
        Path first = Files.createDirectory(temporary.resolve("first"));
        Files.writeString(first.resolve(SEGMENT), "first");
        Files.writeString(stored, "second");
        String command = WalArchive.restoreCommand(List.of(first, archive.directory()));
        Path restored = log.resolve("RECOVERYXLOG");

        assertThat(run(command, SEGMENT, "pg_wal/RECOVERYXLOG", temporary)).isZero();
        assertThat(restored).hasContent("first");
        Files.delete(first.resolve(SEGMENT));
        assertThat(run(command, SEGMENT, "pg_wal/RECOVERYXLOG", temporary)).isZero();
        assertThat(restored).hasContent("second");
        assertThat(run(command, "00000002.history", "pg_wal/RECOVERYXLOG", temporary))
                .isNotZero();
    }
}
