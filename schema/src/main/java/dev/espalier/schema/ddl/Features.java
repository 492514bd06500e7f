package dev.espalier.schema.ddl;

import dev.espalier.schema.model.SchemaObject;
import java.util.Optional;

/** What a newer server's schema may have that an older server cannot make. */
final class Features {

    private Features() {}

    /** Why a server of this major version cannot make the object; empty if it can, or nobody can say before trying. */
    static Optional<String> missing(SchemaObject object, int version) {
        String definition = object.property("definition").orElse("");
        return switch (object.id().kind()) {
            case CONSTRAINT, FOREIGN_KEY -> {
                if (version < 18 && definition.endsWith(" NOT ENFORCED")) {
                    yield no("constraints that are not enforced", version);
                }
                boolean temporal = definition.contains(" WITHOUT OVERLAPS)") || definition.contains(", PERIOD ");
                yield version < 18 && temporal ? no("keys over periods of time", version) : Optional.empty();
            }
            case COLLATION -> {
                if (version < 17 && object.required("provider").equals("builtin")) {
                    yield no("builtin collations", version);
                }
                yield version < 16 && object.property("rules").isPresent()
                        ? no("collations with rules", version)
                        : Optional.empty();
            }
            case DEFAULT_PRIVILEGES ->
                version < 18 && object.id().part().equals("LARGE OBJECTS")
                        ? no("default privileges on large objects", version)
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static Optional<String> no(String what, int version) {
        return Optional.of("not made: PostgreSQL " + version + " has no " + what);
    }
}
