package dev.espalier.api.unitycatalog;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.replay.Comparison;
import dev.espalier.control.replay.Comparison.Outcome;
import dev.espalier.control.replay.RecordedStatement;
import dev.espalier.control.replay.Report;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What policies would change, for whom. No value that a statement has read is in it. */
public record PolicyReplayResource(
        String catalogName,
        String branch,

        @JsonPropertyDescription("Of the rules that were compared with; to be given when the set is applied.")
        long epoch,

        Instant since,
        List<Principal> principals,

        @JsonPropertyDescription("Those that do not lead to the same.")
        List<Statement> statements,

        List<NotReplayed> notReplayed,
        List<String> warnings) {

    /** How many statements of one would lead to what; each text counts once. */
    public record Principal(
            String principal,

            @JsonPropertyDescription("The agent that acted for the principal.")
            Optional<String> agent,

            long statements,
            long same,
            long otherValues,
            long otherRows,
            long refused,
            long allowed,
            long fails,

            @JsonPropertyDescription("They fail or vary as it is, or are too slow or too large.")
            long notCompared) {}

    /** One that would lead to something else, or could not be compared. */
    public record Statement(
            String principal,
            Optional<String> agent,
            Outcome outcome,

            @JsonPropertyDescription("Those that would have other values.")
            Optional<List<String>> columns,

            OptionalLong rowsNow,
            OptionalLong rowsThen,

            @JsonPropertyDescription("SQLSTATE of the error that there is now.")
            Optional<String> errorNow,

            @JsonPropertyDescription("SQLSTATE of the error that there would be.")
            Optional<String> errorThen,

            String statementText,
            long runs,
            Instant lastRun) {}

    /** Statements that were not run. */
    public record NotReplayed(
            String reason,

            @JsonPropertyDescription("What is true of such a statement.")
            String meaning,

            long statements) {}

    private record Who(String principal, Optional<String> agent) {
        static Who of(RecordedStatement statement) {
            return new Who(statement.principal(), statement.agent());
        }
    }

    static PolicyReplayResource of(Report report) {
        Map<Who, List<Comparison>> byWho = report.comparisons().stream()
                .collect(Collectors.groupingBy(
                        comparison -> Who.of(comparison.statement()), LinkedHashMap::new, Collectors.toList()));
        return new PolicyReplayResource(
                report.catalog(),
                report.branch(),
                report.epoch(),
                report.since(),
                byWho.entrySet().stream()
                        .map(one -> principal(one.getKey(), one.getValue()))
                        .toList(),
                report.comparisons().stream()
                        .filter(comparison -> comparison.outcome() != Outcome.SAME)
                        .map(PolicyReplayResource::statement)
                        .toList(),
                new TreeMap<>(report.notReplayed())
                        .entrySet().stream()
                                .map(why -> new NotReplayed(
                                        why.getKey().name(), why.getKey().meaning(), why.getValue()))
                                .toList(),
                report.warnings());
    }

    private static Principal principal(Who who, List<Comparison> all) {
        Map<Outcome, Long> counts =
                all.stream().collect(Collectors.groupingBy(Comparison::outcome, Collectors.counting()));
        return new Principal(
                who.principal(),
                who.agent(),
                all.size(),
                counts.getOrDefault(Outcome.SAME, 0L),
                counts.getOrDefault(Outcome.OTHER_VALUES, 0L),
                counts.getOrDefault(Outcome.OTHER_ROWS, 0L),
                counts.getOrDefault(Outcome.REFUSED, 0L),
                counts.getOrDefault(Outcome.ALLOWED, 0L),
                counts.getOrDefault(Outcome.FAILS, 0L),
                all.stream()
                        .filter(comparison -> !comparison.outcome().isCompared())
                        .count());
    }

    private static Statement statement(Comparison comparison) {
        return new Statement(
                comparison.statement().principal(),
                comparison.statement().agent(),
                comparison.outcome(),
                Optional.of(comparison.columns()).filter(columns -> !columns.isEmpty()),
                comparison.rowsNow(),
                comparison.rowsThen(),
                comparison.sqlStateNow(),
                comparison.sqlStateThen(),
                comparison.statement().text(),
                comparison.statement().runs(),
                comparison.statement().lastRun());
    }
}
