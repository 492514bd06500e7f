package dev.espalier.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListeningTest {

    @ParameterizedTest
    @CsvSource({"0.0.0.0, 127.0.0.1", "::, ::1", "127.0.0.2, 127.0.0.2", "espalier.invalid, espalier.invalid"})
    void fromThisMachineOneAddressOfAllIsCalled(String host, String called) {
        assertThat(Listening.fromThisMachine(host)).isEqualTo(called);
    }
}
