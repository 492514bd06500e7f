package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.DefinedPolicy;
import dev.espalier.control.request.Address;
import dev.espalier.postgres.RunningServers;
import dev.espalier.testing.TestWait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a change of rules once it is made: it comes into force, and who has made it hears what there is to say. */
class RulesInForceTest extends GovernedShop {

    private Endpoint primary;

    @BeforeEach
    void wake() {
        define(mask());
        primary = test.plane.endpoints().get("shop", "production", Endpoint.PRIMARY);
        test.plane.endpoints().wake(primary.uid());
    }

    @AfterEach
    void calm() {
        test.admission.first = session -> {};
        test.admission.warnings = List.of();
    }

    private static Changed<DefinedPolicy> hidePhone() {
        return define(mask("hide_phone", Set.of("analysts"), Set.of(), "phone"));
    }

    @Test
    void aBranchThatCannotBeBroughtUnderAChangeIsStoppedAlsoWhileTheControlDatabaseIsAway() throws Exception {
        Path system = test.directory.resolve("system");
        test.admission.first = session -> {
            test.admission.first = other -> {};
            takeAway(system);
            throw new SQLException("the branch is lost");
        };
        Changed<DefinedPolicy> made = hidePhone();
        boolean runs = test.engine.isRunning(primary.uid());
        Files.move(system.resolve("away"), system.resolve("data"));

        assertThat(runs).isFalse();
        assertThat(made.after()).isPresent();
        assertThat(made.warnings()).anyMatch(warning -> warning.contains("is suspended"));
        TestWait.until(
                "the control database is there again",
                () -> !test.rows("SELECT 'it'").isEmpty());
        assertThat(seen("production")).isEqualTo("hidden");
    }

    private static void takeAway(Path system) {
        try {
            Files.move(system.resolve("data"), system.resolve("away"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        RunningServers.stopAll(system);
    }

    @Test
    void aChangeThatIsMadeAndCouldNotBePutInForceIsToldSoAndComesIntoForceByItself() {
        user("leaver");
        AccessLists.Wanted leaver = new AccessLists.Wanted("leaver", Optional.empty(), Permission.CAN_USE);
        test.plane.access().change(root, "shop", List.of(leaver), false);
        Logins.Destination open = test.plane
                .logins()
                .open(
                        test.plane.principals().named("leaver").orElseThrow(),
                        Optional.empty(),
                        Address.parse("shop/" + DATABASE),
                        Optional.empty());
        Directory.Entry entry = test.plane
                .directory()
                .get(test.plane.principals().named("leaver").orElseThrow());
        // Sessions of the removed end when it is committed, and before branches are brought under it.
        var _ = test.plane
                .logins()
                .enter(open, "psql", _ -> {}, () -> test.change("ALTER TABLE control.endpoint RENAME TO away"));

        Changed<Directory.Entry> gone = test.plane.directory().delete(root, entry.kind(), entry.id());
        boolean knew = lastRulesKnow("leaver");
        test.change("ALTER TABLE control.away RENAME TO endpoint");

        assertThat(gone.before()).isPresent();
        assertThat(gone.warnings()).anyMatch(warning -> warning.contains("This is tried again"));
        assertThat(knew).isTrue();
        TestWait.until("the branch is under the change", () -> !lastRulesKnow("leaver"));
    }

    private static boolean lastRulesKnow(String name) {
        return test.admission.admitted.getLast().rules().subjects().stream()
                .anyMatch(subject -> subject.name().equals(name));
    }

    @Test
    void whereItIsNotKnownWhetherAChangeIsMadeBranchesAreBroughtUnderWhatIs() {
        test.change("""
                CREATE FUNCTION control.lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''lost''; END'
                """);
        test.change("CREATE CONSTRAINT TRIGGER lose AFTER INSERT ON control.policy DEFERRABLE INITIALLY DEFERRED"
                + " FOR EACH ROW EXECUTE FUNCTION control.lose()");
        int admitted = test.admission.admitted.size();
        try {
            assertThatThrownBy(RulesInForceTest::hidePhone).hasStackTraceContaining("lost");
        } finally {
            test.change("DROP FUNCTION control.lose CASCADE");
        }
        TestWait.until(() -> test.admission.admitted.size() > admitted);
    }

    @Test
    void whatAProofWarnsOfIsToldWithTheChangeThatBringsItOnce() {
        test.succeed(branch("other"));
        test.admission.warnings = List.of("Nobody has looked at people.note");
        assertThat(hidePhone().warnings()).containsExactly("Nobody has looked at people.note");
        assertThat(define(mask("hide_more", Set.of("testers"), Set.of(), "phone"))
                        .warnings())
                .isEmpty();
        test.admission.warnings =
                IntStream.rangeClosed(1, 12).mapToObj(n -> "column " + n).toList();
        assertThat(test.plane
                        .metastore()
                        .policies()
                        .delete(root, CATALOG, "hide_more")
                        .warnings())
                .hasSize(11)
                .startsWith("column 1")
                .last()
                .asString()
                .contains("2 more", "branches verify");
        test.succeed(test.plane.branches().delete(TestPlane.CALLER, "shop", "other", true));
    }
}
