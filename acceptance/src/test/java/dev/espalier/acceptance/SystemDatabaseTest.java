package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What each principal reads and says on the database system, in sessions through the gateway. */
class SystemDatabaseTest {

    private static final String CATALOGS = "SELECT catalog_name FROM system.information_schema.catalogs ORDER BY 1";

    private static GovernedServer server;

    @BeforeAll
    static void start() throws IOException, InterruptedException, SQLException, TimeoutException {
        server = new GovernedServer(new TestHome());
        server.principals("owner", "analyst", "stranger", "claude");
        server.group("team", "owner", "analyst");
        server.project("shop", 18, "team");
        server.project("other", 18);
        server.say("ALTER CATALOG shop OWNER TO `owner`", "GRANT USE CATALOG ON CATALOG shop TO `analyst`");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void everybodySignsInAndSeesTheCatalogsThatHeMayKnowOf() throws SQLException, IOException {
        assertThat(read(GovernedServer.ADMINISTRATOR, CATALOGS)).contains("shop", "other");
        assertThat(read("owner", CATALOGS)).containsExactly("shop");
        assertThat(read("analyst", CATALOGS)).containsExactly("shop");
        assertThat(read("stranger", CATALOGS)).isEmpty();
    }

    private static List<String> read(String principal, String sql) throws SQLException {
        try (Connection session = server.connect(principal, "system", "extended")) {
            return query(session, sql);
        }
    }

    private static List<String> query(Connection session, String sql) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }
}
