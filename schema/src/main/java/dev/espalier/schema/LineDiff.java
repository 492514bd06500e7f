package dev.espalier.schema;

import java.util.ArrayList;
import java.util.List;

/** The lines that differ between two texts, by their longest common subsequence. */
final class LineDiff {

    /** Past this many lines a side, all lines count as different: the table would be as large as their product. */
    private static final int LIMIT = 2000;

    private LineDiff() {}

    /** Removed lines after {@code "- "} and added ones after {@code "+ "}, in their order; equal lines are left out. */
    static List<String> between(String before, String after) {
        List<String> a = before.lines().toList();
        List<String> b = after.lines().toList();
        boolean large = a.size() > LIMIT || b.size() > LIMIT;
        int[][] common = large ? new int[a.size() + 1][1] : lengths(a, b);
        List<String> lines = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < a.size() || j < b.size()) {
            if (!large && i < a.size() && j < b.size() && a.get(i).equals(b.get(j))) {
                i++;
                j++;
            } else if (i < a.size() && (large || j == b.size() || common[i + 1][j] >= common[i][j + 1])) {
                lines.add("- " + a.get(i++));
            } else {
                lines.add("+ " + b.get(j++));
            }
        }
        return lines;
    }

    private static int[][] lengths(List<String> a, List<String> b) {
        int[][] common = new int[a.size() + 1][b.size() + 1];
        for (int i = a.size() - 1; i >= 0; i--) {
            for (int j = b.size() - 1; j >= 0; j--) {
                common[i][j] = a.get(i).equals(b.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        return common;
    }
}
