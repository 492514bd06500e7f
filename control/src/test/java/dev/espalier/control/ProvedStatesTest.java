package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.admission.Stamp;
import dev.espalier.control.request.Address;
import dev.espalier.identity.Principal;
import dev.espalier.testing.TestWait;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was proved of a database is not proved of its copies again, and of nothing else. */
class ProvedStatesTest extends GovernedShop {

    /** What the rules have made of it, and what a migration has. */
    private static final String STATE = """
            SELECT concat_ws(' ', (SELECT string_agg(definition, ';' ORDER BY viewname) FROM pg_views WHERE schemaname = 'espalier_seen'),
                             to_regclass('public.changed'))
            """;

    @BeforeEach
    void tellStates() {
        test.admission.state = session -> {
            try (var statement = session.createStatement();
                    var rows = statement.executeQuery(STATE)) {
                rows.next();
                return Optional.of(new Stamp("shop", rows.getString(1)));
            }
        };
    }

    @AfterEach
    void drop() {
        test.admission.state = session -> Optional.empty();
        test.admission.remembers = true;
        for (Branch branch :
                test.plane.branches().list("shop", 100, Optional.empty(), false).items()) {
            if (!branch.isDefault()) {
                test.succeed(test.plane.branches().delete(CALLER, "shop", branch.branchId(), true));
            }
        }
    }

    private static void signIn(String branch) {
        Principal ann = test.plane.principals().named("ann").orElseThrow();
        var _ = test.plane
                .logins()
                .open(ann, Optional.empty(), Address.parse("shop/" + DATABASE + "@" + branch), Optional.empty());
    }

    /** Makes rules and a first branch, and waits until the state of both under these rules is known. */
    private static void govern() {
        define(mask());
        test.succeed(branch("first"));
        long epoch = test.admission.admitted.getLast().rules().epoch();
        TestWait.until(() -> test.admission.remembered.contains(epoch));
        test.admission.admitted.clear();
    }

    @Test
    void aCopyOfWhatWasProvedUnderTheRulesOfNowIsOpenedWithoutAnotherProof() throws SQLException {
        govern();

        test.succeed(branch("second"));
        assertThat(test.admission.admitted).isEmpty();
        assertThat(seen("second")).isEqualTo("hidden");
        signIn("second");

        test.succeed(test.plane.endpoints().suspend(CALLER, "shop", "second", Endpoint.PRIMARY));
        test.succeed(test.plane.endpoints().wake(CALLER, "shop", "second", Endpoint.PRIMARY));
        signIn("second");
        assertThat(test.admission.admitted).as("also after a sleep").isEmpty();
    }

    @Test
    void whatHasChangedSinceIsProved() throws SQLException {
        govern();
        test.admission.remembers = false;
        test.execute("production", "CREATE TABLE changed (id integer)");

        test.succeed(branch("third"));
        assertThat(test.admission.admitted)
                .extracting(TestAdmission.Admitted::database)
                .contains(DATABASE);
        test.execute("production", "DROP TABLE changed");
    }

    @Test
    void whatSleepsWhileTheRulesChangeIsBroughtUnderThem() throws SQLException {
        govern();
        test.succeed(test.plane.endpoints().suspend(CALLER, "shop", "first", Endpoint.PRIMARY));
        define(mask("hide_phone", Set.of("analysts"), Set.of(), "phone"));

        test.succeed(test.plane.endpoints().wake(CALLER, "shop", "first", Endpoint.PRIMARY));
        assertThat(test.query("first", "SELECT coalesce(phone, 'hidden') FROM espalier_seen.people"))
                .isEqualTo("hidden");
    }

    @Test
    void whatIsAskedToBeProvedIsProvedWhateverIsKnown() {
        govern();

        var _ = test.plane.attestations().verify(CALLER, "shop", "production");
        assertThat(test.admission.admitted)
                .extracting(TestAdmission.Admitted::database)
                .contains(DATABASE);
    }
}
