package dev.espalier.api.database;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.api.wire.Wire;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A database as a client sends it. */
public record DatabaseRequest(Optional<Spec> spec) {

    private static final String POSTGRES_DATABASE = "spec.postgres_database";
    private static final String ROLE = "spec.role";

    static final UpdateMask.Fields FIELDS = new UpdateMask.Fields(List.of(POSTGRES_DATABASE, ROLE), Map.of());

    /** What the database is to be. */
    public record Spec(
            @JsonPropertyDescription("Its name in PostgreSQL; the id where not given.")
            Optional<String> postgresDatabase,

            @JsonPropertyDescription("The role that owns it, by its full name or id.")
            Optional<String> role) {}

    /** The name in PostgreSQL that is asked for. */
    Optional<String> postgresDatabase() {
        return given().postgresDatabase();
    }

    Optional<String> postgresDatabase(UpdateMask mask) {
        return mask.value(POSTGRES_DATABASE, postgresDatabase());
    }

    /** The owner of a new database, which must be given. */
    String role() {
        return given().role()
                .orElseThrow(() -> new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        ROLE + " is missing. Give the role that is to own the database, by its full name or id."));
    }

    Optional<String> role(UpdateMask mask) {
        return mask.value(ROLE, given().role());
    }

    private Spec given() {
        return spec.orElseGet(() -> Wire.empty(Spec.class));
    }
}
