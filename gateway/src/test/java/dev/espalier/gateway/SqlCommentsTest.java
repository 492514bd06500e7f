package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a comment at the end of a statement claims. */
class SqlCommentsTest {

    private static Map<String, String> claims(String comment) {
        return SqlComments.claims(("SELECT 1 /*" + comment + "*/ ;").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void pairsAreDecoded() {
        assertThat(claims("db_driver='a%20b', route='%2Fx',quote='it\\'s',plus='1+1' "))
                .containsExactly(
                        Map.entry("db_driver", "a b"),
                        Map.entry("route", "/x"),
                        Map.entry("quote", "it's"),
                        Map.entry("plus", "1+1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "words", "a=b", "a='b", "a='b\\", "='b'", "a='b' c='d'", "a='%zz'", "a='b', "})
    void anyOtherCommentClaimsNothing(String comment) {
        assertThat(claims(comment)).isEmpty();
    }

    @Test
    void aValueMayFillTheWholeComment() {
        String value = "x".repeat(4_000);
        assertThat(claims("key='" + value + "'")).containsExactly(Map.entry("key", value));
    }

    /** Each would take a third of a second by looking for a pair from every place of the comment. */
    @Test
    @Timeout(60)
    void noCommentTakesMoreThanLinearTime() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(claims("x".repeat(4_080))).isEmpty();
            assertThat(claims("a='b',".repeat(600) + "x")).isEmpty();
            assertThat(claims("a='" + "\\'".repeat(2_000))).isEmpty();
        }
    }
}
