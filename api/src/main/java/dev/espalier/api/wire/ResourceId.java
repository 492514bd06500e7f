package dev.espalier.api.wire;

import java.util.Locale;

/** Ids that are made up where a request gives none. */
public final class ResourceId {

    private ResourceId() {}

    /** An id as near to a name in PostgreSQL as the letters of an id allow. Whether it is long enough is checked elsewhere. */
    public static String from(String postgresName) {
        return postgresName
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-+|-+$", "");
    }
}
