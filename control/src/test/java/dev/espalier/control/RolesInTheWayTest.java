package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.request.Address;
import dev.espalier.identity.Principal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Nobody keeps a policy from binding him by what he does with his own role. */
class RolesInTheWayTest extends GovernedShop {

    @Test
    void whoHasPreparedAChangeOfHisRoleInADatabaseThatHeHasShutComesUnderAPolicyNevertheless() throws SQLException {
        Principal bob = test.plane.principals().named("bob").orElseThrow();
        test.plane.logins().open(bob, Optional.empty(), Address.parse("shop/" + DATABASE), Optional.empty());
        // Who owns a database can shut it, also to the superuser.
        try (Connection session = test.connectAs("bob", "production", DATABASE);
                var statement = session.createStatement()) {
            statement.execute("CREATE DATABASE shut");
        }
        try (Connection session = test.connectAs("bob", "production", "shut");
                var statement = session.createStatement()) {
            statement.execute("BEGIN");
            statement.execute("ALTER ROLE CURRENT_USER PASSWORD 'other'");
            statement.execute("PREPARE TRANSACTION 'own'");
        }
        try (Connection session = test.connectAs("bob", "production", DATABASE);
                var statement = session.createStatement()) {
            statement.execute("ALTER DATABASE shut ALLOW_CONNECTIONS false");
        }

        define(mask("hide_email", Set.of("testers"), Set.of(), "email"));

        assertThat(isSuperuser("bob")).isEqualTo("f");
        assertThat(test.query("production", "SELECT count(*) FROM pg_prepared_xacts"))
                .isEqualTo("0");
        assertThat(test.query("production", "SELECT datallowconn FROM pg_database WHERE datname = 'shut'"))
                .isEqualTo("f");
    }
}
