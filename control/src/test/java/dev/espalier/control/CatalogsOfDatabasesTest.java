package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.metastore.Catalogs;
import dev.espalier.control.metastore.ColumnName;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How long a catalog is there whose database is dropped. */
class CatalogsOfDatabasesTest extends GovernedShop {

    private static void make(String database) {
        test.succeed(test.plane
                .databases()
                .create(CALLER, "shop", "production", database, Optional.empty(), "tester", false));
    }

    private static void drop(String branch, String database) {
        test.succeed(test.plane.databases().delete(CALLER, "shop", branch, database));
    }

    private static Catalogs catalogs() {
        return test.plane.metastore().catalogs();
    }

    @Test
    void aCatalogStaysWhereItsDatabaseIsDroppedOnAnotherBranchThanTheDefault() {
        make("orders");
        test.succeed(branch("dev"));

        drop("dev", "orders");
        assertThat(catalogs().get(root, "orders").name()).isEqualTo("orders");

        drop("production", "orders");
        assertThatThrownBy(() -> catalogs().get(root, "orders")).hasMessageContaining("there is no catalog orders");
    }

    @Test
    void aCatalogThatHasACommentOrAnOwnerOfItsOwnStays() {
        make("owned");
        make("told");
        catalogs().update(root, "owned", Optional.of("testers"), Optional.empty());
        catalogs().update(root, "told", Optional.empty(), Optional.of("what is bought"));

        drop("production", "owned");
        drop("production", "told");

        assertThat(catalogs().get(root, "owned")).extracting(Catalog::owner).isEqualTo(Optional.of("testers"));
        assertThat(catalogs().get(root, "told")).extracting(Catalog::comment).isEqualTo(Optional.of("what is bought"));
    }

    @Test
    void aCatalogOfWhichATagWasDismissedStays() throws SQLException {
        make("looked");
        inDatabase("looked", "CREATE TABLE public.sold (note text)");
        ColumnName note = new ColumnName("looked", "public", "sold", "note");
        test.plane.metastore().tagProposals().dismiss(root, note, "pii", "email");

        drop("production", "looked");

        assertThat(catalogs().get(root, "looked").name()).isEqualTo("looked");
    }
}
