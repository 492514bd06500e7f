package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import dev.espalier.testing.TestWait;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first moment of a branch that can be reached is one of its own. */
class BeginningOfHistoryTest {

    private static final String SHOP = "shop";
    private static final String SOURCE = Projects.FIRST_BRANCH;
    private static final String CHILD = "child";

    @Test
    void noMomentOfAChildHasThePasswordsAndSubscriptionsOfItsProtectedSource(@TempDir Path directory)
            throws SQLException {
        try (TestPlane test = TestPlane.start(directory, KillTest.BACKEND)) {
            test.succeed(test.plane.projects().create(CALLER, SHOP, PLAIN));
            test.succeed(test.plane
                    .branches()
                    .update(CALLER, SHOP, SOURCE, new BranchChange(Optional.of(true), Optional.empty())));
            String verifier = asSuperuser(test, SOURCE, """
                    CREATE ROLE r LOGIN PASSWORD 'secret';
                    CREATE SUBSCRIPTION s CONNECTION 'host=/nowhere' PUBLICATION p WITH (connect = false);
                    SELECT rolpassword FROM pg_authid WHERE rolname = 'r'
                    """);
            create(test, CHILD, SOURCE, new Moment.Now());
            TestWait.until(
                    () -> !test.plane.insight().history(SHOP, CHILD).snapshots().isEmpty());
            Moment first = new Moment.Position(
                    test.plane.insight().history(SHOP, CHILD).earliestLsn());
            test.execute(CHILD, "CREATE TABLE later ()");

            create(test, "from-its-first", CHILD, first);
            test.succeed(test.plane.branches().restore(CALLER, SHOP, CHILD, first, Optional.of("kept")));
            for (String branch : new String[] {"from-its-first", CHILD, "kept"}) {
                assertThat(asSuperuser(test, branch, "SELECT rolpassword FROM pg_authid WHERE rolname = 'r'"))
                        .as(branch)
                        .isNotEqualTo(verifier);
                assertThat(asSuperuser(test, branch, "SELECT count(*) FROM pg_subscription"))
                        .as(branch)
                        .isEqualTo("0");
            }
        } finally {
            TestPlane.stopLeftovers(directory);
        }
    }

    private static void create(TestPlane test, String branch, String source, Moment moment) {
        NewBranch wanted = new NewBranch(Optional.of(source), moment, false, new Expiration.Never());
        test.succeed(test.plane.branches().create(CALLER, SHOP, branch, wanted, false));
    }

    /** The first value of the last statement. */
    private static String asSuperuser(TestPlane test, String branch, String sql) throws SQLException {
        Endpoint primary = test.plane.endpoints().get(SHOP, branch, Endpoint.PRIMARY);
        test.plane.endpoints().wake(primary.uid());
        try (var session = test.engine.connect(primary.uid(), ProjectWork.FIRST_DATABASE);
                var statement = session.createStatement()) {
            String last = "";
            for (String each : sql.split(";", -1)) {
                if (statement.execute(each)) {
                    var rows = statement.getResultSet();
                    rows.next();
                    last = rows.getString(1);
                }
            }
            return last;
        }
    }
}
