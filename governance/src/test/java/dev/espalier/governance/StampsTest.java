package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.admission.Stamp;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Copies of a database that was proved are told from what has become of it. What else changes a stamp is in {@link SabotageTest}. */
@ExtendWith(Servers.class)
class StampsTest {

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aDatabaseThatIsUnderNoRulesHasNone(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            assertThat(Stamps.read(shop.admin)).isEmpty();

            shop.run("CREATE SCHEMA espalier_governance AUTHORIZATION " + shop.manager);
            shop.run("CREATE TABLE espalier_governance.stamp AS SELECT gen_random_uuid() AS id");

            assertThat(Stamps.read(shop.admin)).as("made by somebody else").isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void dataStatisticsAndPasswordsAreNoPartOfIt(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            // What belongs to the tables that keep long values is made with their first.
            shop.run("VACUUM");
            Optional<Stamp> before = Stamps.renew(shop.admin);

            shop.run("INSERT INTO app.products SELECT max(id) + 1, 'more' FROM app.products");
            shop.run("ANALYZE app.products", "VACUUM app.products");
            shop.run("ALTER ROLE " + shop.analyst + " PASSWORD 'another'");
            shop.read(shop.analyst, "SELECT * FROM customers");
            shop.governor.prepareRole(shop.admin, shop.analyst);
            shop.governor.prepareRole(shop.admin, shop.analyst);

            assertThat(Stamps.read(shop.admin)).isPresent().isEqualTo(before);
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void statesThatHaveGoneDifferentWaysAreTold(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            Optional<Stamp> proved = Stamps.renew(shop.admin);

            shop.run("CREATE VIEW app.one AS SELECT 1");
            Optional<Stamp> one = Stamps.read(shop.admin);
            shop.run("DROP VIEW app.one", "CREATE VIEW app.one AS SELECT 1");
            Optional<Stamp> another = Stamps.read(shop.admin);

            assertThat(one).isPresent().isNotEqualTo(proved);
            assertThat(another).isPresent().isNotEqualTo(proved).isNotEqualTo(one);
            assertThat(Stamps.renew(shop.admin).map(Stamp::digest))
                    .as("another id is no other state")
                    .isEqualTo(another.map(Stamp::digest));
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatIsWrittenWhileOneIsGivenMakesAnotherState(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version);
                Connection migration = shop.server.connect(shop.database);
                var statement = migration.createStatement()) {
            shop.govern();
            statement.execute("BEGIN");
            statement.execute("CREATE TABLE app.under_way (id integer)");

            Optional<Stamp> proved = Stamps.renew(shop.admin);
            assertThat(Stamps.read(shop.admin)).isEqualTo(proved);
            statement.execute("COMMIT");

            assertThat(Stamps.read(shop.admin)).isPresent().isNotEqualTo(proved);
        }
    }
}
