package dev.espalier.api.http;

/** Who may call a route. */
public enum Access {
    /** Anyone, without having signed in. */
    ANYONE,
    /** Whoever has signed in; the route itself looks at what he may see. */
    SIGNED_IN,
    /** Whoever may use the project in the path: to look, or, where something is changed, to manage it. */
    PROJECT,
    /**
     * As {@link #PROJECT}, and those who may make branches by the catalogs' grants: to make one, and to change the one in the
     * path if they have made it.
     */
    BRANCH,
    /** Administrators. */
    ADMINISTRATOR
}
