package dev.espalier.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerLogTest {

    @TempDir
    Path directory;

    @Test
    void whatWasSaidBeforeAStartIsNotItsCause() throws IOException {
        Path log = directory.resolve("log");
        assertThat(ServerLog.bytes(log)).isZero();
        Files.writeString(log, "12:00 FATAL:  archive command was terminated\n");
        long before = ServerLog.bytes(log);
        Files.writeString(log, "12:07 LOG:  starting\n12:07 could not open file\n", StandardOpenOption.APPEND);
        assertThat(ServerLog.cause(log, before)).isEqualTo("12:07 could not open file");
        Files.writeString(log, "12:08 PANIC:  emptied meanwhile\n");
        assertThat(ServerLog.cause(log, before)).isEqualTo("emptied meanwhile");
    }

    @Test
    void ofAWrongSettingTheCauseIsTheSettingAndNotItsFile() throws IOException {
        Path log = directory.resolve("log");
        Files.writeString(log, """
                12:00 LOG:  invalid value for parameter "work_mem": "banana"
                12:00 FATAL:  configuration file "/run/postgresql.conf" contains errors
                """);
        assertThat(ServerLog.cause(log, 0)).isEqualTo("invalid value for parameter \"work_mem\": \"banana\"");
    }
}
