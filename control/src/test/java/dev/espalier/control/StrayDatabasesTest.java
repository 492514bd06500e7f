package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.admission.Attestation;
import dev.espalier.control.request.Address;
import dev.espalier.identity.Principal;
import dev.espalier.testing.TestWait;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Databases that SQL has brought under another name than the one that their catalog goes by. */
class StrayDatabasesTest extends GovernedShop {

    private static Principal bob;

    @BeforeEach
    void govern() {
        define(mask());
        bob = test.plane.principals().named("bob").orElseThrow();
    }

    /** Others may be at work in the database for a moment: Espalier, or autovacuum. */
    private static void whenIdle(String sql) {
        TestWait.until(() -> {
            inDatabase("postgres", sql);
            return true;
        });
    }

    private static void signIn(Principal who, String database) {
        signIn(who, database, Optional.empty());
    }

    private static void signIn(Principal who, String database, Optional<String> only) {
        var _ = test.plane.logins().open(who, Optional.empty(), Address.parse("shop/" + database), only);
    }

    @Test
    void nobodyIsLetInToACopyOfAGovernedDatabase() throws SQLException {
        inDatabase("postgres", "CREATE DATABASE elsewhere");
        signIn(bob, "elsewhere");
        whenIdle("CREATE DATABASE twin TEMPLATE " + DATABASE);
        assertThatThrownBy(() -> signIn(bob, "twin"))
                .hasMessageContaining("a copy of it, under another name")
                .hasMessageContaining("DROP DATABASE \"twin\"");
        whenIdle("DROP DATABASE twin");
        whenIdle("DROP DATABASE elsewhere");
    }

    @Test
    void aGovernedDatabaseThatIsRenamedIsNeitherOpenedNorComparedAndIsFound() throws SQLException {
        inDatabase("postgres", "CREATE DATABASE elsewhere");
        signIn(bob, "elsewhere");
        whenIdle("DROP DATABASE elsewhere");
        whenIdle("ALTER DATABASE " + DATABASE + " RENAME TO elsewhere");
        String undone = "ALTER DATABASE \"elsewhere\" RENAME TO \"" + DATABASE + "\"";

        assertThatThrownBy(() -> signIn(bob, "elsewhere"))
                .as("to whom was there just before, when it was another one")
                .hasMessageContaining(undone);
        assertThatThrownBy(() -> test.plane
                        .insight()
                        .schemaDiff(bob, "shop", "production", "production", Optional.of("elsewhere")))
                .hasMessageContaining(undone);
        assertThat(test.plane
                        .attestations()
                        .verify(CALLER, "shop", "production")
                        .databases())
                .satisfiesExactly(
                        lost -> {
                            assertThat(lost.database())
                                    .as("the catalog's own is not there")
                                    .isEqualTo(DATABASE);
                            assertThat(lost.present()).isFalse();
                            assertThat(lost.proof().governed()).isFalse();
                        },
                        database -> {
                            assertThat(database.catalog()).isEqualTo(DATABASE);
                            assertThat(database.database()).isEqualTo("elsewhere");
                            assertThat(database.present()).isTrue();
                            assertThat(database.proof().governed()).isFalse();
                            assertThat(database.proof().warnings())
                                    .singleElement()
                                    .satisfies(warning -> assertThat(warning).contains(undone));
                        });

        whenIdle(undone);
        assertThat(test.plane
                        .attestations()
                        .verify(CALLER, "shop", "production")
                        .databases())
                .extracting(Attestation.Database::database)
                .containsExactly(DATABASE);
        signIn(bob, DATABASE);
    }

    @Test
    void anotherDatabaseUnderAGovernedNameComesUnderTheRulesBeforeAnybodyIsLetIn() {
        signIn(bob, DATABASE);
        whenIdle("ALTER DATABASE " + DATABASE + " RENAME TO aside");
        whenIdle("CREATE DATABASE " + DATABASE);
        test.admission.makesViews = false;
        test.admission.admitted.clear();

        signIn(test.plane.principals().named("ann").orElseThrow(), DATABASE);

        assertThat(test.admission.admitted)
                .extracting(TestAdmission.Admitted::database)
                .containsExactly(DATABASE);
        test.admission.makesViews = true;
        whenIdle("DROP DATABASE " + DATABASE);
        whenIdle("ALTER DATABASE aside RENAME TO " + DATABASE);
    }

    @Test
    void whatIsDroppedOrClosedWhileABranchIsVerifiedIsPassedOver() throws SQLException {
        for (String database : List.of("early", "later", "shut")) {
            inDatabase("postgres", "CREATE DATABASE " + database);
        }
        test.admission.asked = session -> {
            test.admission.asked = _ -> {};
            inDatabase("postgres", "DROP DATABASE later");
            inDatabase("postgres", "ALTER DATABASE shut ALLOW_CONNECTIONS false");
        };
        assertThat(test.plane
                        .attestations()
                        .verify(CALLER, "shop", "production")
                        .databases())
                .extracting(Attestation.Database::database)
                .containsExactly(DATABASE);
        assertThat(test.query("production", "SELECT count(*) FROM pg_database WHERE datname = 'later'"))
                .isEqualTo("0");
        whenIdle("DROP DATABASE early");
        whenIdle("DROP DATABASE shut");
    }

    @Test
    void aSignInToADatabaseThatIsTheSameAsJustBeforeOpensNoSessionInItAndWakesNothing() throws SQLException {
        inDatabase("postgres", "CREATE DATABASE elsewhere");
        NewEndpoint wanted = new NewEndpoint(Endpoint.Type.READ_ONLY, Optional.empty(), Optional.empty(), false);
        test.succeed(test.plane.endpoints().create(CALLER, "shop", "production", "replica", wanted, false));
        Endpoint primary = test.plane.endpoints().get("shop", "production", Endpoint.PRIMARY);
        Endpoint replica = test.plane.endpoints().get("shop", "production", "replica");
        signIn(bob, "elsewhere");
        inDatabase("postgres", "ALTER DATABASE elsewhere ALLOW_CONNECTIONS false");
        signIn(bob, "elsewhere");
        inDatabase("postgres", "ALTER DATABASE elsewhere ALLOW_CONNECTIONS true");

        signIn(bob, "elsewhere", Optional.of(replica.uid()));
        test.succeed(test.plane.endpoints().suspend(CALLER, "shop", "production", Endpoint.PRIMARY));
        signIn(bob, "elsewhere", Optional.of(replica.uid()));
        assertThat(test.engine.isRunning(primary.uid())).isFalse();

        test.plane.endpoints().wake(primary.uid());
        test.succeed(test.plane.endpoints().delete(CALLER, "shop", "production", "replica"));
        whenIdle("DROP DATABASE elsewhere");
    }
}
