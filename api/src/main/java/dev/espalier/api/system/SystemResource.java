package dev.espalier.api.system;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.SystemStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What runs, on what. */
public record SystemResource(
        String version,
        String home,
        String dataDirectory,
        Storage storage,
        List<Installation> postgres,
        long uptimeSeconds,

        Counts counts,

        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        @JsonPropertyDescription("What is not as it should be; absent while all is well.")
        List<Problem> problems) {

    /** Where the branches' data lie. */
    public record Storage(
            @JsonPropertyDescription("How volumes share blocks.")
            String backend,

            @JsonPropertyDescription("Why that one.") String reason,
            long totalBytes,
            long freeBytes) {}

    /** One installation of PostgreSQL. */
    public record Installation(int major, String version, String home) {}

    /** Something that is not as it should be, with what to do. */
    public record Problem(String message) {}

    /** How many there are. */
    public record Counts(int projects, int branches, int runningEndpoints) {}

    static SystemResource of(SystemStatus status, List<String> problems, Instant now) {
        return new SystemResource(
                status.version(),
                status.home(),
                status.dataDirectory(),
                new Storage(status.backend(), status.backendReason(), status.totalBytes(), status.freeBytes()),
                status.postgres().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(entry -> new Installation(
                                entry.getKey(),
                                entry.getValue().version(),
                                entry.getValue().home()))
                        .toList(),
                Duration.between(status.started(), now).toSeconds(),
                new Counts(status.projects(), status.branches(), status.runningEndpoints()),
                Stream.of(
                                status.storageFull().stream(),
                                status.removalRestsUntil().map(SystemResource::clock).stream(),
                                problems.stream())
                        .flatMap(each -> each)
                        .map(Problem::new)
                        .toList());
    }

    private static String clock(Instant removalRestsUntil) {
        return "the clock has jumped ahead: nothing is removed for good, and no history thinned, before "
                + removalRestsUntil + ". Set it right by then if it is wrong.";
    }
}
