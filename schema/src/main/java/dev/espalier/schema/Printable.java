package dev.espalier.schema;

/** Names and values come from the database: whatever is in them, a line stays one line and shows what it holds. */
final class Printable {

    private Printable() {}

    /** The text with its control and format characters escaped. */
    static String onOneLine(String text) {
        StringBuilder line = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                line.append(String.format("\\u%04x", c));
            } else {
                line.appendCodePoint(c);
            }
        });
        return line.toString();
    }
}
