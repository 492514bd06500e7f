package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.request.Address;
import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import dev.espalier.identity.Principal;
import dev.espalier.storage.Backend;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** To which project a database's name alone leads somebody who may use several. */
class DatabaseNamesTest {

    private static final String HOME = "production";

    @TempDir
    static Path directory;

    private static TestPlane test;
    private static Principal root;
    private static Principal other;

    @BeforeAll
    static void start() {
        test = TestPlane.start(directory, Backend.COPY);
        test.plane.principals().addAdministrator("root-id", "root", "none");
        test.plane.principals().addAdministrator("other-id", "other", "none");
        root = test.plane.principals().named("root").orElseThrow();
        other = test.plane.principals().named("other").orElseThrow();
        test.succeed(test.plane.projects().create(CALLER, "shop", PLAIN));
        test.succeed(test.plane.projects().create(CALLER, "west", PLAIN));
    }

    @AfterAll
    static void stop() {
        test.close();
        TestPlane.stopLeftovers(directory);
    }

    @Test
    void aNameLeadsWhereTheDatabaseIsWhateverSqlHasMadeAndDropped() throws SQLException {
        create("shop", "crm");
        create("west", "crm");
        assertThatThrownBy(() -> projectOf("crm")).hasMessageContaining("Write one of: shop/crm, west/crm.");

        test.execute(HOME, "DROP DATABASE crm");
        assertThat(projectOf("crm")).isEqualTo("west");
        assertThatThrownBy(() -> projectOf("shop/crm")).hasMessageContaining("there is no database \"crm\"");
        test.execute(HOME, "CREATE DATABASE plans");
        assertThat(projectOf("plans")).isEqualTo("shop");

        test.execute(HOME, "DROP DATABASE plans");
        // One who has not just been there.
        assertThatThrownBy(() -> projectOf(other, "plans"))
                .hasMessageContaining("\"plans\" does not tell which project is meant");
        assertThat(test.rows("SELECT name FROM control.known_database")).doesNotContain("plans");
        create("west", "plans");
        assertThat(projectOf("plans")).isEqualTo("west");
    }

    @Test
    void whatTheApiDropsOrRenamesIsNotRememberedWhereTheBranchSleeps() {
        for (String database : new String[] {"stock", "staff"}) {
            create("shop", database);
            create("west", database);
        }
        test.succeed(test.plane.databases().delete(CALLER, "shop", HOME, "stock"));
        test.succeed(
                test.plane.databases().update(CALLER, "shop", HOME, "staff", Optional.of("people"), Optional.empty()));
        test.succeed(test.plane.endpoints().suspend(CALLER, "shop", HOME, Endpoint.PRIMARY));
        assertThat(projectOf("stock")).isEqualTo("west");
        assertThat(projectOf("staff")).isEqualTo("west");
        assertThat(projectOf("people")).isEqualTo("shop");
    }

    @Test
    void whatAnotherBranchDropsIsStillFoundOnTheDefaultBranch() {
        create("west", "depot");
        test.succeed(test.plane
                .branches()
                .create(
                        CALLER,
                        "west",
                        "side",
                        new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never()),
                        false));
        test.succeed(test.plane.databases().delete(CALLER, "west", "side", "depot"));
        assertThat(test.rows("SELECT name FROM control.known_database")).contains("depot");
        assertThat(projectOf("depot")).isEqualTo("west");
    }

    private static void create(String project, String database) {
        test.succeed(test.plane
                .databases()
                .create(CALLER, project, HOME, database, Optional.of(database), CALLER.principal(), false));
    }

    private static String projectOf(String address) {
        return projectOf(root, address);
    }

    private static String projectOf(Principal who, String address) {
        return test.plane
                .logins()
                .open(who, Optional.empty(), Address.parse(address), Optional.empty())
                .project()
                .projectId();
    }
}
