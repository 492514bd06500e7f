package dev.espalier.control.setting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.setting.ActivityPolicy.Counts;
import java.util.List;
import org.junit.jupiter.api.Test;

class ActivityPolicyTest {

    private final ActivityPolicy policy =
            new ActivityPolicy(Counts.STATEMENTS, List.of("poller", "pgAdmin*"), List.of("monitor_*"));

    @Test
    void sessionsAreIgnoredByRoleAndByTheNameThatTheirClientGaveItself() {
        assertThat(policy.ignores("monitor_1", "psql")).isTrue();
        assertThat(policy.ignores("ann", "pgAdmin 4 - DB:shop")).isTrue();
        assertThat(policy.ignores("ann", "poller")).isTrue();
        assertThat(policy.ignores("ann", "poller [espalier:s-1 an agent]")).isTrue();
        assertThat(policy.ignores("ann", "poller 2")).isFalse();
        assertThat(policy.ignores("ann", "[espalier:s-1]")).isFalse();
        assertThat(policy.ignores("ann", "")).isFalse();
    }

    @Test
    void aStarStandsForAnyTextAndManyCostLittle() {
        assertThat(ignoring("a*c*").ignores("ann", "abccd")).isTrue();
        assertThat(ignoring("*b").ignores("ann", "abab")).isTrue();
        assertThat(ignoring("**").ignores("ann", "")).isTrue();
        assertThat(ignoring("a*b").ignores("ann", "abc")).isFalse();
        assertThat(ignoring("\\E.*").ignores("ann", "anything")).isFalse();
        // By backtracking it would not end.
        assertThat(ignoring("*a".repeat(30) + "*b").ignores("ann", "a".repeat(60)))
                .isFalse();
    }

    private static ActivityPolicy ignoring(String application) {
        return new ActivityPolicy(Counts.STATEMENTS, List.of(application), List.of());
    }
}
