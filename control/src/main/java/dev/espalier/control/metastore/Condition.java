package dev.espalier.control.metastore;

import java.util.Map;

/** A condition on the tags of a table or a column, as policies have it. */
public sealed interface Condition {

    /** Whether it holds for something with these tags, value by key; a tag without a value has the empty one. */
    boolean holds(Map<String, String> tags);

    record Always() implements Condition {
        @Override
        public boolean holds(Map<String, String> tags) {
            return true;
        }
    }

    record HasTag(String key) implements Condition {
        @Override
        public boolean holds(Map<String, String> tags) {
            return tags.containsKey(key);
        }
    }

    record HasTagValue(String key, String value) implements Condition {
        @Override
        public boolean holds(Map<String, String> tags) {
            return value.equals(tags.get(key));
        }
    }

    record Not(Condition condition) implements Condition {
        @Override
        public boolean holds(Map<String, String> tags) {
            return !condition.holds(tags);
        }
    }

    record And(Condition left, Condition right) implements Condition {
        @Override
        public boolean holds(Map<String, String> tags) {
            return left.holds(tags) && right.holds(tags);
        }
    }

    record Or(Condition left, Condition right) implements Condition {
        @Override
        public boolean holds(Map<String, String> tags) {
            return left.holds(tags) || right.holds(tags);
        }
    }
}
