package dev.espalier.server.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.Calls.Call;
import dev.espalier.control.Calls.Via;
import dev.espalier.control.Operation;
import dev.espalier.control.OperationEnd;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.Place;
import dev.espalier.control.request.ResourceName;
import dev.espalier.journal.Durability;
import dev.espalier.journal.Journal;
import dev.espalier.journal.JournalSettings;
import dev.espalier.journal.Resource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditedCallsTest {

    private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");

    @TempDir
    private Path directory;

    @Test
    void theEndOfAnOperationStandsInTheAuditWithItsErrorItsRequestAndTheIdsOfWhatItWasAbout() throws IOException {
        ResourceName name = ResourceName.branch("shop", "try");
        Operation failed = new Operation(
                "op-1",
                name + "/operations/op-1",
                Operation.Kind.CREATE_BRANCH,
                name,
                "br-1",
                true,
                Optional.of(new Operation.Failure(Code.RESOURCE_EXHAUSTED, "the disk is full", "", Map.of())),
                NOW);
        Place place = new Place(new Resource("pr-1", "shop"), new Resource("br-1", "try"), Resource.NONE);
        JournalSettings settings = JournalSettings.of(directory, Durability.STRICT);
        try (Journal journal = Journal.open(settings, Clock.systemUTC())) {
            new AuditedCalls(journal).ended(new OperationEnd(failed, place, "ann", "request-1", NOW));
        }
        assertThat(written())
                .contains("operationEnd", "createBranch", "op-1", "RESOURCE_EXHAUSTED: the disk is full")
                .contains("pr-1", "br-1", "ann", "request-1");
    }

    @Test
    void aChangeThatIsDoneAndFindsTheJournalFullIsToldToItsCallerAsThat() {
        int segment = JournalSettings.MIN_SEGMENT_BYTES;
        JournalSettings settings = new JournalSettings(
                directory, Durability.STRICT, segment, 4L * segment, Duration.ofMillis(10), Duration.ZERO);
        try (Journal journal = Journal.open(settings, Clock.systemUTC())) {
            AuditedCalls audited = new AuditedCalls(journal);
            assertThat(audited.obstacle()).isEmpty();

            // Whoever asks before the change is refused with less: what has begun may use the last room.
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 10_000; i++) {
                            audited.saw(call("POST"), Optional.empty(), Map.of("body", "x".repeat(10_000)));
                        }
                    })
                    .hasMessageStartingWith("what was asked for is done, and could not be recorded: ")
                    .isInstanceOfSatisfying(ControlException.class, e -> {
                        assertThat(e.reason()).isEqualTo("DONE_BUT_NOT_RECORDED");
                        assertThat(e.code().status()).isEqualTo(500);
                    });
            assertThat(audited.obstacle()).isPresent();
            assertThatNoException().isThrownBy(() -> audited.saw(call("GET"), Optional.empty(), Map.of()));
        }
    }

    private static Call call(String method) {
        return new Call(
                "request-1",
                NOW,
                Optional.of("ann"),
                "127.0.0.1",
                Optional.empty(),
                method,
                "/api/2.0/postgres/projects",
                200,
                Optional.empty(),
                Duration.ofMillis(1),
                Via.API,
                Place.NONE);
    }

    private String written() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.append(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        return all.toString();
    }
}
