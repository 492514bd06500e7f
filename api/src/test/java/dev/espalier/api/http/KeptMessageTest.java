package dev.espalier.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.api.scim.ScimPatch;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class KeptMessageTest {

    record Attributes(Optional<Boolean> bypassrls) {}

    record Message(
            Optional<String> name,
            Optional<List<Integer>> flags,
            Optional<List<String>> groups,
            Optional<Attributes> spec) {}

    private static String kept(String body) {
        return KeptMessage.sent(body.getBytes(StandardCharsets.UTF_8), Message.class);
    }

    @Test
    void whatTheServerDoesNotReadHidesNothing() {
        String wanted = "{\"spec\":{\"bypassrls\":true}}";

        assertThat(kept("{\"x\":\"" + "y".repeat(9000) + "\",\"spec\":{\"bypassrls\":true}}"))
                .isEqualTo(wanted);
        assertThat(kept(" ".repeat(9000) + wanted)).isEqualTo(wanted);
        assertThat(kept("{\"password\":\"p\"}")).isEqualTo("{}");
    }

    @Test
    void aLongTextHidesNothingBehindIt() {
        assertThat(kept("{\"name\":\"" + "n\\\"".repeat(4500) + "\",\"spec\":{\"bypassrls\":true}}"))
                .contains("\"name\":\"n\\\"n", "…\",", "\"bypassrls\":true", "SHA-256")
                .hasSizeLessThan(600);
    }

    @Test
    void whatIsCutHasItsLengthAndDigest() {
        String message = "{\"groups\":[" + "\"g\",".repeat(5000) + "\"g\"],\"spec\":{\"bypassrls\":true}}";

        assertThat(kept(message))
                .hasSizeLessThan(KeptMessage.LONGEST + 150)
                .contains("all of it: " + message.length() + " bytes, SHA-256 ")
                .matches("(?s).*SHA-256 [0-9a-f]{64}\\)");
    }

    /** Each escaped quote may begin a text; the last of them never ends. */
    @Test
    @Timeout(20)
    void aTextThatDoesNotEndTakesNoLongerThanItIsLong() {
        int quotes = 1 << 19;

        assertThat(kept("\"" + "\\\"".repeat(quotes)))
                .hasSizeLessThan(KeptMessage.LONGEST + 100)
                .endsWith("(shortened; all of it: " + (2 * quotes + 1) + " bytes)");
        assertThat(kept("{\"name\":\"" + "\\\"".repeat(quotes) + "\"}")).hasSizeLessThan(700);
    }

    @Test
    void whatStandsBetweenTextsIsNotCutAsOne() {
        String flags =
                "{\"name\":\"" + "n".repeat(9000) + "\",\"flags\":[" + "1,".repeat(200) + "1],\"groups\":[\"g\"]}";

        assertThat(kept(flags)).contains("[" + "1,".repeat(200) + "1]", "\"groups\":[\"g\"]");
    }

    @Test
    void whatCannotBeReadIsKeptAsItStandsWithoutSecrets() {
        assertThat(kept("{\"name\":5,\"password\":\"p\"}"))
                .isEqualTo("{\"name\":5,\"… (shortened; all of it: 25 bytes)");
        assertThat(kept("{\"name\"")).isEqualTo("{\"name\"");
    }

    @Test
    void nothingIsKeptFromWhereASecretMayBeginInWhatCannotBeRead() {
        for (String body : new String[] {
            "{\"spec\":{\"password\":\"hunter2",
            "id=x&client_secret=hunter2",
            "{'password':'hunter2'}",
            "{\"name\":5,\"password\":[\"hunter2\"]}",
            "{\"value\":\"hunter2\",\"path\":\"password\"",
            "{\"p\\u0061ssword\":\"hunter2"
        }) {
            assertThat(kept(body)).doesNotContain("hunter2", "SHA-256").contains("all of it: " + body.length());
        }
    }

    @Test
    void theValueOfASecretPathIsNotKept() {
        for (String value : new String[] {"\"hunter2\"", "[\"hunter2\"]", "{\"a\":\"hunter2\"}", "12345"}) {
            String body = "{\"Operations\":[{\"op\":\"replace\",\"path\":\"password\",\"value\":" + value + "}]}";
            assertThat(KeptMessage.sent(body.getBytes(StandardCharsets.UTF_8), ScimPatch.class))
                    .contains("\"path\":\"password\",\"value\":\"[removed]\"")
                    .doesNotContain("hunter2", "12345");
        }
    }
}
