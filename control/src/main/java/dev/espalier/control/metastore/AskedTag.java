package dev.espalier.control.metastore;

import java.util.Optional;
import java.util.stream.Stream;

/** A tag that a condition asks for. */
record AskedTag(String key, Optional<String> value) {

    static Stream<AskedTag> in(Condition condition) {
        return switch (condition) {
            case Condition.Always() -> Stream.empty();
            case Condition.HasTag(String key) -> Stream.of(new AskedTag(key, Optional.empty()));
            case Condition.HasTagValue(String key, String value) -> Stream.of(new AskedTag(key, Optional.of(value)));
            case Condition.Not(Condition inside) -> in(inside);
            case Condition.And(Condition left, Condition right) -> Stream.concat(in(left), in(right));
            case Condition.Or(Condition left, Condition right) -> Stream.concat(in(left), in(right));
        };
    }
}
