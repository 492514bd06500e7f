package dev.espalier.control.request;

import java.util.Locale;

/** Ids that are made up where nobody gives one. */
public final class ResourceId {

    private static final int LONGEST = 63;

    private ResourceId() {}

    /**
     * An id as near to a name in PostgreSQL as the letters of an id allow: the one that it has if it is made with SQL alone.
     */
    public static String from(String postgresName) {
        String id = postgresName
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-+|-+$", "");
        String named = id.matches("[a-z].*") ? id : "r-" + id;
        return named.substring(0, Math.min(named.length(), LONGEST));
    }
}
