package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SqlTextTest {

    private static final String ROLE = "ALTER ROLE anna PASSWORD '[removed]'";

    private static String shown(String redacted, boolean parsed, String withEscapes) {
        SqlText text = SqlText.pending(0, Map.of(), false, true);
        text.isWithEscapes(withEscapes);
        text.known(List.of(new StatementInfo(0, 0, "OTHER", redacted, parsed, true, Optional.empty())));
        text.isToldBy("evidence");
        text.isReadBy(new TextReading(), false);
        return text.shown(text.statement(0), false);
    }

    @Test
    void whatIsMissingOfATextThatCouldNotBeReadIsTold() {
        assertThat(shown("SELECT '[removed]'", false, "")).isEqualTo("SELECT '[removed]'… (evidence)");
    }

    @Test
    void aTextThatIsToldInTwoWaysAndIsTooLongForBothIsToldByLengthAndDigest() {
        String plain = "x".repeat(SqlText.LONGEST - 1);
        SqlText text = SqlText.pending(0, Map.of(), false, true);
        text.isWithEscapes("y".repeat(SqlText.LONGEST));
        text.known(List.of(new StatementInfo(0, 0, "SELECT", plain, true, false, Optional.empty())));
        text.isToldBy("evidence");
        text.isReadBy(new TextReading(), false);
        assertThat(text.truncated()).isTrue();
        assertThat(text.shown(text.statement(0), false)).isEqualTo(plain + " … (evidence)");
    }

    @Test
    void aTextWithoutItsSecretHasNothingThatWouldLetItBeGuessed() {
        assertThat(shown(ROLE, true, ROLE)).isEqualTo(ROLE);
        assertThat(shown(ROLE, false, "")).isEqualTo(ROLE);
        assertThat(shown("SELECT '[removed]'", false, ROLE)).doesNotContain("evidence");
    }

    @Test
    void aTextThatIsBeyondReadingAndMayHaveASecretHasNoDigestThatWouldLetItBeGuessed() {
        byte[] sql = "ALTER ROLE anna PASSWORD 'hunter2'".getBytes(StandardCharsets.UTF_8);
        SqlText text = SqlText.pending(sql.length, Map.of(), false, false);
        text.known(SqlText.beyondReading(sql));
        text.isToldBy(SqlText.evidence(sql));
        assertThat(text.shown(text.statement(0), false))
                .isEqualTo("a text of 34 bytes that may have a password: [removed]");
    }
}
