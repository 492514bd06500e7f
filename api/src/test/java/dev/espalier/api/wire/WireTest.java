package dev.espalier.api.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WireTest {

    enum Colour {
        RED,
        GREEN
    }

    record Inner(Optional<Long> longCount, Optional<Integer> count, Optional<Boolean> isIt, Optional<Double> ratio) {}

    record Outer(
            Optional<String> displayName,
            Optional<Duration> ttl,
            Optional<Instant> expireTime,
            Optional<Colour> colour,
            Optional<List<String>> names,
            Optional<Map<String, String>> settings,
            Optional<Inner> inner) {}

    @Test
    void readsEveryTypeOfField() {
        Outer read = read("""
                {"display_name": "n", "ttl": "300s", "expire_time": "2026-11-25T10:00:00+01:00", "colour": "GREEN",
                 "names": ["a"], "settings": {"x": "1"},
                 "inner": {"long_count": 9007199254740993, "count": 1, "is_it": false, "ratio": 0.5}}""");

        assertThat(read)
                .isEqualTo(new Outer(
                        Optional.of("n"),
                        Optional.of(Duration.ofMinutes(5)),
                        Optional.of(Instant.parse("2026-11-25T09:00:00Z")),
                        Optional.of(Colour.GREEN),
                        Optional.of(List.of("a")),
                        Optional.of(Map.of("x", "1")),
                        Optional.of(new Inner(
                                Optional.of(9007199254740993L),
                                Optional.of(1),
                                Optional.of(false),
                                Optional.of(0.5)))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"ttl\": null, \"inner\": null}", "{\"unknown\": {\"x\": 1}, \"status\": {}}"})
    void whatIsAbsentNullOrUnknownIsNotGiven(String body) {
        assertThat(read(body)).isEqualTo(Wire.empty(Outer.class));
        assertThat(read(body).ttl()).isEmpty();
    }

    @Test
    void acceptsWholeNumbersAsTextAndWholeNumbersForFractions() {
        Inner read = Wire.read(
                "{\"long_count\": \"9007199254740993\", \"count\": \"17\", \"ratio\": 2}"
                        .getBytes(StandardCharsets.UTF_8),
                Inner.class);

        assertThat(read.longCount()).contains(9007199254740993L);
        assertThat(read.count()).contains(17);
        assertThat(read.ratio()).contains(2.0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"display_name\": 5} | display_name must be a text",
                "{\"display_name\": true} | display_name must be a text",
                "{\"display_name\": [\"a\"]} | display_name must be a text",
                "{\"display_name\": \"a\\u0000b\"} | display_name must be a text without null characters",
                "{\"ttl\": 300} | ttl must be a duration in seconds",
                "{\"ttl\": \"5m\"} | ttl must be a duration in seconds",
                "{\"ttl\": \"\"} | ttl must be a duration in seconds",
                "{\"ttl\": \"1e3s\"} | ttl must be a duration in seconds",
                "{\"expire_time\": 1700000000} | expire_time must be a time as RFC 3339",
                "{\"expire_time\": \"tomorrow\"} | expire_time must be a time as RFC 3339",
                "{\"expire_time\": \"2026-11-25T10:00:00\"} | expire_time must be a time as RFC 3339",
                "{\"colour\": \"BLUE\"} | colour must be one of RED, GREEN",
                "{\"colour\": 1} | colour must be one of RED, GREEN",
                "{\"names\": \"a\"} | names must be a list",
                "{\"names\": [\"a\", 1]} | names[1] must be a text",
                "{\"names\": [\"a\", null]} | names[1] is null",
                "{\"settings\": {\"x\": null}} | settings.x is null",
                "{\"settings\": [1]} | settings must be an object",
                "{\"settings\": {\"x\": 1}} | settings.x must be a text",
                "{\"inner\": 5} | inner must be an object",
                "{\"inner\": {\"is_it\": \"true\"}} | inner.is_it must be true or false",
                "{\"inner\": {\"is_it\": 1}} | inner.is_it must be true or false",
                "{\"inner\": {\"count\": 1.5}} | inner.count must be a whole number",
                "{\"inner\": {\"count\": 3000000000}} | inner.count must be a whole number",
                "{\"inner\": {\"count\": \"x\"}} | inner.count must be a whole number",
                "{\"inner\": {\"count\": \"\"}} | inner.count must be a whole number",
                "{\"inner\": {\"long_count\": 9223372036854775808}} | inner.long_count must be a whole number",
                "{\"inner\": {\"ratio\": \"much\"}} | inner.ratio must be a number",
                "{\"inner\": {\"ratio\": \"\"}} | inner.ratio must be a number",
                "{\"inner\": \"\"} | inner must be an object",
                "{\"colour\": \"\"} | colour must be one of RED, GREEN",
                "[] | the body must be an object",
                "5 | the body must be an object",
                "\"x\" | the body must be an object",
                "null | the body is null"
            })
    void namesThePlaceOfAValueOfTheWrongType(String body, String message) {
        assertThatThrownBy(() -> read(body))
                .isInstanceOfSatisfying(
                        ControlException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_PARAMETER_VALUE))
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{", "{\"a\":}", "{} {}", "{\"a\": 1, \"a\": 2}", "<xml/>", "{'a': 1}", "\u0000", "{\"a\": NaN}"
            })
    void refusesWhatIsNoJson(String body) {
        assertThatThrownBy(() -> read(body))
                .isInstanceOfSatisfying(ControlException.class, e -> {
                    assertThat(e.code()).isEqualTo(Code.BAD_REQUEST);
                    assertThat(e.reason()).isEqualTo("MALFORMED_JSON");
                })
                .hasMessageContaining("line 1, column");
    }

    @Test
    void refusesJsonThatIsNestedWithoutEnd() {
        String body = "{\"x\":" + "[".repeat(200_000);

        assertThatThrownBy(() -> read(body)).isInstanceOf(ControlException.class);
    }

    @Test
    void refusesBytesThatAreNoText() {
        byte[] body = {'{', '"', (byte) 0xff, '"', ':', '1', '}'};

        assertThatThrownBy(() -> Wire.read(body, Outer.class)).isInstanceOf(ControlException.class);
    }

    @ParameterizedTest
    @CsvSource({"PT5M,300s", "PT0.5S,0.5s", "PT0S,0s", "P30D,2592000s", "PT1.000000001S,1.000000001s", "PT-1.5S,-1.5s"})
    void durationsAreSecondsBothWays(Duration duration, String text) {
        assertThat(write(Map.of("d", duration))).isEqualTo("{\"d\":\"" + text + "\"}");
        assertThat(read("{\"ttl\":\"" + text + "\"}").ttl()).contains(duration);
    }

    @Test
    void writesWhatIsThereAndLeavesOutWhatIsNot() {
        Outer value = new Outer(
                Optional.of("n"),
                Optional.empty(),
                Optional.of(Instant.parse("2026-11-25T09:30:00.5Z")),
                Optional.empty(),
                Optional.of(List.of()),
                Optional.of(Map.of()),
                Optional.empty());

        assertThat(write(value))
                .isEqualTo(
                        "{\"display_name\":\"n\",\"expire_time\":\"2026-11-25T09:30:00.500Z\",\"names\":[],\"settings\":{}}");
    }

    @Test
    void largeNumbersStayNumbers() {
        assertThat(write(Map.of("n", Long.MAX_VALUE))).isEqualTo("{\"n\":9223372036854775807}");
    }

    private static Outer read(String json) {
        return Wire.read(json.getBytes(StandardCharsets.UTF_8), Outer.class);
    }

    private static String write(Object value) {
        return new String(Wire.write(value), StandardCharsets.UTF_8);
    }
}
