package dev.espalier.control.metastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.request.ControlException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How conditions on tags are read. */
class ConditionParserTest {

    private static final Map<String, String> TAGS = Map.of("pii", "email", "owner", "o'neill");

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            TRUE                                                              | true
            has_tag('pii')                                                    | true
            hasTag('pii')                                                     | true
            has_tag('other')                                                  | false
            has_tag_value('pii', 'email')                                     | true
            HASTAGVALUE ( 'pii' , 'email' )                                   | true
            has_tag_value('pii', 'phone')                                     | false
            has_tag_value('owner', 'o''neill')                                | true
            NOT has_tag('pii')                                                | false
            not not has_tag('pii')                                            | true
            has_tag('a') AND has_tag('b') OR has_tag('pii')                   | true
            has_tag('pii') OR has_tag('a') AND has_tag('b')                   | true
            (has_tag('pii') OR has_tag('a')) AND has_tag('b')                 | false
            NOT has_tag('pii') AND has_tag('b') OR true                       | true
            NOT (has_tag('a') OR has_tag('b'))                                | true
            """)
    void bindsNotBeforeAndBeforeOr(String condition, boolean holds) {
        assertThat(ConditionParser.parse(condition).holds(TAGS)).isEqualTo(holds);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            ""                              | 1
            has_tag                         | 8
            has_tag(pii)                    | 9
            has_tag('pii') has_tag('b')     | 16
            has_tag('pii') AND              | 19
            has_tag_value('pii')            | 20
            (has_tag('pii')                 | 16
            has_tag('pii'))                 | 15
            x = 1                           | 1
            has_tag('pii') = 'email'        | 16
            has_tag('pii') ; DROP TABLE x   | 16
            has_tag('pii                    | 9
            """)
    void whatIsNoConditionIsRefusedWithItsPlace(String condition, int place) {
        assertThatThrownBy(() -> ConditionParser.parse(condition))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("character " + place);
    }

    @Test
    void aConditionThatIsTooLongOrTooDeepIsRefused() {
        assertThatThrownBy(() -> ConditionParser.parse("(".repeat(100) + "TRUE" + ")".repeat(100)))
                .hasMessageContaining("deep");
        assertThatThrownBy(() -> ConditionParser.parse("NOT ".repeat(500) + "TRUE"))
                .hasMessageContaining("deep");
        assertThatThrownBy(() -> ConditionParser.parse("TRUE" + " OR TRUE".repeat(1000)))
                .hasMessageContaining("may have");
    }
}
