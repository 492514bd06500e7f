package dev.espalier.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.request.ControlException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UrlEncodedTest {

    @Test
    void namesAndValuesAreDecoded() {
        assertThat(UrlEncoded.read("a=1&b+c=x%3Dy%26z&d=&e&f=%C3%A9=2"))
                .isEqualTo(Map.of("a", "1", "b c", "x=y&z", "d", "", "e", "", "f", "é=2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=%", "a=%zz", "%=1", "a=%00", "a=1&a=2", "a&a"})
    void whatIsNotEncodedRightIsRefused(String text) {
        assertThatThrownBy(() -> UrlEncoded.read(text)).isInstanceOf(ControlException.class);
    }
}
