package dev.espalier.control.replay;

import dev.espalier.control.replay.Answer.Failure;
import dev.espalier.control.replay.Answer.Rows;
import dev.espalier.control.replay.Answer.TooLarge;
import dev.espalier.control.replay.Answer.TooSlow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What would be different for a statement.
 *
 * @param columns that would have other values, of {@link Outcome#OTHER_VALUES}
 * @param rowsNow how many there are now; empty if it does not answer, or with more than is compared
 * @param rowsThen how many there would be, as {@code rowsNow}
 * @param sqlStateNow of the error there is now
 * @param sqlStateThen of the error there would be
 */
public record Comparison(
        RecordedStatement statement,
        Outcome outcome,
        List<String> columns,
        OptionalLong rowsNow,
        OptionalLong rowsThen,
        Optional<String> sqlStateNow,
        Optional<String> sqlStateThen) {

    /** Kinds of difference. */
    public enum Outcome {
        /** The same rows. */
        SAME(true),
        /** As many rows, with other values. */
        OTHER_VALUES(true),
        /** Another number of rows. */
        OTHER_ROWS(true),
        /** It answers now, and would be refused, or not find its table. */
        REFUSED(true),
        /** It fails now, and would answer. */
        ALLOWED(true),
        /** It answers now, and would fail with another error. */
        FAILS(true),
        /** It fails now and then. */
        FAILS_NOW(false),
        /** It answers otherwise each time, under the same rules. */
        VARIES(false),
        /** It answers with more than is compared, now or then. */
        TOO_LARGE(false),
        /** It does not end in time, now or then. */
        TOO_SLOW(false);

        private final boolean compared;

        Outcome(boolean compared) {
            this.compared = compared;
        }

        /** Whether it says anything of the rules. */
        public boolean isCompared() {
            return compared;
        }
    }

    /** SQLSTATEs insufficient_privilege and undefined_table: a schema that one may not use is passed over in the search path. */
    private static final Set<String> REFUSALS = Set.of("42501", "42P01");

    public Comparison {
        columns = List.copyOf(columns);
    }

    /** @param again what it leads to now if it is run once more */
    public static Comparison of(RecordedStatement statement, Answer now, Answer then, Supplier<Answer> again) {
        Outcome outcome = outcome(now, then, again);
        return new Comparison(
                statement,
                outcome,
                outcome == Outcome.OTHER_VALUES && now instanceof Rows some && then instanceof Rows others
                        ? changed(some, others)
                        : List.of(),
                count(now),
                count(then),
                sqlState(now),
                sqlState(then));
    }

    private static Outcome outcome(Answer now, Answer then, Supplier<Answer> again) {
        if (now instanceof TooSlow || then instanceof TooSlow) {
            return Outcome.TOO_SLOW;
        }
        if (then instanceof Failure failure) {
            if (now instanceof Failure) {
                return Outcome.FAILS_NOW;
            }
            return REFUSALS.contains(failure.sqlState()) ? Outcome.REFUSED : Outcome.FAILS;
        }
        if (now instanceof Failure) {
            return Outcome.ALLOWED;
        }
        if (now instanceof TooLarge || then instanceof TooLarge) {
            return Outcome.TOO_LARGE;
        }
        if (now.equals(then)) {
            return Outcome.SAME;
        }
        if (!again.get().equals(now)) {
            return Outcome.VARIES;
        }
        return count(now).equals(count(then)) ? Outcome.OTHER_VALUES : Outcome.OTHER_ROWS;
    }

    /** Names of columns that are not the same at the same place. */
    private static List<String> changed(Rows now, Rows then) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < Math.max(now.columns().size(), then.columns().size()); i++) {
            if (i >= then.columns().size()) {
                names.add(now.columns().get(i).name());
            } else if (i >= now.columns().size()
                    || !now.columns().get(i).equals(then.columns().get(i))) {
                names.add(then.columns().get(i).name());
            }
        }
        return names;
    }

    private static OptionalLong count(Answer answer) {
        return answer instanceof Rows rows ? OptionalLong.of(rows.count()) : OptionalLong.empty();
    }

    private static Optional<String> sqlState(Answer answer) {
        return answer instanceof Failure(String state) ? Optional.of(state) : Optional.empty();
    }
}
