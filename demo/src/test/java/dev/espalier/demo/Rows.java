package dev.espalier.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads small results. */
final class Rows {

    /** The tables and the order-sensitive hash of what is in each, row by row as stored. */
    static Map<String, String> hashes(Connection connection) throws SQLException {
        Map<String, String> hashes = new LinkedHashMap<>();
        for (String table :
                strings(connection, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")) {
            String hash = "SELECT coalesce(md5(string_agg(t::text, chr(10) ORDER BY ctid)), 'empty') FROM public."
                    + table + " t";
            hashes.put(table, strings(connection, hash).getFirst());
        }
        return hashes;
    }

    static long number(Connection connection, String query) throws SQLException {
        return Long.parseLong(strings(connection, query).getFirst());
    }

    /** The first column of every row. */
    static List<String> strings(Connection connection, String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                values.add(String.valueOf(rows.getString(1)));
            }
        }
        return values;
    }

    private Rows() {}
}
