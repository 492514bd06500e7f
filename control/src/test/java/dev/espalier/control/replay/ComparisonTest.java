package dev.espalier.control.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.replay.Answer.Column;
import dev.espalier.control.replay.Answer.Failure;
import dev.espalier.control.replay.Answer.Rows;
import dev.espalier.control.replay.Answer.TooLarge;
import dev.espalier.control.replay.Answer.TooSlow;
import dev.espalier.control.replay.Comparison.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ComparisonTest {

    private static final RecordedStatement STATEMENT =
            new RecordedStatement("ann", Optional.empty(), "ann", "SELECT", 1, Instant.EPOCH);

    /** Rows with these sums of the columns id and email. */
    private static Rows rows(long count, long id, long email) {
        return new Rows(
                count,
                List.of(new Column("id", new Digest(0, id)), new Column("email", new Digest(0, email))),
                new Digest(id, email));
    }

    private static Outcome outcome(Answer now, Answer then) {
        return Comparison.of(STATEMENT, now, then, () -> now).outcome();
    }

    @Test
    void whatIsTheSameIsSaidToBe() {
        assertThat(outcome(rows(2, 1, 1), rows(2, 1, 1))).isEqualTo(Outcome.SAME);
    }

    @Test
    void theColumnsWithOtherValuesAreNamed() {
        Comparison comparison = Comparison.of(STATEMENT, rows(2, 1, 1), rows(2, 1, 9), () -> rows(2, 1, 1));
        assertThat(comparison.outcome()).isEqualTo(Outcome.OTHER_VALUES);
        assertThat(comparison.columns()).containsExactly("email");
    }

    @Test
    void whatDiffersUnderTheSameRulesSaysNothingOfTheRules() {
        assertThat(Comparison.of(STATEMENT, rows(1, 1, 1), rows(1, 1, 2), () -> rows(1, 1, 3))
                        .outcome())
                .isEqualTo(Outcome.VARIES);
    }

    @Test
    void anotherNumberOfRowsIsToldFromOtherValues() {
        assertThat(outcome(rows(2, 1, 1), rows(1, 1, 1))).isEqualTo(Outcome.OTHER_ROWS);
    }

    @Test
    void aRefusalIsToldFromAnotherErrorAndFromOneThatThereIsNow() {
        assertThat(outcome(rows(1, 1, 1), new Failure("42501"))).isEqualTo(Outcome.REFUSED);
        assertThat(outcome(rows(1, 1, 1), new Failure("22012"))).isEqualTo(Outcome.FAILS);
        assertThat(outcome(new Failure("42501"), rows(1, 1, 1))).isEqualTo(Outcome.ALLOWED);
        assertThat(outcome(new Failure("42501"), new Failure("42501"))).isEqualTo(Outcome.FAILS_NOW);
    }

    @Test
    void whatIsTooMuchIsNotSaidToBeTheSame() {
        assertThat(outcome(new TooLarge(), new TooLarge())).isEqualTo(Outcome.TOO_LARGE);
        assertThat(outcome(new TooLarge(), rows(1, 1, 1))).isEqualTo(Outcome.TOO_LARGE);
        assertThat(outcome(new TooLarge(), new Failure("42501"))).isEqualTo(Outcome.REFUSED);
        assertThat(outcome(new TooSlow(), rows(1, 1, 1))).isEqualTo(Outcome.TOO_SLOW);
        assertThat(outcome(rows(1, 1, 1), new TooSlow())).isEqualTo(Outcome.TOO_SLOW);
    }
}
