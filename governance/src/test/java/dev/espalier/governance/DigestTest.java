package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DigestTest {

    @Test
    void noTwoValuesAreTheSameThatPrintAlike() {
        Stream<List<Object>> values = Stream.of(
                List.of("a", "b"),
                List.of("ab"),
                List.of("a\0b"),
                List.of("a, b"),
                List.of("[a, b]"),
                List.of(List.of("a", "b")),
                List.of(List.of("a"), "b"),
                List.of("a", List.of("b")),
                List.of(List.of("a, b")),
                List.of(List.of("a"), List.of("b")),
                List.of(Optional.of("a"), Optional.empty(), "b"),
                List.of(new TreeMap<>(Map.of("a", "b"))),
                List.of("{a=b}"),
                List.of(new Frame.Absent("a", "b", "c")),
                List.of(new Frame.Absent("a, b", "c", "")),
                List.of());

        assertThat(values.map(parts -> new Digest().add(parts.toArray()).hex())).doesNotHaveDuplicates();
    }

    @Test
    void whatHasNoOrderIsRefused() {
        assertThatThrownBy(() -> new Digest().add(Set.of("a", "b"))).hasMessageContaining("no parts in an order");
    }
}
