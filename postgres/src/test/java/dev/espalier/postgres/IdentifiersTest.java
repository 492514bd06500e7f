package dev.espalier.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No character of a name or a text ends it before its end. */
class IdentifiersTest {

    @Test
    void aNameIsQuotedWhateverItHolds() {
        assertThat(Identifiers.quoted("plain")).isEqualTo("\"plain\"");
        assertThat(Identifiers.quoted("a\" OWNER TO \"b")).isEqualTo("\"a\"\" OWNER TO \"\"b\"");
        assertThat(Identifiers.quoted("it's \\")).isEqualTo("\"it's \\\"");
    }

    @Test
    void aTextIsALiteralWhateverItHolds() {
        assertThat(Identifiers.literal("it's")).isEqualTo("'it''s'");
        assertThat(Identifiers.literal("\\' \"x\"")).isEqualTo("'\\'' \"x\"'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0", "a\0b"})
    void theCharacterThatPostgresHasNotIsRefused(String text) {
        assertThatThrownBy(() -> Identifiers.quoted(text)).hasMessageContaining("NUL");
        assertThatThrownBy(() -> Identifiers.literal(text)).hasMessageContaining("NUL");
    }
}
