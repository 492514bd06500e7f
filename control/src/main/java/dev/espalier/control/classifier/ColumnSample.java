package dev.espalier.control.classifier;

import java.util.List;

/**
 * Some of a column's values, as texts, without NULL and empty ones.
 *
 * @param column its name
 * @param isDate whether it holds dates, of which only birthdays say something of people
 */
public record ColumnSample(String column, boolean isDate, List<String> values) {

    public ColumnSample {
        values = List.copyOf(values);
    }
}
