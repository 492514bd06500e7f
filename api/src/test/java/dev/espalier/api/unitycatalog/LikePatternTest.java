package dev.espalier.api.unitycatalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class LikePatternTest {

    private static boolean naive(String pattern, String text) {
        if (pattern.isEmpty()) {
            return text.isEmpty();
        }
        String rest = pattern.substring(1);
        return switch (pattern.charAt(0)) {
            case '%' -> naive(rest, text) || (!text.isEmpty() && naive(pattern, text.substring(1)));
            case '_' -> !text.isEmpty() && naive(rest, text.substring(1));
            default -> !text.isEmpty() && text.charAt(0) == pattern.charAt(0) && naive(rest, text.substring(1));
        };
    }

    private static String some(Random random, String letters) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(9);
        for (int i = 0; i < length; i++) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }

    @Test
    void itMatchesAsItsDefinitionSays() {
        Random random = new Random(7);
        for (int i = 0; i < 200_000; i++) {
            String pattern = some(random, "ab%_");
            String text = some(random, "ab");
            assertThat(new LikePattern(pattern).matches(text))
                    .as("%s LIKE %s", text, pattern)
                    .isEqualTo(naive(pattern, text));
        }
    }

    @Test
    void aSignBeyondTheFirstPlaneIsOneAndALineEndIsOneToo() {
        assertThat(new LikePattern("_").matches("\uD83D\uDE00")).isTrue();
        assertThat(new LikePattern("a%b").matches("a\nb")).isTrue();
        assertThat(new LikePattern("a.b").matches("axb")).isFalse();
    }

    @Test
    void aPatternOfManyPercentsEndsSoon() {
        LikePattern hostile = new LikePattern("%a".repeat(2_000) + "%b");
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(10),
                () -> assertThat(hostile.matches("a".repeat(4_000))).isFalse());
    }
}
