package dev.espalier.control;

import dev.espalier.control.BranchWork.Unlisted;
import dev.espalier.control.admission.Admission;
import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.PolicySets;
import dev.espalier.control.metastore.PolicySets.Proposal;
import dev.espalier.control.metastore.ProposedRules;
import dev.espalier.control.metastore.RulesSource;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.replay.Answer;
import dev.espalier.control.replay.Comparison;
import dev.espalier.control.replay.Obstacle;
import dev.espalier.control.replay.RecordedStatement;
import dev.espalier.control.replay.Report;
import dev.espalier.control.replay.StatementHistory;
import dev.espalier.control.replay.StatementHistory.Found;
import dev.espalier.control.replay.StatementTexts;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.engine.Engine;
import dev.espalier.identity.Principal;
import dev.espalier.postgres.SqlState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Says what proposed policies would change, before they hold anywhere: runs what people have read in a database once more, as
 * themselves, on two copies of a branch, one under the rules of now and one under those proposed. Nobody can reach the copies,
 * and of what was read nothing leaves them but whether it is the same.
 */
public final class PolicyReplay {

    /** The most statements of one replay. */
    public static final int MOST_STATEMENTS = 10_000;

    /** What the copies are called where they fail. */
    private static final String NAME = "replay";

    /** No statement is begun after this long. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** SQLSTATE read_only_sql_transaction: a function that writes. */
    private static final Answer WRITES = new Answer.Failure(SqlState.READ_ONLY_SQL_TRANSACTION);

    /**
     * What to run.
     *
     * @param branch whose data and tables to run it on; the project's default branch where it is empty
     * @param since how far back from now
     * @param limit most statements; the latest go first
     */
    public record Scope(Optional<String> branch, Duration since, int limit) {

        /** @throws ControlException if there would be nothing to run, or too much */
        public Scope {
            if (since.isNegative() || since.isZero() || limit < 1 || limit > MOST_STATEMENTS) {
                throw new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "since must be longer than nothing, and limit from 1 to " + MOST_STATEMENTS + ".");
            }
        }
    }

    private final Engine engine;
    private final Branches branches;
    private final PolicySets sets;
    private final RulesSource now;
    private final Admission admission;
    private final StatementTexts texts;
    private final StatementHistory history;
    private final Clock clock;
    private final Semaphore oneAtATime = new Semaphore(1);

    PolicyReplay(
            Engine engine,
            Branches branches,
            PolicySets sets,
            RulesSource now,
            Admission admission,
            StatementTexts texts,
            StatementHistory history,
            Clock clock) {
        this.engine = engine;
        this.branches = branches;
        this.sets = sets;
        this.now = now;
        this.admission = admission;
        this.texts = texts;
        this.history = history;
        this.clock = clock;
    }

    /**
     * Replays statements under the policies as if they were all of the catalog's.
     *
     * @param who makes the proposal: what he could not apply is not replayed either, because the comparison would tell him of it
     */
    public Report replay(Principal who, String catalogName, List<PolicyDefinition> proposed, Scope scope) {
        if (!oneAtATime.tryAcquire()) {
            throw new ControlException(
                    Code.TEMPORARILY_UNAVAILABLE, "another replay is at work. Try again when it has ended.");
        }
        try {
            Proposal proposal = sets.propose(who, catalogName, proposed);
            Catalog catalog = proposal.catalog();
            Instant since = clock.instant().minus(scope.since());
            Found found = history.of(catalog.projectUid(), catalog.database(), since, scope.limit());
            return branches.onTwoCopies(catalog.projectId(), scope.branch(), NAME, (one, other) -> {
                Run run = new Run(proposal, found);
                List<String> warnings = run.on(one, other);
                return new Report(
                        catalog.name(),
                        one.branch().sourceBranchId().orElseThrow(),
                        proposal.epoch(),
                        since,
                        run.comparisons,
                        run.notReplayed,
                        warnings);
            });
        } finally {
            oneAtATime.release();
        }
    }

    /** One replay. */
    private final class Run {

        private final Proposal proposal;
        private final List<RecordedStatement> statements;
        private final Map<String, Subject> subjects;
        private final Map<Obstacle, Long> notReplayed = new EnumMap<>(Obstacle.class);
        private final List<Comparison> comparisons = new ArrayList<>();

        Run(Proposal proposal, Found found) {
            this.proposal = proposal;
            this.statements = found.statements().stream()
                    .sorted(Comparator.comparing(RecordedStatement::principal).thenComparing(RecordedStatement::role))
                    .toList();
            this.subjects =
                    proposal.rules().subjects().stream().collect(Collectors.toMap(Subject::name, Function.identity()));
            this.notReplayed.putAll(found.left());
        }

        /** Answers with what is worth knowing of the policies. */
        List<String> on(Unlisted one, Unlisted other) {
            RulesSource proposed = new ProposedRules(now, proposal.catalog(), proposal.rules());
            try (ReplayCopy asNow = copy(now, one);
                    ReplayCopy asProposed = copy(proposed, other)) {
                long end = System.nanoTime() + PATIENCE.toNanos();
                for (RecordedStatement statement : statements) {
                    Optional<Obstacle> obstacle = System.nanoTime() > end
                            ? Optional.of(Obstacle.TIME)
                            : compare(statement, asNow, asProposed);
                    obstacle.ifPresent(why -> notReplayed.merge(why, 1L, Long::sum));
                }
                List<String> warnings = new ArrayList<>(proposal.warnings());
                warnings.addAll(asProposed.warnings());
                return warnings;
            }
        }

        private ReplayCopy copy(RulesSource rules, Unlisted copy) {
            return new ReplayCopy(
                    engine, admission, rules, texts, copy, proposal.catalog().database());
        }

        /** Answers with what stands against running it. */
        private Optional<Obstacle> compare(RecordedStatement statement, ReplayCopy asNow, ReplayCopy asProposed) {
            Subject who = subjects.get(statement.role());
            if (who == null) {
                return Optional.of(Obstacle.NO_ACCESS);
            }
            String text = statement.text();
            Optional<Obstacle> obstacle = texts.obstacle(text);
            if (obstacle.isEmpty()) {
                Answer before = asNow.answer(who, text);
                Answer after = asProposed.answer(who, text);
                if (before.equals(WRITES) || after.equals(WRITES)) {
                    return Optional.of(Obstacle.CHANGES);
                }
                comparisons.add(Comparison.of(statement, before, after, () -> asNow.answer(who, text)));
            }
            return obstacle;
        }
    }
}
