package dev.espalier.cli.output;

import java.util.List;
import tools.jackson.databind.JsonNode;

/** Everything about one resource, a field a line: nested fields by their path, lists of objects an element a line. */
final class Details {
    private final Table table = new Table();

    private Details() {}

    static String of(JsonNode resource) {
        Details details = new Details();
        resource.propertyStream()
                .forEach(field -> details.add("status".equals(field.getKey()) ? "" : field.getKey(), field.getValue()));
        return details.table.text();
    }

    private void add(String path, JsonNode value) {
        if (value.isObject()) {
            value.propertyStream()
                    .forEach(field ->
                            add(path.isEmpty() ? field.getKey() : path + "." + field.getKey(), field.getValue()));
        } else if (value.isArray() && value.path(0).isObject()) {
            value.valueStream().forEach(element -> table.row(List.of(path, Cell.plain(element))));
        } else {
            table.row(List.of(path, cell(path).of(value)));
        }
    }

    private static Cell cell(String path) {
        if (path.endsWith("_bytes")) {
            return Cell::bytes;
        }
        return path.endsWith("_seconds") || path.endsWith("_duration") ? Cell::duration : Cell::plain;
    }
}
