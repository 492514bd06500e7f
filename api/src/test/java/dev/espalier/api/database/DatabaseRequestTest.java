package dev.espalier.api.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.api.Json;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.control.Database;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ResourceName;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DatabaseRequestTest {

    private static final String BODY =
            "{\"spec\": {\"postgres_database\": \"orders\", \"role\": \"projects/shop/branches/dev/roles/owner\"}}";

    @Test
    void aDatabaseHasANameAndAnOwner() {
        DatabaseRequest wanted = Json.request(BODY, DatabaseRequest.class);

        assertThat(wanted.postgresDatabase()).contains("orders");
        assertThat(wanted.role()).isEqualTo("projects/shop/branches/dev/roles/owner");
    }

    @Test
    void aNewDatabaseMustHaveAnOwner() {
        assertThatThrownBy(() -> Json.request("{}", DatabaseRequest.class).role())
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("spec.role is missing");
    }

    @Test
    void theMaskDecidesWhatChanges() {
        DatabaseRequest wanted = Json.request(BODY, DatabaseRequest.class);
        UpdateMask mask = UpdateMask.parse(Optional.of("spec.role"), DatabaseRequest.FIELDS);

        assertThat(wanted.postgresDatabase(mask)).isEmpty();
        assertThat(wanted.role(mask)).contains("projects/shop/branches/dev/roles/owner");
    }

    @Test
    void anAnswerNamesTheOwnerInFull() {
        assertThat(Json.answer(DatabaseResource.of(new Database(
                        ResourceName.below("shop", "dev", "databases", "orders-db"),
                        "orders-db",
                        "orders",
                        ResourceName.below("shop", "dev", "roles", "owner")))))
                .isEqualTo(Json.tree("""
                {"name": "projects/shop/branches/dev/databases/orders-db", "database_id": "orders-db",
                 "parent": "projects/shop/branches/dev",
                 "status": {"database_id": "orders-db", "postgres_database": "orders",
                            "role": "projects/shop/branches/dev/roles/owner"}}"""));
    }
}
