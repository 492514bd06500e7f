package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.BranchWork.Unlisted;
import dev.espalier.control.admission.Sight;
import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.RulesSource;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.replay.Answer;
import dev.espalier.control.replay.Obstacle;
import dev.espalier.control.replay.StatementTexts;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What a statement leads to on a copy, and what says nothing of it. */
class ReplayCopyTest extends GovernedShop {

    private static final String STATEMENT = "SELECT count(*) FROM people";
    private static final Subject BOB = new Subject("bob", Set.of(), true);
    private static final Subject ANN = new Subject("ann", Set.of(), true);

    private record NoRules() implements RulesSource {
        @Override
        public List<Catalog> governed(String projectUid) {
            return List.of();
        }

        @Override
        public Rules of(Catalog catalog) {
            throw new IllegalStateException("no catalog is governed");
        }

        @Override
        public Set<String> bound(Catalog catalog) {
            return Set.of();
        }

        @Override
        public Optional<Subject> subject(String projectUid, String name) {
            return Optional.empty();
        }
    }

    private record Verbatim() implements StatementTexts {
        @Override
        public Optional<Obstacle> obstacle(String text) {
            return Optional.empty();
        }

        @Override
        public String sent(String text, Sight sight) {
            return text;
        }
    }

    private static void onCopy(BiConsumer<Unlisted, ReplayCopy> use) {
        boolean _ = test.plane.branches().onTwoCopies("shop", Optional.empty(), "replay", (one, other) -> {
            try (ReplayCopy copy =
                    new ReplayCopy(test.engine, test.admission, new NoRules(), new Verbatim(), one, DATABASE)) {
                use.accept(one, copy);
            }
            return true;
        });
    }

    private static void execute(Unlisted copy, String sql) {
        try (Connection own = test.engine.connect(copy.primary().uid(), BranchSessions.HOME);
                var statement = own.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void kill(Unlisted copy) {
        try (Connection own = test.engine.connect(copy.primary().uid(), BranchSessions.HOME);
                var statement = own.createStatement()) {
            statement.execute("COPY (SELECT) TO PROGRAM 'cat; kill -9 $(head -1 postmaster.pid)'");
        } catch (SQLException e) {
            // The session itself may end with the server.
        }
    }

    private static void assertCannotBeAsked(ThrowingCallable question) {
        assertThatThrownBy(question)
                .isInstanceOfSatisfying(
                        RuntimeException.class,
                        failure -> assertThat(ControlException.of(failure))
                                .hasValueSatisfying(
                                        refused -> assertThat(refused.code()).isEqualTo(Code.TEMPORARILY_UNAVAILABLE)));
    }

    @Test
    void aCopyThatHasStoppedGivesNoAnswer() {
        onCopy((one, copy) -> {
            assertThat(copy.answer(BOB, STATEMENT)).isInstanceOf(Answer.Rows.class);
            test.engine.stop(one.primary().uid());
            assertCannotBeAsked(() -> copy.answer(BOB, STATEMENT));
            assertCannotBeAsked(() -> copy.answer(BOB, STATEMENT));
            assertCannotBeAsked(() -> copy.answer(ANN, STATEMENT));
        });
    }

    @Test
    void aCopyWhoseServerIsKilledGivesNoAnswer() {
        onCopy((one, copy) -> {
            assertThat(copy.answer(BOB, STATEMENT)).isInstanceOf(Answer.Rows.class);
            kill(one);
            assertCannotBeAsked(() -> copy.answer(BOB, STATEMENT));
        });
    }

    @Test
    void aStatementThatLosesItsSessionHasAnAnswerAndTheNextOneHas() {
        onCopy((one, copy) -> {
            assertThat(copy.answer(BOB, "SELECT repeat('x', 70000000)")).isEqualTo(new Answer.TooLarge());
            assertThat(copy.answer(BOB, "SELECT pg_terminate_backend(pg_backend_pid())"))
                    .isEqualTo(new Answer.Failure("57P01"));
            assertThat(copy.answer(BOB, STATEMENT)).isInstanceOf(Answer.Rows.class);
        });
    }

    @Test
    void aServerThatSaysNothingIsTooSlow() {
        onCopy((one, copy) -> {
            assertThat(copy.answer(BOB, STATEMENT)).isInstanceOf(Answer.Rows.class);
            try {
                signal(one, "STOP");
                assertThat(copy.answer(BOB, STATEMENT)).isEqualTo(new Answer.TooSlow());
            } finally {
                signal(one, "CONT");
            }
        });
    }

    /** Sends it to the process of each session of bob's. */
    private static void signal(Unlisted copy, String signal) {
        execute(
                copy,
                "DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', (SELECT 'cat; kill -" + signal
                        + " ' || string_agg(pid::text, ' ') FROM pg_stat_activity WHERE usename = 'bob')); END $$");
    }

    @Test
    void whoMayNotSignInHasThatForAnAnswer() {
        onCopy((one, copy) -> {
            assertThat(copy.answer(BOB, STATEMENT)).isInstanceOf(Answer.Rows.class);
            assertThat(copy.answer(ANN, STATEMENT)).isInstanceOf(Answer.Rows.class);
            execute(one, "ALTER ROLE bob CONNECTION LIMIT 0");
            assertThat(copy.answer(BOB, STATEMENT)).isEqualTo(new Answer.Failure("53300"));
            execute(one, "REVOKE CONNECT ON DATABASE " + DATABASE + " FROM PUBLIC, databricks_superuser, tester");
            assertThat(copy.answer(new Subject("carl", Set.of(), false), STATEMENT))
                    .isEqualTo(new Answer.Failure("42501"));
            execute(one, "ALTER DATABASE " + DATABASE + " ALLOW_CONNECTIONS false");
            assertThat(copy.answer(ANN, STATEMENT)).isEqualTo(new Answer.Failure("55000"));
        });
    }

    @Test
    void howLongSessionsMayIdleIsNotTheReplays() {
        onCopy((one, copy) -> {
            assertThat(copy.answer(ANN, STATEMENT)).isInstanceOf(Answer.Rows.class);
            execute(one, "ALTER ROLE ann SET idle_session_timeout = '1ms'");
            assertThat(copy.answer(BOB, STATEMENT)).isInstanceOf(Answer.Rows.class);
            assertThat(copy.answer(ANN, "SELECT current_setting('idle_session_timeout')"))
                    .isEqualTo(copy.answer(ANN, "SELECT '0' AS current_setting"));
        });
    }
}
