package dev.espalier.server.door;

import java.util.List;
import java.util.stream.Collectors;

/** Queries that make PostgreSQL give an answer that is known already, so that every client gets it as it asked. */
final class AnswerQuery {

    private AnswerQuery() {}

    /** A table of texts. */
    static String rows(List<String> columns, List<List<String>> rows) {
        String names = columns.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", "));
        if (rows.isEmpty()) {
            return "SELECT "
                    + columns.stream()
                            .map(name -> "NULL::pg_catalog.text AS \"" + name + '"')
                            .collect(Collectors.joining(", "))
                    + " WHERE false";
        }
        return "SELECT * FROM (VALUES "
                + rows.stream()
                        .map(row -> row.stream()
                                .map(value -> literal(value) + "::pg_catalog.text")
                                .collect(Collectors.joining(", ", "(", ")")))
                        .collect(Collectors.joining(", "))
                + ") AS answer (" + names + ")";
    }

    /** No rows, and notices. */
    static String done(List<String> notices) {
        return "DO "
                + literal(notices.stream()
                        .map(notice -> "RAISE NOTICE '%', " + literal(notice) + ";")
                        .collect(Collectors.joining(" ", "BEGIN ", " END")));
    }

    /** Means the same whatever standard_conforming_strings is. */
    private static String literal(String text) {
        String quoted = text.replace("\0", "").replace("'", "''");
        return quoted.contains("\\") ? " E'" + quoted.replace("\\", "\\\\") + "'" : "'" + quoted + "'";
    }
}
