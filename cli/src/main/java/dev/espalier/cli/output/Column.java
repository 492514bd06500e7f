package dev.espalier.cli.output;

import tools.jackson.databind.JsonNode;

/**
 * One column of a view.
 *
 * @param pointer where the value is in the resource, as a JSON Pointer
 * @param optional true when the column is left out of tables in which no row has a value
 */
record Column(String header, String pointer, Cell cell, boolean optional) {

    static Column of(String header, String pointer) {
        return of(header, pointer, Cell::plain);
    }

    static Column of(String header, String pointer, Cell cell) {
        return new Column(header, pointer, cell, false);
    }

    /** This column, shown only where it says something. */
    Column whenPresent() {
        return new Column(header, pointer, cell, true);
    }

    String of(JsonNode resource) {
        return cell.of(resource.at(pointer));
    }
}
