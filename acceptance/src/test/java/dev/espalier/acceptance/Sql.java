package dev.espalier.acceptance;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** Sessions of one role on one endpoint, over its socket. */
record Sql(String host, String database, String role) {

    static final String USUAL_DATABASE = "databricks_postgres";

    /** What the first column says, row by row. */
    List<String> query(String sql) throws SQLException {
        try (Connection session = connect();
                Statement statement = session.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }

    void execute(String sql) throws SQLException {
        try (Connection session = connect();
                Statement statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", role);
        properties.setProperty("socketFactory", "org.newsclub.net.unix.AFUNIXSocketFactory$FactoryArg");
        properties.setProperty("socketFactoryArg", host + "/.s.PGSQL.5432");
        properties.setProperty("sslmode", "disable");
        return DriverManager.getConnection("jdbc:postgresql://localhost/" + database, properties);
    }
}
