package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.governance.Attacks.Attacker;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything in {@code attacks.txt}, by a reader and a writer whom masks bind, with both of the driver's protocols. */
@ExtendWith(Servers.class)
class AttackTest {

    private final Attacks attacks = new Attacks();

    static int[] versions() {
        return Servers.versions();
    }

    private List<Attacks.Leak> run(Shop shop, String role, String other, String mode) throws SQLException {
        Attacks.Door door = () -> shop.server.connect(shop.database, role, mode);
        List<Attacks.Leak> leaks = attacks.run(door, Attacker.of(shop.admin, role, other));
        // PostgreSQL cannot hide those; the gateway does.
        leaks.removeIf(leak -> leak.where().equals(Attacks.NOTIFICATION));
        return leaks;
    }

    @Test
    void thereAreEnough() {
        assertThat(attacks.count()).isGreaterThanOrEqualTo(250);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void noStatementShowsAnythingRaw(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            List<Attacks.Leak> leaks = new ArrayList<>();
            leaks.addAll(run(shop, shop.analyst, shop.exempt, "simple"));
            leaks.addAll(run(shop, shop.analyst, shop.writer, "extended"));
            leaks.addAll(run(shop, shop.writer, shop.analyst, "simple"));
            leaks.addAll(run(shop, shop.writer, shop.exempt, "extended"));
            assertThat(leaks).isEmpty();
            assertThat(Attacks.masked(() -> shop.as(shop.analyst))).contains("S***@corp.example");
            assertThat(Attacks.masked(() -> shop.as(shop.writer))).contains("S***@corp.example");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void theSuiteSeesLeaksWhereThereAreSome(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            shop.run(
                    "BEGIN",
                    "SELECT espalier_governance.begin_work()",
                    "GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA app TO " + shop.analyst,
                    "ALTER ROLE " + shop.analyst + " BYPASSRLS",
                    "GRANT EXECUTE ON FUNCTION app.find_email TO " + shop.analyst,
                    "SELECT espalier_governance.end_work()",
                    "COMMIT");
            assertThat(run(shop, shop.analyst, shop.exempt, "simple")).hasSizeGreaterThan(40);
            assertThat(shop.probe()).isNotEmpty();
            shop.govern();
            assertThat(shop.probe()).isEmpty();
        }
    }
}
