package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShortDurationTest {
    @ParameterizedTest
    @CsvSource({"90s, 90s", "15m, 900s", "36h, 129600s", "3d, 259200s", "1d2h3m4s, 93784s", "0s, 0s"})
    void isWrittenInUnitsFromTheLargestDown(String written, String api) {
        assertThat(ShortDuration.parse(written)).hasToString(api);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "3", "d", "3w", "-3d", "3 d", "1m1h", "1.5h", "9999999999d", "P3D"})
    void refusesWhatIsNotADurationAndShowsOne(String written) {
        assertThatThrownBy(() -> ShortDuration.parse(written)).hasMessageContaining("90s, 15m, 36h or 3d");
    }
}
