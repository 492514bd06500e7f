package dev.espalier.cli.output;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Rows of text in aligned columns, two blanks apart. */
public final class Table {
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    /** Adds a row; all rows have the same number of cells. */
    public Table row(List<String> cells) {
        rows.add(cells.stream().map(Table::printable).toList());
        return this;
    }

    /** One line per row, each ended by a line feed, without blanks at the end. */
    public String text() {
        List<Integer> widths = widths();
        return rows.stream()
                .map(row -> IntStream.range(0, row.size())
                        .mapToObj(i -> padded(row.get(i), widths.get(i)))
                        .collect(joining(GAP))
                        .stripTrailing())
                .map(line -> line + "\n")
                .collect(joining());
    }

    /**
     * What comes from elsewhere (an application's name in the record of calls, say) must not steer the terminal or break the
     * line.
     */
    public static String printable(String text) {
        return text.codePoints()
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private List<Integer> widths() {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        return IntStream.range(0, columns)
                .mapToObj(i ->
                        rows.stream().mapToInt(row -> width(row.get(i))).max().orElse(0))
                .toList();
    }

    private static String padded(String cell, int width) {
        return cell + " ".repeat(width - width(cell));
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
