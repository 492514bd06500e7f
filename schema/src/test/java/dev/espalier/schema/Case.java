package dev.espalier.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One change of the fixture schema and what is said about it.
 *
 * @param name what changes
 * @param since the oldest major version that can do it
 * @param before SQL that prepares the old schema; may be empty
 * @param change SQL that makes the new schema of the old one
 * @param shown the text of the difference
 */
record Case(String name, int since, String before, String change, String shown) {

    private static final Pattern TITLE = Pattern.compile("-- case(?: since (\\d+))?: (.*)");

    /** All cases of a file; the lines that begin with {@code -- |} are the text. */
    static List<Case> read(String resource) {
        List<Case> cases = new ArrayList<>();
        for (String block : Databases.resource(resource).split("(?m)^(?=-- case)")) {
            Matcher title = TITLE.matcher(block);
            if (title.lookingAt()) {
                String shown = lines(block, true);
                String[] sql = lines(block, false).split("(?m)^-- then\n");
                cases.add(new Case(
                        title.group(2),
                        title.group(1) == null ? 15 : Integer.parseInt(title.group(1)),
                        sql.length > 1 ? sql[0] : "",
                        sql[sql.length - 1],
                        shown));
            }
        }
        return cases;
    }

    private static String lines(String block, boolean shown) {
        StringBuilder lines = new StringBuilder();
        for (String line : block.split("\n", -1)) {
            if (line.startsWith("-- |") && shown) {
                lines.append(line.substring("-- |".length())).append('\n');
            } else if (!line.startsWith("-- |") && !line.startsWith("-- case") && !shown) {
                lines.append(line).append('\n');
            }
        }
        return lines.toString();
    }

    @Override
    public String toString() {
        return name;
    }
}
