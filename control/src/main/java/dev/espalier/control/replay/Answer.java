package dev.espalier.control.replay;

import java.util.List;

/** What a statement has led to. Nothing of what was in its rows can be read from it. */
public sealed interface Answer {

    /**
     * Rows.
     *
     * @param whole a sum over all rows, in whatever order they came
     */
    record Rows(long count, List<Column> columns, Digest whole) implements Answer {
        public Rows {
            columns = List.copyOf(columns);
        }
    }

    /** @param values a sum over the column's values, in whatever order they came */
    record Column(String name, Digest values) {}

    /** More rows, or larger ones, than are compared. */
    record TooLarge() implements Answer {}

    /** No end in time. */
    record TooSlow() implements Answer {}

    /** An error; its words may quote values. */
    record Failure(String sqlState) implements Answer {}
}
